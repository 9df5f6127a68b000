"""What is told about a recording: of the built-in voice's speech, which is known to be clean, and of it spoilt."""

from __future__ import annotations

import numpy as np
import pytest
from served import spoken

from engine import LANGUAGES, SAMPLE_RATE_HZ
from engine.voice_library import RecordingDoubt, check_recording, script_in

TEXT = script_in("en")


@pytest.fixture(scope="module")
def speech() -> np.ndarray:
    return spoken(TEXT, "built-in/espeak")


def doubts(samples: np.ndarray, text: str = "", rate_hz: int = SAMPLE_RATE_HZ) -> set[RecordingDoubt]:
    return set(check_recording(samples.astype(np.float32), rate_hz, text).doubts)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_good_recording_raises_no_doubt_in_any_language(language: str) -> None:
    text = script_in(language)
    check = check_recording(spoken(text), SAMPLE_RATE_HZ, text, language)
    assert set(check.doubts) <= {RecordingDoubt.LONG}, check  # espeak-ng reads some slowly
    assert check.is_usable
    assert 10 < check.seconds < 45


def test_its_figures_are_those_of_the_sound(speech: np.ndarray) -> None:
    check = check_recording(speech, SAMPLE_RATE_HZ)
    assert check.seconds == pytest.approx(speech.size / SAMPLE_RATE_HZ)
    assert 0.5 * check.seconds < check.speech_s < check.seconds
    assert 80 < check.pitch_hz < 130
    quieter = check_recording(speech / 2, SAMPLE_RATE_HZ)
    assert check.level_db - quieter.level_db == pytest.approx(6.02, abs=0.1)
    silence = np.zeros(2 * SAMPLE_RATE_HZ, np.float32)
    longer = check_recording(np.concatenate((speech, silence, speech)), SAMPLE_RATE_HZ)
    assert longer.longest_pause_s == pytest.approx(2.0 + check.longest_pause_s, abs=0.7)


@pytest.mark.parametrize("rate_hz", [16_000, 22_050, 48_000, 96_000])
def test_any_rate_will_do(speech: np.ndarray, rate_hz: int) -> None:
    at = np.arange(int(speech.size * rate_hz / SAMPLE_RATE_HZ)) * SAMPLE_RATE_HZ / rate_hz
    check = check_recording(np.interp(at, np.arange(speech.size), speech).astype(np.float32), rate_hz, TEXT)
    assert check.doubts == ()
    assert 80 < check.pitch_hz < 130


def test_two_people_are_doubted_and_one_is_not(speech: np.ndarray) -> None:
    other = spoken(TEXT, "built-in/f2")
    for samples in (speech, other, spoken(TEXT, "built-in/m7"), spoken(TEXT, "built-in/f5")):
        assert RecordingDoubt.SEVERAL_SPEAKERS not in doubts(samples)
    check = check_recording(np.concatenate((speech, other)), SAMPLE_RATE_HZ)
    assert RecordingDoubt.SEVERAL_SPEAKERS in check.doubts
    assert check.pitches_hz is not None
    low, high = check.pitches_hz
    assert 90 < low < 120
    assert 180 < high < 220


def test_what_is_wrong_with_the_sound(speech: np.ndarray) -> None:
    noise = np.random.default_rng(0).standard_normal(speech.size)
    assert doubts(speech / np.abs(speech).max()) == set(), "a loud voice is not a clipped one"
    assert doubts(np.clip(6 * speech, -1, 1)) == {RecordingDoubt.CLIPPED}
    assert doubts(np.clip(6 * speech, -1, 1) * 0.7) == {RecordingDoubt.CLIPPED}, "and made quieter, it stays one"
    assert doubts(speech * 0.02) == {RecordingDoubt.QUIET}
    assert doubts(speech + 0.02 * noise) == {RecordingDoubt.NOISY}
    assert doubts(speech + 0.3) == set(), "a constant offset is not heard"
    silence = np.zeros(2 * SAMPLE_RATE_HZ)
    assert doubts(np.concatenate((silence, speech))) == {RecordingDoubt.PAUSES}


@pytest.mark.slow
def test_lengths(speech: np.ndarray) -> None:
    second = SAMPLE_RATE_HZ
    assert doubts(speech[: 5 * second]) == {RecordingDoubt.SHORT}
    assert RecordingDoubt.LONG in doubts(np.tile(speech, 3))
    assert RecordingDoubt.TOO_LONG in doubts(np.tile(speech, 8))
    assert RecordingDoubt.TOO_SHORT in doubts(speech[: second // 2])
    for hopeless in (speech[: second // 2], np.tile(speech, 8), np.zeros(12 * second), np.zeros(0), speech[:100]):
        assert not check_recording(hopeless.astype(np.float32), SAMPLE_RATE_HZ).is_usable
    faint = 1e-4 * np.random.default_rng(0).standard_normal(12 * second)
    assert doubts(faint) == {RecordingDoubt.SILENT}


def test_a_transcript_that_is_not_what_is_said(speech: np.ndarray) -> None:
    assert doubts(speech, TEXT) == set()
    assert doubts(speech, TEXT * 4) == {RecordingDoubt.TEXT_LONG}
    assert doubts(speech, TEXT[:40]) == {RecordingDoubt.TEXT_SHORT}
    assert doubts(spoken(script_in("zh")), script_in("zh")) <= {RecordingDoubt.LONG}
