"""From packets to the record and back: capture, ledger, the real docket and its rules, manifest, bytes."""

import asyncio
from pathlib import Path

from hearing.docket import Docket
from hearing.proceedings import COURT
from hearing.proceedings import events as happened
from hearing.proceedings.commands import StartSitting
from recording import segments
from recording.ledger import Ledger
from recording.segments import Manifest
from recording.storage.file import FileStore
from tests.recording.matroska import frames
from tests.recording.recorder import Recorder
from tests.recording.rtp import Sender, in_order_of_arrival, opus_frames
from tests.support.hearings import CLERK, schedule
from tests.support.record import ListRecord
from tests.support.time import CountingIds, SetClock

START = 100.0


async def test_what_was_sent_is_in_the_record_and_is_read_back_through_it(tmp_path: Path) -> None:
    record = ListRecord()
    docket = Docket(record, SetClock(), CountingIds())
    await docket.handle("hearing-1", schedule(), by="person-clerk", op_id="schedule")
    await docket.handle("hearing-1", StartSitting(sitting="sitting-1"), by=CLERK, op_id="start")
    directory = tmp_path / "hearing-1" / "sitting-1"
    ledger = Ledger(docket, tmp_path)
    ledger.open("room", "hearing-1", directory)

    sound = opus_frames(10)
    recorder = Recorder(directory, now=START, options={"low_disk_bytes": 1})  # however full this machine's disk is
    heard = recorder.open("audio")
    recorder.feed(heard, in_order_of_arrival(Sender(48_000, 0.02, started=START).audio(sound)))
    heard.close("left")
    await asyncio.to_thread(recorder.capture.close)
    for number, body in enumerate(recorder.notices):
        if number != 2:  # one was told while nobody listened
            ledger.notice("room", body)
    await ledger.settled("room")
    for _ in range(2):  # a web process that starts anew enters nothing twice
        await ledger.close()
        ledger = Ledger(docket, tmp_path)
        ledger.open("room", "hearing-1", directory)
        await ledger.recover("room", 200_000)
    await ledger.close()
    await docket.close()

    entries = record.entries["hearing-1"]
    assert all(entry.by == COURT for entry in entries if isinstance(entry.event, happened.SegmentClosed))
    (track,) = Manifest.from_entries(entries).tracks.values()
    assert [segment.index for segment in track.segments] == [0, 1, 2]
    assert (track.source, track.codec, track.closed) == ("source", "opus", "left")
    assert abs(track.recorded_ms - 10_000) <= 25
    store = FileStore(tmp_path)
    content = await segments.header(store, track)
    async for piece in segments.read(store, track, 0, 1 << 40):
        content += piece.content
    assert [frame.data for frame in frames(content)] == sound
    assert not any(isinstance(entry.event, happened.AlarmRaised) for entry in entries)
