"""The Debian package: what it is made of, and that it is the same bytes each time. packaging/try-deb.sh installs it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from waiting import LIMIT_S

ROOT = Path(__file__).resolve().parent.parent
APP_ID = "io.github.lectern.Lectern"

pytestmark = pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="dpkg-deb is Debian's")


def run(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    words = [str(word) for word in command]
    env = os.environ | environment
    return subprocess.run(words, env=env, capture_output=True, encoding="utf-8", timeout=LIMIT_S, check=False)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One of a wheel that is a few bytes: what is in it is the wheel's own affair."""
    return build(tmp_path_factory.mktemp("deb"))


def build(folder: Path) -> Path:
    checkout = folder / "a checkout"
    shutil.copytree(ROOT / "packaging", checkout / "packaging")
    shutil.copytree(ROOT / "resources" / "icons", checkout / "resources" / "icons")
    shutil.copy(ROOT / "CHANGELOG.md", checkout)
    (checkout / ".venv").symlink_to(ROOT / ".venv")
    wheel = folder / "lectern-1.2.3-py3-none-any.whl"
    wheel.write_bytes(b"PK\5\6" + bytes(18))  # an empty archive
    done = run(checkout / "packaging" / "deb.sh", wheel, SOURCE_DATE_EPOCH="1764500000")
    assert done.returncode == 0, done.stderr
    (made,) = (checkout / "build").glob("*.deb")
    return made


def test_its_files_are_where_debian_has_them_and_none_is_below_opt(package: Path) -> None:
    listed = run("dpkg-deb", "--contents", package).stdout
    files = {line.rpartition(" ")[2].removeprefix("./") for line in listed.splitlines() if not line.endswith("/")}
    assert {
        "usr/bin/lectern",
        "usr/sbin/lectern-setup",
        "usr/share/lectern/lectern-1.2.3-py3-none-any.whl",
        "usr/share/lectern/requirements.txt",
        f"usr/share/applications/{APP_ID}.desktop",
        f"usr/share/metainfo/{APP_ID}.metainfo.xml",
        f"usr/share/icons/hicolor/scalable/apps/{APP_ID}.svg",
        "usr/share/doc/lectern/copyright",
        "usr/share/man/man8/lectern-setup.8.gz",
    } <= files
    assert all(file.startswith("usr/") for file in files)
    assert all(" root/root " in line for line in listed.splitlines())


def test_it_asks_for_what_a_checkout_installs_to_run(package: Path) -> None:
    depends = run("dpkg-deb", "--field", package, "Depends").stdout.strip().split(", ")
    listed = (ROOT / "packaging" / "debian-packages.txt").read_text()
    for words in re.findall(r"^(?:say|run) +(\S+)", listed, re.MULTILINE):
        assert words.replace("|", " | ") in depends
    assert {"python3 (>= 3.11)", "python3-venv", "ca-certificates"} <= set(depends)
    assert run("dpkg-deb", "--field", package, "Version").stdout.strip() == "1.2.3-1"


def test_every_file_that_it_fetches_has_a_hash_and_a_wheel(package: Path, tmp_path: Path) -> None:
    run("dpkg-deb", "--extract", package, tmp_path)
    wanted = (tmp_path / "usr/share/lectern/requirements.txt").read_text()
    assert "docopt" not in wanted, "it has no wheel"
    for entry in re.split(r"\n(?=\w)", wanted):
        assert entry.startswith("#") or "--hash=sha256:" in entry, entry
    assert re.search(
        r"^lectern @ file:///usr/share/lectern/lectern-1\.2\.3\S+ --hash=sha256:[0-9a-f]{64}$", wanted, re.M
    )


def test_without_its_environment_lectern_says_what_to_do(package: Path, tmp_path: Path) -> None:
    if Path("/opt/lectern").exists():
        pytest.skip("this computer has the package")
    run("dpkg-deb", "--extract", package, tmp_path)
    said = run(tmp_path / "usr/bin/lectern", "--version")
    assert said.returncode == 2
    assert said.stderr.strip().endswith("Fetch them with: sudo lectern-setup")


def test_it_is_the_same_bytes_each_time(package: Path, tmp_path: Path) -> None:
    assert build(tmp_path).read_bytes() == package.read_bytes()
