"""Shell scripts and workflows, read by the programs that know their traps, and what workflows name."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from waiting import LIMIT_S

ROOT = Path(__file__).resolve().parent.parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
OUTSIDE = {".git", ".venv", "build", "dist", "node_modules"}

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="shell scripts are for other systems")


def run(program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name(program)), *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", timeout=LIMIT_S, check=False)


def shell_scripts() -> list[Path]:
    found = []
    for folder in (path for path in ROOT.iterdir() if path.is_dir() and path.name not in OUTSIDE):
        for path in (path for path in folder.rglob("*") if path.is_file()):
            with path.open("rb") as file:
                if re.match(rb"#!.*\b(ba)?sh\n", file.readline(80)):
                    found.append(path)
    return sorted(found)


@pytest.mark.slow
def test_shellcheck_finds_nothing_in_any_shell_script() -> None:
    scripts = shell_scripts()
    assert ROOT / ".ci" / "run" in scripts
    assert ROOT / "packaging" / "debian" / "postinst" in scripts
    found = run("shellcheck", "--exclude=SC1091", *scripts)  # 1091: what is sourced from a folder that a variable names
    assert found.returncode == 0, found.stdout


def test_zizmor_finds_no_weakness_in_the_workflows() -> None:
    found = run("zizmor", "--offline", "--pedantic", "--no-progress", ".github")
    assert found.returncode == 0, found.stdout + found.stderr
    assert "No findings" in found.stdout


def test_workflows_call_what_is_here_with_pythons_that_lectern_runs_on() -> None:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    makefile = (ROOT / "Makefile").read_text()
    for path in WORKFLOWS:
        workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert workflow["permissions"] == {}, path.name
        for name, job in workflow["jobs"].items():
            said = f"{path.name}: {name}"
            assert "permissions" in job, said
            if "uses" in job:
                assert (ROOT / job["uses"]).is_file(), said
                continue
            assert job["timeout-minutes"] <= 60, said
            pythons = job.get("strategy", {}).get("matrix", {}).get("python", [])
            assert all(tuple(map(int, python.split("."))) >= (3, 11) for python in pythons), (said, wanted)
            commands = "\n".join(step.get("run", "") for step in job["steps"])
            for target in re.findall(r"^make ([a-z-]+)", commands, re.MULTILINE):
                assert f"\n{target}:" in makefile, said
            for script in re.findall(r"\bpackaging/[\w./-]+", commands):
                assert (ROOT / script).is_file(), (said, script)
            for action in (step["uses"] for step in job["steps"] if "uses" in step):
                assert re.search(r"@[0-9a-f]{40}$", action), (said, action)


def test_only_the_job_that_publishes_may_and_in_an_environment_of_its_own() -> None:
    jobs = yaml.safe_load((ROOT / ".github/workflows/publish.yml").read_text(encoding="utf-8"))["jobs"]
    (publishing,) = (
        job for job in jobs.values() if any("pypi-publish" in step.get("uses", "") for step in job.get("steps", []))
    )
    assert publishing["environment"] == "pypi"
    assert publishing["permissions"] == {"id-token": "write"}
    assert jobs["pypi"]["needs"] == "build"
    assert jobs["build"]["needs"] == "test"
