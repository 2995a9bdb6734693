"""Sound comes out of our files with the hearing clock beside it, whatever is missing in between."""

import numpy as np
import pytest

from recording import webm
from recording.decode import BrokenSound, SoundDecoder, decode_file, header_of
from tests.recording.speech import opus, segmented


def tone(seconds: float) -> np.ndarray:
    t = np.arange(round(seconds * 16_000)) / 16_000
    return (8_000 * np.sin(2 * np.pi * 440 * t)).astype(np.int16)


def test_every_sample_has_its_time_on_the_hearing_clock() -> None:
    content, _ = segmented(webm.audio_header(), opus(tone(3)), 123_456, 20)
    sounds = list(decode_file(content))
    assert sounds[0].t_ms == 123_456 and sounds[0].after_gap
    assert not any(sound.after_gap for sound in sounds[1:])
    assert abs(sum(len(sound.pcm) for sound in sounds) / 16 - 3_000) <= 25
    pcm = np.concatenate([sound.pcm for sound in sounds])[16_000:32_000].astype(float)
    spectrum = np.abs(np.fft.rfft(pcm))
    assert int(np.argmax(spectrum)) == 440, "one second of sound: a bin is 1 Hz"


def test_segments_are_decoded_one_after_the_other_with_one_codec() -> None:
    content, segments = segmented(webm.audio_header(), opus(tone(10)), 5_000, 20)
    whole = np.concatenate([sound.pcm for sound in decode_file(content)])
    decoder = SoundDecoder(header_of(content))
    parts = [sound.pcm for offset, length, *_ in segments for sound in decoder.feed(content[offset : offset + length])]
    assert len(segments) == 3 and np.array_equal(np.concatenate(parts), whole)


def test_a_lost_packet_becomes_silence_of_its_length_and_a_mute_becomes_a_gap() -> None:
    packets = opus(tone(4))
    lossy = packets[:50] + packets[53:100] + packets[150:]
    content, _ = segmented(webm.audio_header(), lossy, 0, 20)
    sounds = list(decode_file(content))
    (silence,) = [sound for sound in sounds if not sound.pcm.any() and 900 < sound.t_ms < 1_200]
    assert (silence.t_ms, len(silence.pcm)) == (1_000, 60 * 16) and not silence.after_gap
    assert [sound.t_ms for sound in sounds if sound.after_gap] == [0, 3_000]


def test_rubbish_is_refused() -> None:
    with pytest.raises(BrokenSound):
        list(SoundDecoder(b"").feed(b"no clusters at all" * 20))
