"""The choice of the engine is a table: every line of it is here; and each engine can do what its entry says."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import third_engine

from engine import (
    SAMPLE_RATE_HZ,
    BookmarkReached,
    CancelToken,
    DeviceError,
    EngineSetup,
    PcmChunk,
    Pronunciation,
    SpeechOptions,
    SpeechRequest,
    Voice,
    as_batching,
    codec_of,
)
from engine.registry import (
    ChoiceReason,
    DeviceRequest,
    EngineChoice,
    EngineEntry,
    choose_engine,
    engine_named,
    engine_of_voice,
)
from engine.text import read_ssml

FOLDER = Path("weights")
S1, BUILT_IN = engine_named("s1"), engine_named("built-in")


def never_asked() -> bool:
    pytest.fail("CUDA was asked for, which would import PyTorch")


def choose(
    checkpoint: Path | None, named: bool, device: DeviceRequest, cuda: bool | None, voice: str = ""
) -> EngineChoice:
    """`cuda` None: the question must not be asked."""
    return choose_engine(
        checkpoint=checkpoint,
        checkpoint_named=named,
        device=device,
        voice=voice,
        has_cuda=never_asked if cuda is None else lambda: cuda,
    )


@pytest.mark.parametrize(
    ("checkpoint", "named", "device", "cuda", "expected"),
    [
        (None, False, "auto", None, EngineChoice(BUILT_IN, None, "cpu", ChoiceReason.NO_CHECKPOINT)),
        (None, False, "cuda", None, EngineChoice(BUILT_IN, None, "cpu", ChoiceReason.NO_CHECKPOINT)),
        (FOLDER, False, "auto", True, EngineChoice(S1, FOLDER, "cuda", ChoiceReason.CHECKPOINT_FOUND)),
        (FOLDER, False, "auto", False, EngineChoice(BUILT_IN, None, "cpu", ChoiceReason.NO_CUDA)),
        (FOLDER, False, "cpu", None, EngineChoice(S1, FOLDER, "cpu", ChoiceReason.DEVICE_NAMED)),
        (FOLDER, False, "cuda", True, EngineChoice(S1, FOLDER, "cuda", ChoiceReason.DEVICE_NAMED)),
        (FOLDER, True, "auto", True, EngineChoice(S1, FOLDER, "cuda", ChoiceReason.CHECKPOINT_NAMED)),
        (FOLDER, True, "auto", False, EngineChoice(S1, FOLDER, "cpu", ChoiceReason.CHECKPOINT_NAMED)),
        (FOLDER, True, "cpu", None, EngineChoice(S1, FOLDER, "cpu", ChoiceReason.CHECKPOINT_NAMED)),
        (FOLDER, True, "cuda", True, EngineChoice(S1, FOLDER, "cuda", ChoiceReason.CHECKPOINT_NAMED)),
    ],
)
def test_the_table(
    checkpoint: Path | None, named: bool, device: DeviceRequest, cuda: bool | None, expected: EngineChoice
) -> None:
    assert choose(checkpoint, named, device, cuda) == expected


@pytest.mark.parametrize("named", [False, True])
def test_cuda_that_is_wished_and_absent_is_an_error(named: bool) -> None:
    with pytest.raises(DeviceError) as caught:
        choose(FOLDER, named, "cuda", False)
    assert caught.value.problem == "no_cuda"


@pytest.mark.parametrize("voice", ["built-in", "built-in/f3"])
def test_the_built_in_voice_by_its_name_wins(voice: str) -> None:
    assert choose(FOLDER, True, "auto", None, voice) == EngineChoice(BUILT_IN, None, "cpu", ChoiceReason.VOICE_NAMED)


def test_another_name_is_no_built_in_voice() -> None:
    assert choose(FOLDER, True, "cpu", None, "built-inish").checkpoint == FOLDER


@pytest.mark.parametrize(
    ("voice", "owner"),
    [("built-in", BUILT_IN), ("built-in/", BUILT_IN), ("built-in/f3", BUILT_IN), ("s1", None), ("", None)],
)
def test_a_voice_belongs_to_the_engine_that_its_name_begins_with(voice: str, owner: object) -> None:
    """S1 Mini has no voices of its own: a voice that a person keeps may be called "s1"."""
    assert engine_of_voice(voice) == owner


@pytest.mark.parametrize(
    "entry", [S1, BUILT_IN, engine_named("natural"), third_engine.ENTRY], ids=lambda entry: entry.name
)
def test_an_engine_can_do_what_its_entry_says(entry: EngineEntry, tiny_checkpoint: Path) -> None:
    can = entry.capabilities
    speaker = entry.open(EngineSetup(tiny_checkpoint, "cpu"))
    voice = Voice(entry.name if can.has_voices else "")
    options = SpeechOptions(language=can.languages[0], max_attempts=1)
    request = SpeechRequest("A sentence of a few words that takes a while to say.", voice, options)
    events = list(speaker.speak(request, CancelToken()))
    chunks = [event for event in events if isinstance(event, PcmChunk)]
    assert speaker.status().name == entry.display_name
    assert (codec_of(speaker) is not None) == can.clones
    assert (as_batching(speaker) is not None) == can.batches
    assert any(chunk.words for chunk in chunks) == can.word_times
    if not can.samples:  # so that the sound of a word is all that can make a difference
        sounds = (Pronunciation("sentence", "", ipa="ˈstɹɛŋθsɪz ænd ˈwiːknəsɪz"),)
        sounded = replace(request, options=replace(options, pronunciations=sounds))
        others = [event for event in speaker.speak(sounded, CancelToken()) if isinstance(event, PcmChunk)]
        n_samples, n_others = (sum(len(chunk.samples) for chunk in made) for made in (chunks, others))
        assert (n_others != n_samples) == can.phonemes
    assert any(getattr(event, "voice", None) is not None for event in events) == can.improvises
    assert (events[-1].seed is not None) == can.samples  # type: ignore[union-attr]
    assert len(chunks) > 1 or not can.streams
    assert bool(entry.offered_voices) == can.has_voices
    assert all(entry.has_voice(name) for name in (*entry.offered_voices, *entry.voice_names()))
    marked = read_ssml('<speak>One.<break time="3s"/><mark name="two"/>Two.</speak>')
    noted = list(speaker.speak(SpeechRequest(marked.text, voice, options, marked.notes), CancelToken()))
    first = np.concatenate([e.samples for e in noted if isinstance(e, PcmChunk) and e.segment == 0])
    assert not first[-3 * SAMPLE_RATE_HZ :].any(), "an engine's events go through `delivered` where there are notes"
    assert [(e.name, e.segment, e.at_sample) for e in noted if isinstance(e, BookmarkReached)] == [("two", 1, 0)]
    speaker.close()
