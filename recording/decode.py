"""Opus out of our WebM files -> 16 kHz mono sound with the hearing clock beside it.

The block times in our WebM files are hearing-clock milliseconds, so nothing is counted up from the start of a file:
each packet brings its own time, and a sound card that drifts cannot move a word.
"""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import av
import numpy as np

from recording import webm
from recording.asr.ports import SAMPLE_RATE, Pcm

# A packet is 20 ms, rarely 60. A hole up to here is a loss inside speech and becomes silence of the same length, so
# that a word is not torn from its sentence; a longer one is a gap: a mute, a pause, a silence that nobody sent.
GAP_MS = 300
SLACK_MS = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Sound:
    """Samples of one packet; the first of them was heard at `t_ms`. `after_gap`: nothing was heard just before."""

    t_ms: int
    pcm: Pcm
    after_gap: bool = False


def header_of(start_of_file: bytes) -> bytes:
    """The head of a WebM file, which every run of clusters needs before it. Empty while it is not written yet."""
    return start_of_file[: webm.header_length(start_of_file) or 0]


class SoundDecoder:
    """Decodes one track, run after run of whole clusters, in order. Keeps the codec's state from run to run."""

    def __init__(self, header: bytes) -> None:
        self._header = header
        self._codec: av.AudioCodecContext | None = None
        self._resampler: av.AudioResampler | None = None
        self._expected_ms: int | None = None

    def feed(self, clusters: bytes) -> Iterator[Sound]:
        """The sound of some whole clusters. The caller must hand in each cluster once and in order."""
        for t_ms, duration_ms, frames in self._packets(clusters):
            hole = None if self._expected_ms is None else t_ms - self._expected_ms
            gap = hole is None or hole > GAP_MS
            if gap or self._resampler is None:
                # What the filter still holds belongs before the gap; it is under a millisecond and is let go.
                self._resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
            elif hole is not None and hole > SLACK_MS:
                silence = np.zeros(hole * SAMPLE_RATE // 1000, np.int16)
                yield Sound(t_ms=t_ms - hole, pcm=silence)
            pieces = [piece.to_ndarray()[0] for frame in frames for piece in self._resampler.resample(frame)]
            self._expected_ms = t_ms + duration_ms
            if pieces:
                yield Sound(t_ms=t_ms, pcm=np.concatenate(pieces).astype(np.int16, copy=False), after_gap=gap)

    def _packets(self, clusters: bytes) -> Iterator[tuple[int, int, list[av.AudioFrame]]]:
        content = clusters if clusters.startswith(webm.EBML) else self._header + clusters
        try:
            container = av.open(io.BytesIO(content), "r", format="matroska")
        except av.FFmpegError as fault:
            raise BrokenSound(str(fault)) from fault
        with container:
            stream = container.streams.audio[0]
            codec = self._codec = self._codec or _decoder_like(stream.codec_context)
            for packet in container.demux(stream):
                if packet.size == 0 or packet.pts is None or packet.time_base is None:
                    continue
                t_ms = round(packet.pts * packet.time_base * 1000)
                bare = av.Packet(bytes(packet))
                try:
                    frames = codec.decode(bare)
                except av.FFmpegError:
                    # One broken packet is 20 ms of silence, not the end of the track.
                    frames = []
                samples = sum(frame.samples for frame in frames)
                yield t_ms, round(samples * 1000 / codec.sample_rate) or 20, frames


def _decoder_like(described: av.AudioCodecContext) -> av.AudioCodecContext:
    codec = av.AudioCodecContext.create(described.name, "r")
    assert isinstance(codec, av.AudioCodecContext)
    codec.extradata = described.extradata
    codec.sample_rate = described.sample_rate or 48_000
    codec.layout = described.layout
    return codec


class BrokenSound(Exception):
    """These bytes are not clusters of a sound track."""


def decode_file(content: bytes) -> Iterable[Sound]:
    """A whole track file at once, for tools and tests."""
    return SoundDecoder(header_of(content[:65_536])).feed(content)
