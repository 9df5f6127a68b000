"""`lectern install-pytorch`: PyTorch, and what else only S1 Mini needs, into the environment that Lectern runs in."""

from __future__ import annotations

import argparse
import importlib.machinery
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import engine.machine
from desktop.commands.interrupts import signals_cancel
from desktop.commands.uv_tool import tool_install_words
from desktop.common.errors import PyTorchError
from desktop.common.origin import find_origin
from desktop.common.paths import cache_folder, constraints_path, data_folder
from desktop.common.shell_words import join
from desktop.s1.install_progress import MAX_WORDS, InstallProgress
from desktop.s1.pytorch_build import describe_build, index_answers, index_url, registry_build, suitable_build

_SIZES = {  # for the CPU?
    True: "PyTorch for the CPU: about 200 MB to download, 1 GB on disk.",
    False: "PyTorch is large: up to 3 GB to download, 5 GB on disk.",
}
END_LIMIT_S = 10.0
"""How long an installer that is to end may tidy up."""
_LOAD = """
import sys
from engine import TorchError
from engine.machine.torch_check import require_torch
try:
    require_torch()
except TorchError as error:
    sys.exit(error.detail)
"""
LOAD_LIMIT_S = 180.0
"""From a slow disk, for the first time."""
MIN_RAW_PROGRESS = (24, 1)
"""The first pip that prints its progress in numbers."""


def install_pytorch(arguments: argparse.Namespace) -> int:
    """Install the extra `s1` of what is installed of Lectern, in the build that suits. Raises `PyTorchError`."""
    wanted = s1_requirements()
    _check_environment()
    build = _decide(arguments.build)
    uv = find_uv()
    # Not importlib.util: setuptools takes that question about pip for a sign that pip runs, and warns.
    if uv is None and importlib.machinery.PathFinder.find_spec("pip") is None:
        raise PyTorchError("no_installer")
    constraints = constraints_files(build)
    command = installer_command(uv, wanted, build, constraints)
    if arguments.dry_run:
        _say(f"Would run: {join(command)}")
        return 0
    if build is not None or _installed_build() is None:
        _say(_SIZES[(build or registry_build()) == "cpu"])
    _run(command, uv)
    if why := why_not_loading():  # a removal that was broken off, or a file that is damaged: pip and uv see none
        _say(f"PyTorch is there, but does not load ({why}). Installing it anew.")
        _run(installer_command(uv, wanted, build, constraints, is_anew=True), uv)
        if why := why_not_loading():
            raise PyTorchError("does_not_load", why)
    _say("PyTorch is installed.")
    return 0


def is_whole(build: str) -> bool:
    """Say whether the PyTorch that is here is the one that S1 Mini needs, in `build` or in one that will do for it, as
    far as can be told without loading it."""
    here = _installed_build()
    return here is not None and build in ("cpu", here)


def _check_environment() -> None:
    """Raises `PyTorchError` where nothing can be installed beside this Lectern, or would not stay there."""
    origin = find_origin()
    if origin.is_passing:
        raise PyTorchError("passing")
    if origin.is_locked_away:
        raise PyTorchError("system_python")
    packages = sysconfig.get_path("purelib")
    if sys.prefix != sys.base_prefix and not os.access(packages, os.W_OK):
        raise PyTorchError("not_allowed", packages)


def why_not_loading() -> str:
    """Load what S1 Mini needs in a process of its own, and return "" where it loads, else its last words."""
    command = [sys.executable, "-P", "-c", _LOAD]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=LOAD_LIMIT_S,
            check=False,
            creationflags=engine.machine.NO_CONSOLE,
        )
    except subprocess.TimeoutExpired:
        return f"not done after {LOAD_LIMIT_S:.0f} s"
    if done.returncode == 0:
        return ""
    return (done.stderr.strip().splitlines() or [f"code {done.returncode}"])[-1][:MAX_WORDS]


def s1_requirements() -> list[str]:
    """List what S1 Mini needs beyond what speaking needs, as this Lectern's metadata has it. Raises `PyTorchError`."""
    found = []
    for requirement in requires("lectern") or []:
        words, _, marker = requirement.partition(";")
        rest, n_found = re.subn(r"""\s*(and\s+)?extra\s*==\s*["']s1["']\s*$""", "", marker)
        if n_found:
            found.append(f"{words.strip()}; {rest.strip()}" if rest.strip() else words.strip())
    if not found:
        raise PyTorchError("not_described")
    return found


def _decide(build: str) -> str | None:
    """The build to take from PyTorch's own index; None takes what the usual registry has. Says why."""
    if build != "auto":
        if build == registry_build() and _installed_build() in (None, build):
            return None
        if not index_answers(build):
            raise PyTorchError("index", index_url(build))
        return build
    suitable = suitable_build()
    build, here = suitable.build, _installed_build()
    _say(suitable.reason)
    if here is not None and build in ("cpu", here):  # what is here computes on a CPU, too
        return None
    if here is None and build == registry_build():
        return None
    if index_answers(build):
        return build
    usual = registry_build()
    if usual and (build == "cpu" or usual == build):
        _say(f"PyTorch's own index does not answer: the usual build, for {describe_build(usual)}.")
    elif usual:
        _say(
            f"PyTorch's own index ({index_url(build)}) does not answer: the usual build, for {describe_build(usual)}. "
            "It may not use the GPU. Once the index can be reached, run this again: lectern install-pytorch"
        )
    return None


def _installed_build() -> str | None:
    """The build of the PyTorch that is here, where it is the release that S1 Mini needs; None where it is not."""
    try:
        release, _, build = version("torch").partition("+")
    except PackageNotFoundError:
        return None
    is_wanted = any(re.match(rf"torch\s*==\s*{re.escape(release)}(?![\w.])", words) for words in s1_requirements())
    return (build or registry_build()) if is_wanted else None


def find_uv() -> str | None:
    """Find the uv that installs: the environment's LECTERN_UV, beside this Python, on PATH, Lectern's own, or
    where its installer puts it."""
    name = "uv.exe" if sys.platform == "win32" else "uv"
    own = data_folder() / "uv" if sys.platform != "win32" else Path(sys.prefix).parent / "uv"
    places = [os.environ.get("LECTERN_UV", ""), Path(sys.executable).parent / name, shutil.which("uv"), own / name]
    places += [Path.home() / folder / "bin" / name for folder in (".local", ".cargo")]  # a desktop's PATH may lack them
    return next((str(place) for place in places if place and os.access(place, os.X_OK)), None)


def installer_command(
    uv: str | None, wanted: list[str], build: str | None, constraints: list[Path], *, is_anew: bool = False
) -> list[str]:
    """Compose the command that installs `wanted` beside this Python, with `uv` or with pip, which is used where that is
    None.

    With a `build` of PyTorch's own index PyTorch is asked for by its local version (2.11.0+cpu), so that no other
    index can answer for it, and so that another build that is here is replaced. A tool of uv's is asked for with the
    extra of that build, which says the same. `is_anew` installs what is wanted over what is there, but not what that
    depends on.
    """
    can_note = uv is not None and sys.platform != "win32"  # there uv would replace the program that runs, and may not
    noted = tool_install_words(build or registry_build() or "s1") if can_note else None
    if uv is not None and noted is not None:
        command = [uv, "tool", "install"]
    elif uv is not None:
        command = [uv, "pip", "install", "--python", sys.executable]
    else:
        command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
        if not sys.stdout.isatty() and _pip_version() >= MIN_RAW_PROGRESS:
            command += ["--progress-bar", "raw"]
    for path in constraints if noted is None else ():  # those uv would note, too, and hold later Lecterns to them
        command += ["-c", str(path)]
    if build is not None:
        command += ["--extra-index-url", index_url(build)]
        if uv is not None:  # else an index that has a package at all hides the others' versions of it
            command += ["--index-strategy", "unsafe-best-match"]
        wanted = [re.sub(r"^(torch\s*==\s*[\w.]+)", rf"\1+{build}", words) for words in wanted]
    if is_anew:
        names = [re.split(r"[^\w.-]", words, maxsplit=1)[0] for words in wanted]
        again = [word for name in names for word in ("--reinstall-package", name)]
        command += again if uv is not None else ["--force-reinstall", "--no-deps"]
    return [*command, *(noted or wanted)]


def _pip_version() -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in re.findall(r"\d+", version("pip"))[:2])
    except PackageNotFoundError:
        return (0,)


def constraints_files(build: str | None) -> list[Path]:
    """Find the lock's files: what all builds share, and NVIDIA's packages as `build` wants them; none in a wheel
    without."""
    shared = constraints_path()
    if shared is None:
        return []
    of_cuda = "constraints-cuda12.txt" if build in ("cu126", "cu128") else "constraints-cuda13.txt"
    return [shared, shared.with_name(of_cuda)]


def _run(command: list[str], uv: str | None) -> None:
    """Run the installer to its end; ended by a signal, it is ended too. Raises `PyTorchError`."""
    environment = dict(os.environ)
    if uv is not None and Path(uv).parent == data_folder() / "uv":  # what it fetches goes where --uninstall finds it
        environment.setdefault("UV_CACHE_DIR", str(cache_folder() / "uv"))
    # Not here: uv reads a pyproject.toml, and Python a package, of the folder that it is started in.
    options = {"env": environment, "cwd": sys.prefix, "stdin": subprocess.DEVNULL}
    if sys.stdout is not None and sys.stdout.isatty():  # the installer's own progress bar, for who watches
        with _ending(lambda: subprocess.Popen(command, **options)) as process:
            if process.wait():
                raise PyTorchError("failed_above")
        return

    def start() -> subprocess.Popen[str]:
        return subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            creationflags=engine.machine.NO_CONSOLE,
            **options,
        )

    progress = InstallProgress()
    with _ending(start) as process:
        assert process.stdout is not None
        for line in process.stdout:
            for words in progress.read(line):
                _say(words)
        if process.wait():
            raise PyTorchError(progress.problem(), progress.last_words())


@contextmanager
def _ending(start: Callable[[], subprocess.Popen[str]]) -> Iterator[subprocess.Popen[str]]:
    """The process that is started, which does not outlive the block: pip and uv tidy up at an interrupt."""
    process = None
    try:
        with signals_cancel(engine.CancelToken()):  # at its end, so that nobody is started and not known
            process = start()
        yield process
    finally:
        if process is not None:
            _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    try:
        if process.poll() is None:
            process.send_signal(signal.SIGINT if sys.platform != "win32" else signal.SIGTERM)
            try:
                process.wait(END_LIMIT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
    finally:
        if process.stdout is not None:
            process.stdout.close()


def _say(line: str) -> None:
    """A line at once, for the window that reads it."""
    if sys.stdout is not None:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
