"""The choice of the engine is a table: every line of it is here."""

from pathlib import Path

import pytest

from engine import DeviceError
from engine.choice import ChoiceReason, DeviceWish, EngineChoice, built_in_variant, choose_engine

FOLDER = Path("weights")


def never_asked() -> bool:
    pytest.fail("CUDA was asked for, which would import PyTorch")


def choose(
    checkpoint: Path | None, named: bool, device: DeviceWish, cuda: bool | None, voice: str = ""
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
        (None, False, "auto", None, EngineChoice(None, "cpu", ChoiceReason.NO_CHECKPOINT)),
        (None, False, "cuda", None, EngineChoice(None, "cpu", ChoiceReason.NO_CHECKPOINT)),
        (FOLDER, False, "auto", True, EngineChoice(FOLDER, "cuda", ChoiceReason.CHECKPOINT_FOUND)),
        (FOLDER, False, "auto", False, EngineChoice(None, "cpu", ChoiceReason.NO_CUDA)),
        (FOLDER, False, "cpu", None, EngineChoice(FOLDER, "cpu", ChoiceReason.DEVICE_NAMED)),
        (FOLDER, False, "cuda", True, EngineChoice(FOLDER, "cuda", ChoiceReason.DEVICE_NAMED)),
        (FOLDER, True, "auto", True, EngineChoice(FOLDER, "cuda", ChoiceReason.CHECKPOINT_NAMED)),
        (FOLDER, True, "auto", False, EngineChoice(FOLDER, "cpu", ChoiceReason.CHECKPOINT_NAMED)),
        (FOLDER, True, "cpu", None, EngineChoice(FOLDER, "cpu", ChoiceReason.CHECKPOINT_NAMED)),
        (FOLDER, True, "cuda", True, EngineChoice(FOLDER, "cuda", ChoiceReason.CHECKPOINT_NAMED)),
    ],
)
def test_the_table(
    checkpoint: Path | None, named: bool, device: DeviceWish, cuda: bool | None, expected: EngineChoice
) -> None:
    assert choose(checkpoint, named, device, cuda) == expected


@pytest.mark.parametrize("named", [False, True])
def test_cuda_that_is_wished_and_absent_is_an_error(named: bool) -> None:
    with pytest.raises(DeviceError) as caught:
        choose(FOLDER, named, "cuda", False)
    assert caught.value.problem == "no_cuda"


@pytest.mark.parametrize("voice", ["built-in", "built-in/f3"])
def test_the_built_in_voice_by_its_name_wins(voice: str) -> None:
    assert choose(FOLDER, True, "auto", None, voice) == EngineChoice(None, "cpu", ChoiceReason.VOICE_NAMED)


def test_another_name_is_no_built_in_voice() -> None:
    assert choose(FOLDER, True, "cpu", None, "built-inish").checkpoint == FOLDER


def test_the_variant_is_what_follows_the_name() -> None:
    assert [built_in_variant(voice) for voice in ("built-in", "built-in/", "built-in/f3")] == ["", "", "f3"]
