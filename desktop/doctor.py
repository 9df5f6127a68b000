"""What is there and what is missing on this computer, and what mends it: facts and remedies, no printing."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import engine
from desktop.checkpoint_choice import explain_passed_over, find_checkpoint
from desktop.errors import PlaybackError
from desktop.messages import explain_at_prompt, how_to_get_s1, size
from desktop.paths import data_folder, settings_path
from desktop.player import find_output_device
from desktop.settings import read_checkpoint_folder

GIB = 2**30
DRIVER_PAGE = "https://www.nvidia.com/drivers"
INSTALL_AGAIN = "Install Lectern again"


class Health(StrEnum):
    OK = "ok"
    MISSING = "--"  # Lectern speaks without it
    BROKEN = "no"  # Lectern does not


@dataclass(frozen=True, slots=True)
class Finding:
    subject: str
    health: Health
    fact: str
    remedy: str = ""


def examine(checkpoint: Path | None) -> Iterator[Finding]:
    """Everything, in the order in which it is needed; each finding comes as soon as it is known."""
    yield _examine_python()
    yield _examine_built_in_voice()
    yield from _examine_torch()
    yield from _examine_checkpoint(checkpoint)
    yield _examine_login()
    yield from _examine_sound()


def _examine_python() -> Finding:
    return Finding("Python", Health.OK, f"{platform.python_version()} ({sys.executable})")


def _examine_built_in_voice() -> Finding:
    try:
        voice = engine.open_built_in_voice()
    except (engine.BuiltInVoiceError, ImportError) as error:
        return Finding("built-in voice", Health.BROKEN, str(error), INSTALL_AGAIN)
    fact = voice.status().precision
    voice.close()
    return Finding("built-in voice", Health.OK, fact)


def _examine_torch() -> Iterator[Finding]:
    """PyTorch, driver and GPU: S1 Mini needs them, the built-in voice does not."""
    driver = _driver_version()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            report = engine.report_torch()
        except (ImportError, OSError) as error:
            yield Finding("PyTorch", Health.MISSING, f"cannot be loaded: {error}", INSTALL_AGAIN)
            return
    build = f"for CUDA {report.cuda_build}" if report.cuda_build else "for the CPU only"
    yield Finding("PyTorch", Health.OK, f"{report.version}, {build}")
    if driver is None:
        remedy = f"Without an NVIDIA GPU there is nothing to do; with one, install its driver: {DRIVER_PAGE}"
        yield Finding("NVIDIA driver", Health.MISSING, "no nvidia-smi, so no driver", remedy)
    else:
        yield Finding("NVIDIA driver", Health.OK, driver)
    for gpu in report.gpus:
        memory = f"{gpu.memory_bytes / GIB:.1f} GiB, {gpu.free_bytes / GIB:.1f} free"
        fact = f"{gpu.name}, {memory}, compute capability {gpu.capability}"
        if gpu.has_kernels:
            yield Finding("GPU", Health.OK, fact)
        else:
            yield Finding("GPU", Health.MISSING, f"{fact}: not supported by this PyTorch", _other_build(report.version))
    if not report.gpus:
        yield _explain_no_gpu(driver, report.cuda_build, report.version, [str(warning.message) for warning in caught])


def _explain_no_gpu(driver: str | None, cuda_build: str | None, version: str, said: list[str]) -> Finding:
    if driver is None:
        return Finding("GPU", Health.MISSING, "none: the built-in voice speaks, or S1 Mini slowly with --device cpu")
    if cuda_build is None:
        return Finding("GPU", Health.MISSING, "not used: this PyTorch is for the CPU only", _other_build(version))
    fact = said[0].splitlines()[0] if said else f"PyTorch for CUDA {cuda_build} finds none"
    return Finding("GPU", Health.MISSING, fact, f"Install a newer driver: {DRIVER_PAGE}, or {_other_build(version)}")


def _other_build(version: str) -> str:
    release = version.split("+")[0]
    return (
        "install PyTorch for another CUDA version: "
        f"pip install torch=={release} torchaudio=={release} --index-url https://download.pytorch.org/whl/cu126"
    )


def _driver_version() -> str | None:
    """What nvidia-smi says of the driver; None where there is none that works."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return None
    query = [program, "--query-gpu=driver_version", "--format=csv,noheader"]
    try:
        answer = subprocess.run(query, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip().splitlines()[0] if answer.stdout.strip() else None


def _examine_checkpoint(checkpoint: Path | None) -> Iterator[Finding]:
    usual = engine.usual_folders(data_folder())
    remedy = how_to_get_s1(usual[0])
    try:
        choice = find_checkpoint(checkpoint, read_checkpoint_folder(settings_path()))
    except engine.CheckpointError as error:
        folder = error.path
        yield Finding("S1 Mini", Health.BROKEN, explain_at_prompt(error).sentence, how_to_get_s1(folder))
    else:
        found = choice.folder
        folder = found or next((folder for folder in usual if folder.is_dir()), None)
        if choice.problem is not None:
            passed_over = explain_passed_over(choice.problem)
            yield Finding("chosen folder", Health.MISSING, passed_over.sentence, passed_over.remedy)
        if found is None:
            yield _explain_no_checkpoint(usual, remedy)
        else:
            yield Finding("S1 Mini", Health.OK, f"found in {found}")
    if folder is not None and folder.is_dir():
        for name in engine.CHECKPOINT_FILES:
            yield _examine_file(folder / name)


def _explain_no_checkpoint(usual: tuple[Path, ...], remedy: str) -> Finding:
    begun = engine.unfinished_download(usual[0])
    if begun is not None:
        fact = f"{size(begun.done_bytes)} of {size(begun.total_bytes)} are downloaded"
        return Finding("S1 Mini", Health.MISSING, fact, "Go on with it: lectern download")
    places = " or ".join(str(place) for place in usual)
    return Finding("S1 Mini", Health.MISSING, f"no whole checkpoint in {places}", remedy)


def _examine_login() -> Finding:
    """Whether there is a token for the download; Hugging Face is not asked about it."""
    subject = "Hugging Face"
    try:
        source = engine.token_source()
    except engine.HubError as error:
        message = explain_at_prompt(error)
        return Finding(subject, Health.MISSING, message.sentence, message.remedy)
    if source is None:
        return Finding(subject, Health.MISSING, "not logged in; only the download needs it", "Log in: lectern login")
    place = "in the environment's HF_TOKEN" if source is engine.TokenSource.ENVIRONMENT else "saved on this computer"
    return Finding(subject, Health.OK, f"an access token is {place}")


def _examine_file(path: Path) -> Finding:
    subject = f"  {path.name}"
    if not path.is_file():
        return Finding(subject, Health.MISSING, "missing")
    return Finding(subject, Health.OK, f"{path.stat().st_size:,} bytes")


def _examine_sound() -> Iterator[Finding]:
    """PortAudio and the default output; without them, speech still goes to files."""
    try:
        device = find_output_device()
    except PlaybackError as error:
        message = explain_at_prompt(error)
        if error.problem == "no_library":
            yield Finding("PortAudio", Health.MISSING, "not installed", message.remedy)
            return
        yield Finding("PortAudio", Health.OK, "installed")
        yield Finding("sound output", Health.MISSING, message.sentence, message.remedy)
    else:
        yield Finding("PortAudio", Health.OK, "installed")
        yield Finding("sound output", Health.OK, f"{device.name}, {device.rate_hz} Hz")
