"""Voices that the model makes up, with the tiny checkpoint: kept, and the same when they are spoken with again."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from engine import (
    CancelToken,
    CloningEngine,
    PcmChunk,
    Reference,
    SegmentDone,
    SpeechOptions,
    SpeechRequest,
    Voice,
    VoiceError,
)
from engine.builtin import BuiltInVoice
from engine.speech.opening import open_s1
from engine.voice_library import ImprovisedVoice, improvise, load_voice, sound_of_voice
from engine.voice_library.library import VoiceLibrary

OPTIONS = SpeechOptions(seed=7, language="en", max_attempts=1, max_frames=20)  # random weights find no end


@pytest.fixture(scope="module")
def tiny(tiny_checkpoint: Path) -> Iterator[CloningEngine]:
    engine = open_s1(tiny_checkpoint, "cpu")
    yield engine
    engine.close()


def test_the_voice_of_a_reading_is_kept_and_sounds_the_same(tiny: CloningEngine, library: VoiceLibrary) -> None:
    improvised = ImprovisedVoice()
    assert not improvised.is_there
    sounds: list[np.ndarray] = []
    last = None
    for event in tiny.speak(SpeechRequest("One. Two.", options=OPTIONS), CancelToken()):
        improvised.take(event)
        if isinstance(event, PcmChunk) and event.segment == 0:
            sounds.append(event.samples)
        if isinstance(event, SegmentDone):
            last = event.voice
    assert improvised.is_there
    library.add(improvised.stored("Kept"))
    loaded = load_voice("Kept", library.folder, tiny.codec.encode, tiny.codec.n_codebooks)
    assert last is not None
    assert [reference.text for reference in loaded.references] == [reference.text for reference in last.references]
    for found, wanted in zip(loaded.references, last.references, strict=True):
        np.testing.assert_array_equal(found.codes, wanted.codes)
    stored = library.read("Kept")
    assert stored.language == "en"
    kept = sound_of_voice(stored)
    assert kept is not None
    samples, rate_hz = kept
    whole = np.concatenate(sounds)[: samples.size]
    assert rate_hz == 44_100
    assert samples.size == loaded.references[0].codes.shape[1] * 2048
    assert np.abs(samples - np.clip(whole, -1, 1)).max() < 1e-3, "what was heard, in 16 bits"


def test_what_is_no_improvised_voice_is_not_kept(tiny: CloningEngine) -> None:
    built_in = ImprovisedVoice()
    for event in BuiltInVoice().speak(SpeechRequest("One."), CancelToken()):
        built_in.take(event)
    chosen = ImprovisedVoice()
    codes = tiny.codec.encode(np.zeros(4096, np.float32))
    request = SpeechRequest("One.", Voice("Anna", (Reference("Text.", codes),)), OPTIONS)
    for event in tiny.speak(request, CancelToken()):
        chosen.take(event)
    for voice in (built_in, chosen, ImprovisedVoice()):
        with pytest.raises(VoiceError, match="not_improvised"):
            voice.stored("x")


@pytest.mark.slow
def test_a_gallery_has_a_voice_for_each_seed_and_the_same_again(
    tiny: CloningEngine, library: VoiceLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.voice_library.gallery.SpeechOptions", partial(SpeechOptions, max_frames=20))
    first = list(improvise(tiny, range(5, 7), CancelToken(), text="Yes."))
    again = list(improvise(tiny, [6], CancelToken(), text="Yes."))
    assert [candidate.seed for candidate in first] == [5, 6]
    codes, codes_again = (candidate.stored("x").recordings[0].codes for candidate in (first[1], again[0]))
    assert codes is not None
    np.testing.assert_array_equal(codes, codes_again)
    np.testing.assert_allclose(first[1].samples, again[0].samples, atol=1e-4)  # chunks follow the computer's speed
    assert not np.array_equal(first[0].samples[:2000], first[1].samples[:2000])
    assert first[0].seconds == pytest.approx(first[0].samples.size / 44_100)
    info = library.add(first[1].stored("Number six"))
    assert (info.has_sound, info.is_encoded) == (True, True)
    assert "seed 6" in info.notes


def test_a_gallery_ends_when_it_is_cancelled_and_needs_s1(tiny: CloningEngine) -> None:
    cancel = CancelToken()
    cancel.cancel()
    assert list(improvise(tiny, range(3), cancel, text="Yes.")) == []
    with pytest.raises(VoiceError, match="not_improvised"):
        list(improvise(BuiltInVoice(), range(1), CancelToken(), text="Yes."))
