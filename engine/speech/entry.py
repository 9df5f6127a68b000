"""S1 Mini in the registry of engines: it speaks with any voice, and needs its weights and PyTorch."""

from __future__ import annotations

from dataclasses import dataclass

from engine.machine.torch_check import require_torch
from engine.opening import WARM_UP, EngineSetup, Opener, Report, StartStage
from engine.registry import DEVICES, PRECISIONS, Capabilities, EngineEntry, Needs
from engine.speech.opening import open_s1
from engine.speech.start_clock import StartClock
from engine.types import CancelToken, SpeechEngine

DISPLAY_NAME = "S1 Mini"


def _open(setup: EngineSetup) -> SpeechEngine:
    assert setup.checkpoint is not None
    return open_s1(setup.checkpoint, setup.device, setup.precision, setup.cache_folder, setup.voices_folder)


@dataclass(frozen=True, slots=True)
class S1Opener:
    """Opens S1 Mini, which speaks a word to itself before it is ready. Raises `CheckpointError`, `DeviceError`,
    `TorchError`."""

    setup: EngineSetup

    def __call__(self, report: Report) -> SpeechEngine:
        setup = self.setup
        assert setup.checkpoint is not None
        times = None if setup.cache_folder is None else setup.cache_folder / "start-times.json"
        clock = StartClock(report, times, f"{setup.device} {setup.precision}")
        clock.begin(StartStage.IMPORTING)
        require_torch()
        from engine.speech.s1_engine import S1Engine

        clock.begin(StartStage.LOADING_MODEL)
        engine = S1Engine.load(
            setup.checkpoint,
            setup.device,
            setup.precision,
            setup.voices_folder,
            before_codec=lambda: clock.begin(StartStage.LOADING_CODEC),
            cache_folder=setup.cache_folder,
            compiling=lambda share: clock.part(StartStage.COMPILING, share),
        )
        clock.begin(StartStage.WARMING_UP)
        for _ in engine.speak(WARM_UP, CancelToken()):
            pass
        # a GPU is compiled for, or captured, at every start
        clock.finish(*([StartStage.COMPILING] if engine.model.device.type == "cpu" else []))
        return engine


def _opener(setup: EngineSetup) -> Opener:
    return S1Opener(setup)


ENTRY = EngineEntry(
    name="s1",
    display_name=DISPLAY_NAME,
    model_id="openaudio-s1-mini",
    capabilities=Capabilities(clones=True, improvises=True, samples=True, batches=True, acts_markers=True),
    needs=Needs(checkpoint=True, torch=True, devices=DEVICES, precisions=PRECISIONS),
    open=_open,
    opener=_opener,
)
