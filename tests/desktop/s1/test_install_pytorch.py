"""`lectern install-pytorch`: the rule, the questions to driver and index, and installers that are told what to do.

The drivers and installers are programs that tests write; the index is a server on loopback.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from addresses import refusing_address
from waiting import wait_until

from desktop.commands import install_pytorch
from desktop.commands.interrupts import Interrupted, signals_interrupt
from desktop.common import nvidia
from desktop.common.errors import PyTorchError
from desktop.common.origin import Origin
from desktop.s1 import pytorch_build
from desktop.s1.install_progress import InstallProgress
from desktop.s1.pytorch_build import choose_build, index_answers, suitable_build

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the stand-ins are shell scripts")

TORCH = "torch==2.11.0"
WHOLE = '__version__ = "2.11.0"'
"""A package that loads, of which no more is asked than that; PyTorch itself takes two seconds."""


def write_script(path: Path, body: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


# --- the rule


@pytest.mark.parametrize(
    ("driver", "capabilities", "build"),
    [
        ("580.65", [], "cu130"),
        ("580.65.06", ["8.6"], "cu130"),
        ("579.99", ["8.9"], "cu128"),
        ("570.00", ["12.0"], "cu128"),
        ("569.1", ["8.6"], "cu126"),
        ("525.60.13", [], "cu126"),
        ("524.9", [], "cpu"),
        ("470.256.02", ["6.1"], "cpu"),
        ("590.10", ["6.1"], "cu126"),  # Pascal: CUDA 13 has no kernels for it
        ("590.10", ["7.0"], "cu126"),
        ("590.10", ["7.5"], "cu130"),
        ("590.10", ["8.6", "6.1"], "cu126"),  # both are served
        ("590.10", ["12.0", "6.1"], "cu130"),  # not both: the newer one is
        ("590.10", ["N/A"], "cu130"),
        ("1000.1", ["10.0"], "cu130"),
        ("", [], "cpu"),
        ("nonsense", [], "cpu"),
    ],
)
def test_pytorch_suits_the_driver_and_the_gpu(driver: str, capabilities: list[str], build: str) -> None:
    assert choose_build(driver, capabilities) == build


@pytest.mark.parametrize(
    ("nvidia_smi", "build", "reason"),
    [
        ('echo "580.65.06, 8.9"', "cu130", "CUDA 13.0"),
        ('echo "560.35.03, 6.1"; echo "560.35.03, 7.0"', "cu126", "CUDA 12.6"),
        (
            'case "$*" in *compute_cap*) echo "Field is not valid"; exit 2;; esac; echo 535.104.05',
            "cu126",
            "CUDA 12.6",
        ),
        ('echo "470.256.02, 6.1"', "cpu", "older than 525"),
        ('echo "NVIDIA-SMI has failed because it could not talk to the driver."; exit 9', "cpu", "does not answer"),
        ("printf '\\377'", "cpu", "does not answer"),
    ],
)
def test_the_driver_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nvidia_smi: str, build: str, reason: str
) -> None:
    write_script(tmp_path / "nvidia-smi", nvidia_smi)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    suitable = suitable_build()
    assert suitable.build == build
    assert reason in suitable.reason


def test_a_driver_that_hangs_counts_as_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_script(tmp_path / "nvidia-smi", "exec sleep 60")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(nvidia, "NVIDIA_SMI_LIMIT_S", 0.2)
    assert suitable_build().build == "cpu"


@pytest.fixture
def no_driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    monkeypatch.setattr(nvidia, "NVIDIA_SMI_IN_WSL", str(tmp_path / "nothing" / "nvidia-smi"))


@pytest.mark.usefixtures("no_driver")
def test_without_a_driver_pytorch_is_for_the_cpu() -> None:
    suitable = suitable_build()
    assert suitable.build == "cpu"
    assert suitable.reason.startswith("No NVIDIA driver")


@pytest.mark.usefixtures("no_driver")
def test_in_wsl_the_driver_is_found_off_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = write_script(tmp_path / "wsl" / "nvidia-smi", 'echo "581.1, 8.9"')
    monkeypatch.setattr(nvidia, "NVIDIA_SMI_IN_WSL", str(script))
    assert suitable_build().build == "cu130"


# --- the index


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], list[str]]]:
    """Serves PyTorch's index with a status; the list gets what was asked for."""
    servers: list[ThreadingHTTPServer] = []

    def start(status: int) -> list[str]:
        asked: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                asked.append(self.path)
                self.send_response(status)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv(pytorch_build.INDEX_VARIABLE, f"http://127.0.0.1:{server.server_port}/whl/")
        return asked

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_an_index_that_answers(serve: Callable[[int], list[str]]) -> None:
    asked = serve(200)
    assert index_answers("cu126", limit_s=30)
    assert asked == ["/whl/cu126/torch/"]


def test_an_index_without_that_build(serve: Callable[[int], list[str]]) -> None:
    serve(404)
    assert not index_answers("cpu", limit_s=30)


def test_an_index_that_takes_the_call_and_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv(pytorch_build.INDEX_VARIABLE, f"http://127.0.0.1:{silent.getsockname()[1]}")
        assert not index_answers("cpu", limit_s=0.5)


@pytest.fixture
def refuse_calls(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], str]]:
    """From its call on, nobody listens where PyTorch's index is sought; the index's address."""
    with refusing_address() as gone:

        def refuse() -> str:
            monkeypatch.setenv(pytorch_build.INDEX_VARIABLE, f"http://{gone}")
            return f"http://{gone}"

        yield refuse


def test_an_index_that_is_not_there(refuse_calls: Callable[[], str]) -> None:
    refuse_calls()
    assert not index_answers("cpu", limit_s=30)


# --- what is wanted, and what is here


def test_the_metadata_says_what_s1_mini_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = install_pytorch.s1_requirements()
    assert sorted(words.split("=")[0].rstrip(">") for words in wanted) == ["tiktoken", "torch"]
    assert TORCH in wanted
    lines = [
        "numpy>=2",
        "a==1; extra == 's1'",
        'b>2 ; (sys_platform == "linux") and extra == "s1"',
        "c; extra == 'server'",
    ]
    monkeypatch.setattr(install_pytorch, "requires", lambda _: lines)
    assert install_pytorch.s1_requirements() == ["a==1", 'b>2; (sys_platform == "linux")']
    monkeypatch.setattr(install_pytorch, "requires", lambda _: None)
    with pytest.raises(PyTorchError, match="not_described"):
        install_pytorch.s1_requirements()


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The packages that are here, by version: none, until a test puts some in; and the registry's build is cu130."""
    versions: dict[str, str] = {}

    def version(name: str) -> str:
        if name not in versions:
            raise install_pytorch.PackageNotFoundError(name)
        return versions[name]

    monkeypatch.setattr(install_pytorch, "version", version)
    monkeypatch.setattr(install_pytorch, "registry_build", lambda: "cu130")
    monkeypatch.setattr(pytorch_build, "registry_build", lambda: "cu130")
    return versions


@pytest.mark.usefixtures("no_driver")
def test_without_a_driver_the_small_build_is_taken_where_its_index_answers(
    installed: dict[str, str], serve: Callable[[int], list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    asked = serve(200)
    assert install_pytorch._decide("auto") == "cpu"
    serve(503)
    capsys.readouterr()
    assert install_pytorch._decide("auto") is None
    assert "own index does not answer: the usual build, for CUDA 13.0." in capsys.readouterr().out
    installed["torch"] = "2.11.0"
    asked = serve(200)
    assert install_pytorch._decide("auto") is None  # 3 GB are here already, and compute on a CPU
    assert asked == []
    installed["torch"] = "2.11.01"
    assert install_pytorch._decide("auto") == "cpu"


@pytest.mark.parametrize(("driver", "build"), [("575.1", "cu128"), ("560.9", "cu126")])
def test_a_driver_gets_its_build_and_another_is_replaced(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    installed: dict[str, str],
    serve: Callable[[int], list[str]],
    refuse_calls: Callable[[], str],
    capsys: pytest.CaptureFixture[str],
    driver: str,
    build: str,
) -> None:
    write_script(tmp_path / "nvidia-smi", f'echo "{driver}, 8.9"')
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    serve(200)
    assert install_pytorch._decide("auto") == build
    installed["torch"] = "2.11.0+cpu"
    assert install_pytorch._decide("auto") == build
    installed["torch"] = f"2.11.0+{build}"
    assert install_pytorch._decide("auto") is None
    installed.clear()
    refuse_calls()
    capsys.readouterr()
    assert install_pytorch._decide("auto") is None
    assert "It may not use the GPU." in capsys.readouterr().out


def test_what_the_registry_has_is_not_sought_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installed: dict[str, str], serve: Callable[[int], list[str]]
) -> None:
    write_script(tmp_path / "nvidia-smi", 'echo "590.1, 8.9"')
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    asked = serve(200)
    assert install_pytorch._decide("auto") is None
    assert install_pytorch._decide("cu130") is None
    assert asked == []
    installed["torch"] = "2.11.0+cpu"
    assert install_pytorch._decide("auto") == "cu130"  # asked for by its local version, it takes the other's place


@pytest.mark.usefixtures("installed")
def test_a_build_that_was_named_is_taken_or_refused(
    serve: Callable[[int], list[str]], refuse_calls: Callable[[], str]
) -> None:
    serve(200)
    assert install_pytorch._decide("cu126") == "cu126"
    address = refuse_calls()
    with pytest.raises(PyTorchError) as caught:
        install_pytorch._decide("cu126")
    assert (caught.value.problem, caught.value.detail) == ("index", f"{address}/cu126")


# --- the installers


def test_the_local_version_keeps_other_indexes_out(installed: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = [TORCH, "tiktoken>=0.12"]
    plain = install_pytorch.installer_command("/uv", wanted, None, [])
    assert plain == ["/uv", "pip", "install", "--python", sys.executable, *wanted]
    monkeypatch.setenv(pytorch_build.INDEX_VARIABLE, "http://mirror/whl")
    with_index = install_pytorch.installer_command("/uv", wanted, "cu126", [Path("/lock.txt")])
    assert with_index[5:] == [
        *("-c", "/lock.txt", "--extra-index-url", "http://mirror/whl/cu126", "--index-strategy", "unsafe-best-match"),
        *("torch==2.11.0+cu126", "tiktoken>=0.12"),
    ]
    by_pip = install_pytorch.installer_command(None, wanted, "cpu", [])
    assert by_pip[:3] == [sys.executable, "-m", "pip"]
    assert "--index-strategy" not in by_pip
    assert by_pip[-2:] == ["torch==2.11.0+cpu", "tiktoken>=0.12"]
    assert "raw" not in by_pip
    installed["pip"] = "24.1"
    assert "raw" in install_pytorch.installer_command(None, wanted, "cpu", [])


def test_nvidias_packages_are_locked_for_the_build_that_asks_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    for build, names in {
        None: {"constraints.txt", "constraints-cuda13.txt"},
        "cu130": {"constraints.txt", "constraints-cuda13.txt"},
        "cu128": {"constraints.txt", "constraints-cuda12.txt"},
        "cu126": {"constraints.txt", "constraints-cuda12.txt"},
    }.items():
        files = install_pytorch.constraints_files(build)
        assert {path.name for path in files} == names
        assert all(path.is_file() for path in files)
    monkeypatch.setattr(install_pytorch, "constraints_path", lambda: None)
    assert install_pytorch.constraints_files("cu126") == []


def command(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The real command; no driver and no index, so that it takes what the registry has."""
    words = [sys.executable, "-P", "-m", "desktop", "install-pytorch", *options]
    env = os.environ | {pytorch_build.INDEX_VARIABLE: "http://127.0.0.1:1"} | environment
    return subprocess.run(words, env=env, capture_output=True, encoding="utf-8", timeout=240, check=False)


@pytest.mark.slow
def test_uv_is_told_and_its_progress_is_passed_on(tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    uv = write_script(
        tmp_path / "uv",
        f'echo "$PWD: $*" >>"{calls}"\necho "Downloading torch (750.0MiB)" >&2\n'
        'echo "Downloading triton (250.0MiB)" >&2\necho " Downloaded torch" >&2\necho " Downloaded triton" >&2\n'
        'echo " + torch==2.11.0" >&2',
    )
    done = command(LECTERN_UV=str(uv))
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[-6:] == [
        "Downloading torch (750.0MiB)",
        "Downloading triton (250.0MiB)",
        "Downloaded torch: 75 %",
        "Downloaded triton: 100 %",
        "+ torch==2.11.0",
        "PyTorch is installed.",
    ]
    folder, _, words = calls.read_text().partition(": ")
    assert folder == sys.prefix  # not where a pyproject.toml could tell it something else
    assert words.startswith(f"pip install --python {sys.executable} ")
    assert TORCH in words


@pytest.mark.slow
def test_what_is_there_and_does_not_load_is_installed_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A removal that was broken off leaves a PyTorch that pip and uv take for whole."""
    broken, calls = tmp_path / "broken", tmp_path / "calls"
    (broken / "torch").mkdir(parents=True)
    (broken / "torch" / "__init__.py").write_text("raise OSError('libtorch.so is gone')")
    monkeypatch.setenv("PYTHONPATH", str(broken), prepend=os.pathsep)
    mend = f"echo '{WHOLE}' >'{broken}/torch/__init__.py'"
    uv = write_script(tmp_path / "uv", f'echo "$*" >>"{calls}"\ncase "$*" in *--reinstall*) {mend};; esac')
    done = command(LECTERN_UV=str(uv))
    assert (done.returncode, done.stderr) == (0, "")
    assert "does not load (OSError: libtorch.so is gone). Installing it anew." in done.stdout
    first, second = calls.read_text().splitlines()
    assert "--reinstall" not in first
    assert "--reinstall-package torch" in second
    assert second.endswith(f"{first.split(sys.executable)[1].split()[-1]}")


def test_one_that_never_loads_is_no_success(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken" / "torch").mkdir(parents=True)
    (tmp_path / "broken" / "torch" / "__init__.py").write_text("raise OSError('libtorch.so is gone')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "broken"), prepend=os.pathsep)
    done = command(LECTERN_UV=str(write_script(tmp_path / "uv", "exit 0")))
    assert done.returncode == 2
    assert "PyTorch is installed, but does not load (OSError: libtorch.so is gone)." in done.stderr


def test_pip_installs_anew_what_was_asked_for_and_no_more() -> None:
    words = install_pytorch.installer_command(None, [TORCH, "tiktoken>=0.12"], None, [], is_anew=True)
    assert words[-4:] == ["--force-reinstall", "--no-deps", TORCH, "tiktoken>=0.12"]


def test_a_dry_run_does_nothing(tmp_path: Path) -> None:
    uv = write_script(tmp_path / "uv", f'touch "{tmp_path}/was-run"')
    done = command("--dry-run", LECTERN_UV=str(uv))
    assert done.returncode == 0
    assert f"Would run: {uv} pip install --python" in done.stdout
    assert not (tmp_path / "was-run").exists()


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("error: Failed to write: No space left on device (os error 28)", "the disk is full"),
        ("  Caused by: dns error: failed to lookup address information", "could not be downloaded (dns error"),
        ("error: externally-managed-environment", "packages may not be changed"),
        ("error: something that nobody foresaw", "could not be installed (something that nobody foresaw)"),
    ],
)
def test_an_installer_that_fails_is_one_sentence(tmp_path: Path, said: str, sentence: str) -> None:
    uv = write_script(tmp_path / "uv", f'echo "Resolved 3 packages"\necho "{said}" >&2\nexit 1')
    done = command(LECTERN_UV=str(uv))
    assert done.returncode == 2
    assert done.stderr.startswith("lectern: PyTorch could not be")
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert "PyTorch is installed" not in done.stdout


@pytest.mark.slow
def test_pip_does_it_where_there_is_no_uv(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A package of the name pip, found before the real one."""
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch/__init__.py").write_text(WHOLE)
    (tmp_path / "pip").mkdir()
    (tmp_path / "pip/__init__.py").touch()
    (tmp_path / "pip/__main__.py").write_text(
        "import sys\nprint(*sys.argv[1:])\nprint('  Downloading torch-2.11.0-cp311-x.whl (100 MB)')\n"
        "for done in range(0, 101): print('Progress', done, 'of 100')\nprint('Requirement already satisfied: numpy')\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setenv(pytorch_build.INDEX_VARIABLE, "http://127.0.0.1:1")
    monkeypatch.setattr(install_pytorch, "find_uv", lambda: None)
    from desktop.cli import run

    assert run(["install-pytorch"]) == 0
    out = capfd.readouterr().out
    assert "--disable-pip-version-check --no-input install " in out
    assert "Downloading torch-2.11.0: 50 %\n" in out
    assert out.count(" %\n") == 51
    assert "already satisfied" not in out


def test_without_uv_and_pip_it_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from desktop.cli import run

    monkeypatch.setenv(pytorch_build.INDEX_VARIABLE, "http://127.0.0.1:1")
    monkeypatch.setattr(install_pytorch, "find_uv", lambda: None)
    monkeypatch.setattr(install_pytorch.importlib.machinery.PathFinder, "find_spec", lambda _: None)
    assert run(["install-pytorch"]) == 2
    assert "neither uv nor pip" in capsys.readouterr().err


def test_ended_by_a_signal_it_ends_the_installer(tmp_path: Path) -> None:
    """As the window does, and Ctrl+C; the installer may tidy up."""
    started, tidied = tmp_path / "started", tmp_path / "tidied"
    uv = write_script(
        tmp_path / "uv", f"trap 'touch \"{tidied}\"; exit 130' INT\ntouch '{started}'\nwhile :; do sleep 0.05; done"
    )
    words = [sys.executable, "-P", "-m", "desktop", "install-pytorch"]
    env = os.environ | {pytorch_build.INDEX_VARIABLE: "http://127.0.0.1:1", "LECTERN_UV": str(uv)}
    with subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        wait_until(started.exists, "the installer runs", 60)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 128 + signal.SIGTERM
        assert process.stderr is not None
        assert process.stderr.read() == b""
    assert tidied.exists()


def test_a_signal_that_comes_while_the_installer_is_started_ends_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[subprocess.Popen[str]] = []

    class Interrupting(subprocess.Popen):  # type: ignore[type-arg]
        def __init__(self, *words: object, **options: object) -> None:
            super().__init__(*words, **options)  # type: ignore[call-overload]
            made.append(self)
            signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(subprocess, "Popen", Interrupting)
    with signals_interrupt(), pytest.raises(Interrupted):
        install_pytorch._run([sys.executable, "-c", "import time; time.sleep(300)"], None)
    assert made[0].returncode is not None


def test_the_last_words_are_those_that_say_why() -> None:
    progress = InstallProgress()
    for line in ("Collecting torch", "ERROR: Could not install packages: x", "", "[notice] A new release of pip"):
        list(progress.read(line))
    assert progress.last_words() == "Could not install packages: x"
    assert progress.problem() == "failed"
    assert InstallProgress().last_words() == ""


@pytest.mark.parametrize(
    ("origin", "said"),
    [
        (Origin("a cache", is_passing=True), "runs from a cache"),
        (Origin("the system's", is_locked_away=True), "closed to other packages"),
    ],
)
def test_where_it_would_not_stay_or_may_not_be_nothing_is_installed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], origin: Origin, said: str
) -> None:
    from desktop.cli import run

    monkeypatch.setattr(install_pytorch, "find_origin", lambda: origin)
    monkeypatch.setattr(install_pytorch, "find_uv", lambda: pytest.fail("nobody is to be asked"))
    assert run(["install-pytorch"]) == 2
    assert said in capsys.readouterr().err
