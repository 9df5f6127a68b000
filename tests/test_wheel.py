"""The wheel, built from the source archive as an index gets both: what it holds, and that it runs where no checkout
is."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from email.parser import Parser
from email.policy import compat32
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import pytest
from waiting import LIMIT_S

from desktop.common.paths import APP_ID

ROOT = Path(__file__).resolve().parent.parent
SHARED = {
    f"applications/{APP_ID}.desktop": f"packaging/{APP_ID}.desktop",
    f"metainfo/{APP_ID}.metainfo.xml": f"packaging/{APP_ID}.metainfo.xml",
    "man/man1/lectern.1": "packaging/man/lectern.1",
    "bash-completion/completions/lectern": "packaging/completions/lectern.bash",
    "zsh/site-functions/_lectern": "packaging/completions/lectern.zsh",
    "fish/vendor_completions.d/lectern.fish": "packaging/completions/lectern.fish",
    f"icons/hicolor/scalable/apps/{APP_ID}.svg": f"resources/icons/{APP_ID}.svg",
    f"icons/hicolor/symbolic/apps/{APP_ID}-symbolic.svg": f"resources/icons/{APP_ID}-symbolic.svg",
}
"""What systems look for below `share`, and where it is in the checkout."""
MAX_SOURCE_BYTES = 5_000_000


class Built(NamedTuple):
    """The archive's size, the wheel's names, and a folder where it lies unpacked, alone."""

    source_bytes: int
    source_names: list[str]
    names: set[str]
    folder: Path


def run(*command: str | Path, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    words = [str(word) for word in command]
    return subprocess.run(words, cwd=cwd, env=os.environ | env, capture_output=True, encoding="utf-8", timeout=LIMIT_S)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The source archive from the checkout, and the wheel from the archive."""
    folder = tmp_path_factory.mktemp("built")
    build = (sys.executable, "-m", "hatchling", "build", "-d", folder)
    done = run(*build, "-t", "sdist", cwd=ROOT)
    assert done.returncode == 0, done.stderr
    (source,) = folder.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        source_names = archive.getnames()
        archive.extractall(folder, filter="data")
    done = run(*build, "-t", "wheel", cwd=folder / source.name.removesuffix(".tar.gz"))
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        archive.extractall(folder / "alone")
    return Built(source.stat().st_size, source_names, names, folder / "alone")


def alone(built: Built, *command: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
    """`python` with the unpacked wheel before everything else, in a folder that is no checkout."""
    return run(sys.executable, "-P", *command, cwd=built.folder, PYTHONPATH=str(built.folder), **env)


def test_the_source_archive_is_small_and_has_nothing_of_this_computer(built: Built) -> None:
    assert built.source_bytes < MAX_SOURCE_BYTES
    tops = {name.split("/")[1] for name in built.source_names if "/" in name}
    assert tops - {path.name for path in ROOT.iterdir()} == {"PKG-INFO"}
    assert not tops & {".git", ".venv", "build", "dist"}


def test_the_wheel_holds_the_two_packages_whole(built: Built) -> None:
    info = f"lectern-{version('lectern')}"
    assert {name.split("/")[0] for name in built.names} == {"engine", "desktop", f"{info}.dist-info", f"{info}.data"}
    for top in ("engine", "desktop"):
        files = {
            path.relative_to(ROOT).as_posix()
            for path in (ROOT / top).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
        assert files <= built.names, sorted(files - built.names)
    assert {name for name in built.names if name.endswith((".pyc", ".part", "~"))} == set()
    for licence in ("LICENSE", "engine/text/languages/cldr-LICENSE.txt"):
        assert f"{info}.dist-info/licenses/{licence}" in built.names


def test_the_wheel_brings_what_the_program_hands_out(built: Built) -> None:
    """All that `packaged_path` and `resources_folder` are asked for, wherever in the source."""
    asked = set()
    for path in (ROOT / "desktop").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "packaged_path":
                asked |= {part.value for part in node.args if isinstance(part, ast.Constant)}
    assert {"browser", "constraints.txt"} <= asked
    for name in asked:
        assert any(f"{held}/".startswith(f"desktop/resources/{name}/") for held in built.names), name
    for source, target in (
        ("resources/icons", "icons"),
        ("packaging/browser", "browser"),
        ("packaging/man", "man"),
        ("packaging/completions", "completions"),
    ):
        for path in (ROOT / source).rglob("*"):
            if path.is_file():
                name = f"desktop/resources/{target}/{path.relative_to(ROOT / source).as_posix()}"
                assert (built.folder / name).read_bytes() == path.read_bytes(), name
    for path in (ROOT / "packaging").glob("constraints*.txt"):
        assert f"desktop/resources/{path.name}" in built.names


def test_the_wheel_brings_what_systems_look_for_below_their_prefix(built: Built) -> None:
    share = f"lectern-{version('lectern')}.data/data/share/"
    assert {name.removeprefix(share) for name in built.names if ".data/" in name} == set(SHARED)
    for name, source in SHARED.items():
        assert (built.folder / share / name).read_bytes() == (ROOT / source).read_bytes(), name


def metadata(built: Built) -> tuple[list[tuple[str, str]], str]:
    """The fields, and the description that an index shows."""
    (path,) = built.folder.glob("*.dist-info/METADATA")
    message = Parser(policy=compat32).parsestr(path.read_text(encoding="utf-8"))
    return list(message.items()), str(message.get_payload())


def test_an_indexs_page_shows_the_readme_with_its_pictures_and_sounds(built: Built) -> None:
    fields, text = metadata(built)
    urls = dict(value.split(", ", 1) for name, value in fields if name == "Project-URL")
    home = urls["Homepage"]
    links = [a or b for a, b in re.findall(r'\]\(([^)\s]+)\)|(?:href|src|srcset)="([^"]+)"', text)]
    assert [link for link in links if not link.startswith(("https://", "http://127.0.0.1", "#"))] == []
    own = [link for link in links if link.startswith(f"{home}/raw/") or link.startswith(f"{home}/blob/")]
    assert any(link.endswith(".png") for link in own)
    for link in own:
        kind, _branch, name = link.removeprefix(f"{home}/").split("/", 2)
        assert (ROOT / name.partition("#")[0]).exists(), link
        assert (kind == "raw") == name.endswith((".png", ".opus", ".svg")), link
    shown = (ROOT / "packaging" / f"{APP_ID}.metainfo.xml").read_text(encoding="utf-8")
    assert f'<url type="homepage">{home}</url>' in shown


def test_unpacked_it_is_the_one_that_runs_and_finds_its_files(built: Built) -> None:
    script = (
        "import desktop, engine; from desktop.common.paths import packaged_path, resources_folder as icons\n"
        "print(desktop.__file__, engine.__file__, icons(), packaged_path('browser/manifest.json'), sep='\\n')"
    )
    done = alone(built, "-c", script)
    assert done.returncode == 0, done.stderr
    places = done.stdout.splitlines()
    assert len(places) == 4
    assert all(Path(place).is_relative_to(built.folder) for place in places), places


@pytest.mark.slow
def test_unpacked_it_speaks(built: Built, tmp_path: Path) -> None:
    done = alone(built, "-m", "desktop", "say", "-o", tmp_path / "a.wav", "Hello.")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "a.wav").stat().st_size > 20_000


@pytest.mark.skipif(sys.platform != "linux", reason="Linux desktops")
def test_unpacked_it_hands_out_its_files_and_takes_them_back(built: Built, tmp_path: Path) -> None:
    env = {f"XDG_{name}_HOME": str(tmp_path / name) for name in ("DATA", "CONFIG", "CACHE")}
    for words, n_files in ((("install-desktop",), 6), (("install-browser-extension", "--to", tmp_path / "web"), 15)):
        done = alone(built, "-m", "desktop", *words, **env)
        assert done.returncode == 0, done.stderr
        assert len([path for path in tmp_path.rglob("*") if path.is_file()]) >= n_files
        gone = alone(built, "-m", "desktop", *words, "--remove", **env)
        assert gone.returncode == 0, gone.stderr
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_unpacked_it_says_what_it_is(built: Built) -> None:
    said = alone(built, "-m", "desktop", "--version").stdout.splitlines()
    assert said[0] == f"lectern {version('lectern')}"
    assert said[1].startswith("origin: wheel, by ")
    assert said[2] == "packages: as locked"
