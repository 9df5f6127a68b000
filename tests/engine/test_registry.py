"""The choice of the engine is a table: every line of it is here."""

from pathlib import Path

import pytest

from engine import DeviceError
from engine.registry import ChoiceReason, DeviceRequest, EngineChoice, choose_engine, engine_named, engine_of_voice

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
