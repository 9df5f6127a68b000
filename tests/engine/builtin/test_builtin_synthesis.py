"""espeak-ng under the built-in voice: its binding, its stream, its shaping."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from at_once import slow_but

from engine.builtin.espeak import BUFFER_MS, WordEvent, loaded_espeak
from engine.builtin.shaping import Sound, shaped
from engine.builtin.synthesis import Block, spoken_blocks
from engine.errors import BuiltInVoiceError
from engine.text.languages import all_records
from engine.types import SAMPLE_RATE_HZ

ENGLISH = "gmw/en-US"
RATE_HZ = 22_050


def never() -> bool:
    return False


def sounds(text: str, voice: str = ENGLISH) -> list[Sound]:
    return list(shaped(spoken_blocks(text, voice, never), pause_ms=0))


def raw(text: str, voice: str = ENGLISH) -> np.ndarray:
    return np.concatenate([block.samples for block in spoken_blocks(text, voice, never)])


def test_returning_false_stops_synthesis_at_once() -> None:
    buffers: list[np.ndarray] = []

    def on_sound(samples: np.ndarray, words: list[WordEvent]) -> bool:
        assert isinstance(words, list)
        buffers.append(samples)
        return len(buffers) < 3

    with loaded_espeak() as espeak:
        espeak.select(ENGLISH)
        espeak.synthesize("A long sentence that is not going to be spoken to its end, by far.", on_sound)
        assert espeak.sample_rate_hz == RATE_HZ
    assert len(buffers) == 3
    assert sum(map(len, buffers)) <= 3 * BUFFER_MS * RATE_HZ // 1000 + 3


def test_cancel_is_polled_in_the_callback() -> None:
    polls = 0

    def cancelled_after_five_polls() -> bool:
        nonlocal polls
        polls += 1
        return polls > 5

    blocks = list(
        spoken_blocks("One two three four five six seven eight nine ten. " * 5, ENGLISH, cancelled_after_five_polls)
    )
    assert not any(block.is_last for block in blocks)
    assert sum(len(block.samples) for block in blocks) <= 6 * BUFFER_MS * RATE_HZ // 1000


def test_blocks_join_to_what_the_library_gives() -> None:
    text = "The quick brown fox, and then it rests."
    whole: list[np.ndarray] = []

    def on_sound(samples: np.ndarray, words: list[WordEvent]) -> bool:
        assert all(0 <= word.position < len(text) for word in words)
        whole.append(samples)
        return True

    with loaded_espeak() as espeak:
        espeak.select(ENGLISH)
        espeak.synthesize(text, on_sound)
    assert np.array_equal(raw(text), np.concatenate(whole))


def test_resampling_gives_twice_the_samples_however_they_are_cut() -> None:
    samples = raw("Hello there, my friend.")
    whole = [Block(samples, RATE_HZ, (), is_last=True)]
    cuts = [0, 3000, 3001, 9000, len(samples)]
    parts = [Block(samples[start:end], RATE_HZ, (), is_last=end == len(samples)) for start, end in pairwise(cuts)]
    one = np.concatenate([sound.samples for sound in shaped(whole, 0)])
    many = np.concatenate([sound.samples for sound in shaped(parts, 0)])
    assert np.array_equal(one, many)
    audible = np.flatnonzero(np.abs(samples.astype(int)) > 33)
    lead = max(0, audible[0] - 220)
    assert len(one) == 2 * (min(len(samples), audible[-1] + 1 + 441) - lead)


def test_an_impulse_stays_in_its_place() -> None:
    samples = np.zeros(RATE_HZ, np.int16)
    samples[100], samples[10_000], samples[-200] = 500, 20_000, 500
    one = np.concatenate([sound.samples for sound in shaped([Block(samples, RATE_HZ, (), is_last=True)], 0)])
    assert int(np.abs(one).argmax()) == 20_000


@pytest.mark.parametrize("tone_hz", [220.0, 1000.0, 5000.0])
def test_resampling_keeps_pitch_and_adds_no_image(tone_hz: float) -> None:
    samples = (10_000 * np.sin(2 * np.pi * tone_hz / RATE_HZ * np.arange(RATE_HZ))).astype(np.int16)
    one = np.concatenate([sound.samples for sound in shaped([Block(samples, RATE_HZ, (), is_last=True)], 0)])
    spectrum = np.abs(np.fft.rfft(one * np.hanning(len(one))))
    hz = np.fft.rfftfreq(len(one), 1 / SAMPLE_RATE_HZ)
    assert hz[spectrum.argmax()] == pytest.approx(tone_hz, abs=2)
    above = spectrum[hz > RATE_HZ / 2 + 500].max()
    assert 20 * np.log10(above / spectrum.max()) < -60


def test_a_vowel_keeps_its_pitch() -> None:
    """The fundamental of a spoken vowel is the same before and after resampling."""

    def pitch_hz(samples: np.ndarray, rate_hz: int) -> float:
        middle = samples[len(samples) // 3 : len(samples) // 3 + rate_hz // 10].astype(float)
        correlation = np.correlate(middle, middle, "full")[len(middle) - 1 :]
        lags = np.arange(rate_hz // 300, rate_hz // 60)
        return rate_hz / float(lags[correlation[lags].argmax()])

    before = raw("Aaaah")
    after = np.concatenate([sound.samples for sound in sounds("Aaaah")])
    lead = (2 * len(before) - len(after)) // 2
    assert abs(lead) < 60 * RATE_HZ // 1000
    assert 60 < pitch_hz(before, RATE_HZ) < 300
    assert pitch_hz(after, SAMPLE_RATE_HZ) == pytest.approx(pitch_hz(before, RATE_HZ), rel=0.05)


HARMLESS = [
    *("[[h@l'oU]]", "<speak>x<break time='30s'/></speak>", "&lt;b&gt; &amp;", "..", "a..b", "%s%n%d", "\\x00"),
    *(
        "a" * 2000,
        "漢" * 60,
        "1" * 120,
        "I said 你好 to 世界.",
        "😀🎉🇫🇷",
        "Z̸̢̛a̵l̴g̶o",
        "नमस्ते",
        "שלום",
        "ไทย",
        "\u200b\ufeff",
    ),
    *("\u28fe", "\U0001f6bc\u255d\u20a0\U0001f3eb", "?!?!?!", "-" * 300, "1.2.3.4.5", "ﷺ", "x\n\ny", " ", ""),
]


@pytest.mark.parametrize(
    "voice", slow_but([ENGLISH, "jpx/ja"], [ENGLISH, "sit/cmn", "jpx/ja", "gmw/de", "sem/ar", "zle/ru", "ko"])
)
def test_odd_text_neither_crashes_nor_runs_away(voice: str) -> None:
    for text in HARMLESS:
        blocks = list(spoken_blocks(text, voice, never))
        assert blocks[-1].is_last
        assert not any(block.ran_away for block in blocks), text
        words = [word for block in blocks for word in block.words]
        assert all(0 <= word.start < word.end <= len(text) for word in words)


def test_what_looks_like_ssml_or_phonemes_is_text() -> None:
    assert len(raw("<break time='30s'/>")) < 5 * RATE_HZ
    assert not np.array_equal(raw("[[h@l'oU]]"), raw("hello"))


def test_what_espeak_cannot_read_is_nothing() -> None:
    assert sounds("—") == []
    assert sounds("") == []
    assert sounds("\u28fe", "sem/ar") == []


def test_a_runaway_is_stopped_and_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.builtin.synthesis.MAX_START_S", 0)
    monkeypatch.setattr("engine.builtin.synthesis.MAX_S_PER_CODE_POINT", 0.01)
    text = "This takes longer than a hundredth of a second for each sign."
    blocks = list(spoken_blocks(text, ENGLISH, never))
    assert blocks[-1].ran_away
    n_samples = sum(len(block.samples) for block in blocks)
    assert n_samples <= (0.01 * len(text) + 2 * BUFFER_MS / 1000) * RATE_HZ


def test_every_language_has_its_voice() -> None:
    with loaded_espeak() as espeak:
        listed = {voice.identifier: voice.languages for voice in espeak.voices()}
    codes = {"zh": "cmn", "en": "en-us", "es": "es-419", "pt": "pt-br", "fr": "fr-fr"}
    for record in all_records():
        name = listed[record.espeak_voice][0]
        assert name == codes.get(record.code, record.code)
        assert name.split("-")[0] in (record.espeak_codes or (record.code,))


def test_selecting_nobody_is_an_error() -> None:
    with loaded_espeak() as espeak, pytest.raises(BuiltInVoiceError, match="nobody"):
        espeak.select("nobody")


@pytest.fixture
def loader(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    yield monkeypatch
    monkeypatch.undo()
    assert sounds("Still here.")  # whatever failed, the library is free and whole again


def test_library_missing_or_not_a_library(loader: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for path in (tmp_path / "none.so", tmp_path / "text.so"):
        loader.setattr("espeakng_loader.get_library_path", lambda path=path: str(path))
        with pytest.raises(BuiltInVoiceError, match="does not load"), loaded_espeak():
            pass
        (tmp_path / "text.so").write_text("no library")


def test_wheel_missing(loader: pytest.MonkeyPatch) -> None:
    loader.setitem(sys.modules, "espeakng_loader", None)
    with pytest.raises(BuiltInVoiceError, match="espeakng"), loaded_espeak():
        pass


def test_data_missing(loader: pytest.MonkeyPatch, tmp_path: Path) -> None:
    loader.setattr("espeakng_loader.get_data_path", lambda: str(tmp_path / "none"))
    with pytest.raises(BuiltInVoiceError, match="cannot read its data"), loaded_espeak():
        pass


@pytest.mark.parametrize("name", ["ö ü日本", "a" * 160], ids=["odd characters", "longer than espeak-ng takes"])
def test_data_path(name: str, loader: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import espeakng_loader

    odd = tmp_path / name / "espeak-ng-data"
    shutil.copytree(espeakng_loader.get_data_path(), odd)
    expected = raw("Hello.")
    loader.setattr("espeakng_loader.get_data_path", lambda: str(odd))
    assert np.array_equal(raw("Hello."), expected)
