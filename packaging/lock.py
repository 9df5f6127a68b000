"""Make the lock anew: packaging/constraints*.txt, from the ranges in pyproject.toml. `make lock` calls it; it needs uv.

    lock.py                 keep what is locked where pyproject.toml still admits it
    lock.py --upgrade all   the newest of everything that pyproject.toml admits
    lock.py --upgrade NAME  the newest of one package

PyTorch's builds ask for different versions of NVIDIA's packages, and a constraint knows no build. So these stand in
files of their own: constraints-cuda13.txt for the registry's build and cu130, constraints-cuda12.txt for the older two.

requirements.txt is what the .deb and the folder install, and what a release's bill of materials lists: Lectern's own
needs with every extra but PyTorch, each file of the registry by its hash. release-tools.txt is what `make release`
checks with, from release-tools.in.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT / "packaging" / "constraints.txt"
CUDA13 = ROOT / "packaging" / "constraints-cuda13.txt"
CUDA12 = ROOT / "packaging" / "constraints-cuda12.txt"
HASHED = ROOT / "packaging" / "requirements.txt"
TOOLS = ROOT / "packaging" / "release-tools.txt"
EXTRAS = ("server", "wyoming", "mcp")
# What cu126 and cu128 builds of torch 2.11 leave open: they pin the rest of NVIDIA's packages exactly, and ask for
# `cuda-bindings>=12.9.4,<13`. Their index is not asked here: it cannot be reached from everywhere.
CUDA12_REQUIREMENT = "cuda-bindings==12.9.4 ; sys_platform == 'linux'"
BUILDS = {"cpu", "cu126", "cu128", "cu130"}
CUDA_NAMES = ("cuda-", "nvidia-", "triton")

HEADER = """\
# {what}
# Made by `make lock` from pyproject.toml; not edited by hand. pip and uv take it with {option}.
"""
# uv's settings that say where a computer reaches the registry. Others could change what is locked.
REACHING = {"UV_CACHE_DIR", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_NATIVE_TLS", "UV_SYSTEM_CERTS", "UV_HTTP_TIMEOUT"}


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Lock every package that pyproject.toml asks for, and what those ask for."
    )
    parser.add_argument("--upgrade", metavar="all|NAME", help="raise what is locked, instead of keeping it")
    upgrade = parser.parse_args().upgrade
    # The extras of PyTorch's builds exclude each other, and ask for what only its own indexes have.
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    groups = [word for extra in extras if extra not in BUILDS for word in ("--extra", extra)]
    groups += ["--group", "dev", "--group", "setup"]
    everything = resolve(["pyproject.toml", *groups], known=[SHARED, CUDA13], upgrade=upgrade)
    cuda = [line for line in everything if line.startswith(CUDA_NAMES)]
    shared = [line for line in everything if line not in cuda]
    cuda12 = resolve(["-"], known=[CUDA12], upgrade=upgrade, requirement=CUDA12_REQUIREMENT)
    write(SHARED, "Every package at the version that Lectern was tried with, but for CUDA's.", shared)
    write(CUDA13, "CUDA's packages for PyTorch's builds default and cu130.", cuda)
    write(CUDA12, "CUDA's packages for PyTorch's builds cu126 and cu128, which pin the others themselves.", cuda12)
    asked = [word for name in EXTRAS for word in ("--extra", name)]
    hashed = resolve_hashes(["pyproject.toml", *asked, "--constraints", str(SHARED)], prefer="")
    write(HASHED, "What Lectern needs without PyTorch, every file by its hash.", hashed, option="-r")
    locked = "" if upgrade == "all" or not TOOLS.exists() else TOOLS.read_text()
    tools = resolve_hashes([str(TOOLS.with_suffix(".in"))], prefer=locked)
    write(TOOLS, "What `make release` checks a release with, every file by its hash.", tools, option="-r")


def resolve(sources: list[str], known: list[Path], upgrade: str | None, requirement: str = "") -> list[str]:
    """Ask uv for versions that work on all Pythons and systems. Returns lines of `name==version ; marker  # via …`."""
    options = ["--universal", "--python-version", "3.11", "--annotation-style", "line", "--no-header"]
    # No host of a registry is named, and no setting of this computer has a say.
    options += ["--no-config", "--no-emit-index-url", "--no-progress", "--quiet"]
    if upgrade is not None:
        options += ["--upgrade"] if upgrade == "all" else ["--upgrade-package", upgrade]
    lines = compile_with_uv(
        [*options, *sources],
        prefer="".join(path.read_text() for path in known if path.exists()),
        requirement=requirement,
    )
    return [" ".join(line.split()).replace(" # via", "  # via") for line in lines if not line.startswith("#")]


def resolve_hashes(sources: list[str], prefer: str) -> list[str]:
    """Ask uv for versions and for the hashes of their files. Returns the lines of a file of requirements."""
    options = ["--universal", "--python-version", "3.11", "--no-annotate", "--no-header", "--generate-hashes"]
    options += ["--no-config", "--no-emit-index-url", "--no-progress", "--quiet"]
    return compile_with_uv([*options, *sources], prefer)


def compile_with_uv(arguments: list[str], prefer: str = "", requirement: str = "") -> list[str]:
    """Run `uv pip compile`; versions that `prefer` has are kept. Returns the lines that it wrote."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "locked.txt"
        output.write_text(prefer)
        command = [find_uv(), "pip", "compile", "--output-file", str(output), *arguments]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("UV_") or k in REACHING}
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            input=requirement,
            stdout=subprocess.DEVNULL,
            encoding="utf-8",
            check=False,
        )
        if done.returncode:
            sys.exit("uv could not lock these; the files are as they were.")
        return output.read_text().splitlines()


def find_uv() -> str:
    return str(Path(sys.executable).with_name("uv"))


def write(path: Path, what: str, lines: list[str], option: str = "-c") -> None:
    part = path.with_suffix(".part")
    part.write_text(HEADER.format(what=what, option=option) + "\n".join(lines) + "\n")
    part.replace(path)


if __name__ == "__main__":
    main()
