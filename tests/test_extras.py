"""The extras for PyTorch's builds, asked of uv and pip themselves: with a Lectern and a PyTorch of nothing but their
metadata, in indexes on this computer."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
import threading
import tomllib
import zipfile
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest
from waiting import LIMIT_S

from desktop.commands import install_pytorch
from desktop.s1.pytorch_build import INDEX_VARIABLE

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
TORCH = next(words.removeprefix("torch==") for words in PROJECT["optional-dependencies"]["s1"] if "torch" in words)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        sys.platform != "linux" or os.uname().machine != "x86_64", reason="what the usual registry has differs"
    ),
]


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""


class Registries(NamedTuple):
    """The addresses of the usual one, and of PyTorch's own."""

    usual: str
    pytorch: str


def make_wheel(folder: Path, name: str, version: str, fields: str = "", program: str = "") -> None:
    """One with nothing but its metadata, and a `program` that does nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{name}.py", "def main(): pass\n")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{fields}")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        if program:
            archive.writestr(f"{info}/entry_points.txt", f"[console_scripts]\n{program} = {name}:main\n")
        names = [*archive.namelist(), f"{info}/RECORD"]
        archive.writestr(f"{info}/RECORD", "".join(f"{name},,\n" for name in names))


def extras() -> str:
    """The extras as the wheel's metadata has them."""
    lines = []
    for extra, wanted in PROJECT["optional-dependencies"].items():
        lines.append(f"Provides-Extra: {extra}")
        for words in wanted:
            name, _, marker = words.partition(";")
            within = f"({marker.strip()}) and " if marker else ""
            lines.append(f"Requires-Dist: {name.strip()}; {within}extra == '{extra}'")
    return "\n".join([*lines, ""])


@pytest.fixture(scope="module")
def registries(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registries]:
    folder = tmp_path_factory.mktemp("registries")
    for version in ("0.1.0", "0.1.1"):
        make_wheel(folder / "simple" / "lectern", "lectern", version, extras(), program="lectern")
    make_wheel(folder / "simple" / "torch", "torch", TORCH)
    make_wheel(folder / "simple" / "tiktoken", "tiktoken", "0.12.0")
    for build in ("cpu", "cu126", "cu128", "cu130"):
        make_wheel(folder / "whl" / build / "torch", "torch", f"{TORCH}+{build}")
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        yield Registries(f"{address}/simple", f"{address}/whl")
        server.shutdown()


class Uv(NamedTuple):
    """uv with its tools in a folder of the test's."""

    program: str
    folder: Path
    environment: dict[str, str]

    def __call__(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [self.program, *words]
        return subprocess.run(
            command, capture_output=True, encoding="utf-8", env=self.environment, timeout=LIMIT_S, check=False
        )

    def torch(self) -> str:
        """The version of PyTorch that is beside Lectern; "" for none."""
        found = list((self.folder / "tools" / "lectern").rglob("torch-*.dist-info"))
        return found[0].name.removeprefix("torch-").removesuffix(".dist-info") if found else ""


@pytest.fixture(scope="module")
def uv_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What uv knows of this Python, which it would ask anew for each test, and of the two registries."""
    return tmp_path_factory.mktemp("uv-cache")


@pytest.fixture
def uv(tmp_path: Path, registries: Registries, uv_cache: Path) -> Uv:
    program = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if program is None:
        pytest.skip("uv is not here")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("UV_", "PIP_"))}
    environment |= {
        "UV_TOOL_DIR": str(tmp_path / "tools"),
        "UV_TOOL_BIN_DIR": str(tmp_path / "bin"),
        "UV_CACHE_DIR": str(uv_cache),
        "UV_DEFAULT_INDEX": registries.usual,
        "UV_NO_CONFIG": "1",
        "UV_PYTHON": sys.executable,
        "UV_PYTHON_DOWNLOADS": "never",
    }
    return Uv(program, tmp_path, environment)


@pytest.mark.parametrize("build", ["cpu", "cu126", "cu128", "cu130"])
def test_an_extra_is_its_build_or_nothing(build: str, uv: Uv, registries: Registries, tmp_path: Path) -> None:
    own = f"{registries.pytorch}/{build}"
    done = uv("tool", "install", f"lectern[{build}]", "--index", own)
    assert (done.returncode, uv.torch()) == (0, f"{TORCH}+{build}"), done.stderr
    assert uv("tool", "uninstall", "lectern").returncode == 0
    done = uv("tool", "install", f"lectern[{build}]")
    expected = (0, TORCH) if build == "cu130" else (1, "")
    assert (done.returncode, uv.torch()) == expected, done.stderr
    pip = [sys.executable, "-m", "pip", "--isolated", "--disable-pip-version-check", "install", "--no-cache-dir"]
    pip += ["--target", str(tmp_path / "there"), "--index-url", registries.usual, f"lectern[{build}]"]
    done = subprocess.run(
        [*pip, "--extra-index-url", own], capture_output=True, encoding="utf-8", timeout=LIMIT_S, check=False
    )
    assert (tmp_path / "there" / f"torch-{TORCH}+{build}.dist-info").is_dir(), done.stderr


def test_without_an_extra_there_is_no_pytorch(uv: Uv) -> None:
    assert uv("tool", "install", "lectern").returncode == 0
    assert uv.torch() == ""


def test_what_install_pytorch_asks_uv_for_survives_upgrades_and_another_build(
    uv: Uv, registries: Registries, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert uv("tool", "install", "lectern==0.1.0").returncode == 0
    by_hand = uv("pip", "install", "--python", str(uv.folder / "tools/lectern/bin/python"), "torch")
    assert (by_hand.returncode, uv.torch()) == (0, TORCH)
    assert uv("tool", "install", "lectern", "--upgrade").returncode == 0
    assert uv.torch() == "", "uv keeps it by itself: this whole way is not needed any more"
    monkeypatch.setenv(INDEX_VARIABLE, registries.pytorch)
    monkeypatch.setattr(sys, "prefix", str(uv.folder / "tools" / "lectern"))
    # never into the environment of the tests
    monkeypatch.setattr(sys, "executable", str(uv.folder / "tools" / "lectern" / "bin" / "python"))
    for build in ("cu126", "cu128"):
        command = install_pytorch.installer_command(uv.program, [f"torch=={TORCH}"], build, [])
        assert command[1:3] == ["tool", "install"]
        done = uv(*command[1:])
        assert (done.returncode, uv.torch()) == (0, f"{TORCH}+{build}"), done.stderr
        assert uv("tool", "upgrade", "--reinstall", "lectern").returncode == 0
        assert uv.torch() == f"{TORCH}+{build}"
