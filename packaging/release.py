"""Makes a release: `make release VERSION=1.2.3`. Everything happens in a copy; the checkout changes when all is well.

    release.py VERSION         try it all and leave the files in dist/; says what --tag would do
    release.py VERSION --tag   the same, then a commit on main and an annotated tag. Nothing is pushed
    release.py --build TAG     build the files of what is checked out, which TAG names: what publish.yml does

The checks: a clean tree on main; entries under Unreleased; a version that comes after the last one and is not tagged;
the lock and the pages agree (tests/test_lock.py, tests/test_pages.py); archive and wheel are the same bytes when they
are built twice, and small enough; twine and pyroma find nothing. Exit code 2: something is not so; nothing changed.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BRANCH = "main"
APP_ID = "io.github.lectern.Lectern"
MAX_SOURCE_BYTES = 5_000_000
VERSION = re.compile(r"\d+\.\d+\.\d+")
TOOLS = "packaging/release-tools.txt"
SECTION = re.compile(r"^## (.+)\n", re.MULTILINE)


class ReleaseError(Exception):
    """Something is not as a release must have it; the words say what to do."""


def main() -> None:
    parser = argparse.ArgumentParser(description="Check, build and tag a release of Lectern.")
    parser.add_argument("version", nargs="?", metavar="VERSION", help="such as 1.2.3")
    parser.add_argument("--tag", action="store_true", help="commit and tag it when all is well")
    parser.add_argument("--build", metavar="TAG", help="only build what is checked out, which TAG names")
    arguments = parser.parse_args()
    if (arguments.version is None) == (arguments.build is None):
        parser.error("name a VERSION, or a TAG to --build")
    try:
        if arguments.build is not None:
            build_tagged(arguments.build)
        else:
            release(arguments.version, is_tagging=arguments.tag)
    except ReleaseError as error:
        _say(f"No release: {error}")
        sys.exit(2)


def release(version: str, *, is_tagging: bool) -> None:
    """Check, write, build and, if asked, tag. Raises `ReleaseError`; then the checkout is as it was."""
    check_checkout(version)
    head = git("rev-parse", "HEAD")
    with copy_of(head) as tree:
        write_version(tree, version, datetime.now(UTC).date().isoformat())
        git("commit", "--quiet", "--all", "--message", f"Lectern {version}", cwd=tree)
        commit = git("rev-parse", "HEAD", cwd=tree)
        check_pages(tree)
        build_into_dist(tree, version)
        _say("", *sorted(f"{path.name:44}{path.stat().st_size:>12,} bytes" for path in (ROOT / "dist").iterdir()), "")
        if not is_tagging:
            _say(
                "All is well. Nothing was committed or tagged. To do that:",
                f"  make release VERSION={version} TAG=yes",
                f'which adds the commit "Lectern {version}" to {BRANCH} and tags it v{version}:',
                git("show", "--stat", "--format=", commit, cwd=tree),
            )
            return
        if git("rev-parse", "HEAD") != head or git("status", "--porcelain"):
            raise ReleaseError("the checkout was changed meanwhile. Run it again.")
        git("fetch", "--quiet", str(tree), "HEAD")
    put_tag(version, commit)
    _say(f"Tagged v{version}. To publish it: git push origin {BRANCH} v{version}")


def put_tag(version: str, commit: str) -> None:
    """Tag `commit`, and put it onto the branch: both or neither."""
    words = changes_of(version, git("show", f"{commit}:CHANGELOG.md"))
    git("tag", "--annotate", "--cleanup=verbatim", f"v{version}", "--message", f"Lectern {version}\n\n{words}", commit)
    try:
        git("merge", "--quiet", "--ff-only", commit)
    except ReleaseError:
        git("tag", "--delete", f"v{version}")
        raise


def build_tagged(tag: str) -> None:
    """Build what is checked out. Raises `ReleaseError` where it is not what `tag` says."""
    version = project_version(ROOT)
    if tag != f"v{version}":
        raise ReleaseError(f"the tag is {tag}, and pyproject.toml has version {version}.")
    if not changes_of(version, (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")):
        raise ReleaseError(f"CHANGELOG.md says nothing of {version}.")
    with copy_of("HEAD") as tree:
        build_into_dist(tree, version)


# --- what must be so before


def check_checkout(version: str) -> None:
    """Raise `ReleaseError` unless a release of `version` can begin here."""
    if not VERSION.fullmatch(version):
        raise ReleaseError(f"{version} is no version such as 1.2.3.")
    if (branch := git("branch", "--show-current")) != BRANCH:
        raise ReleaseError(f"this is {branch or 'no branch'}, and releases are made on {BRANCH}.")
    if changed := git("status", "--porcelain"):
        raise ReleaseError(f"these files are changed or new; commit or remove them:\n{changed}")
    if git("tag", "--list", f"v{version}"):
        raise ReleaseError(f"v{version} is tagged already.")
    sections = read_sections((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    if not re.search(r"^- ", sections.get("Unreleased", ""), re.MULTILINE):
        raise ReleaseError("CHANGELOG.md has no entry under Unreleased: there is nothing to release.")
    released = [name.partition(" - ")[0] for name in sections if name != "Unreleased"]
    if released and _key(version) <= _key(released[0]):
        raise ReleaseError(f"{version} does not come after {released[0]}, the last one in CHANGELOG.md.")


def check_pages(tree: Path) -> None:
    """Raise `ReleaseError` unless the lock is that of pyproject.toml, and every page tells the same version."""
    tests = ["tests/test_lock.py", "tests/test_pages.py"]
    if run(tree, sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", *tests).returncode:
        raise ReleaseError("the lock or the pages do not agree with pyproject.toml; see above.")


def read_sections(changelog: str) -> dict[str, str]:
    """Cut a changelog into its sections, by their headings."""
    _, *parts = SECTION.split(changelog)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def changes_of(version: str, changelog: str) -> str:
    """Return what the changelog says of `version`; "" where it says nothing."""
    return next(
        (text.strip() for name, text in read_sections(changelog).items() if name.startswith(f"{version} - ")), ""
    )


def project_version(tree: Path) -> str:
    return tomllib.loads((tree / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


def _key(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


# --- what the commit changes


def write_version(tree: Path, version: str, date: str) -> None:
    """Write `version` wherever it stands. Raises `ReleaseError` where a file is not as it was."""
    old = project_version(tree)
    metainfo = f"packaging/{APP_ID}.metainfo.xml"
    replace_once(tree / "CHANGELOG.md", "## Unreleased\n", f"## Unreleased\n\n## {version} - {date}\n")
    if old != version:
        replace_once(tree / "pyproject.toml", f'\nversion = "{old}"\n', f'\nversion = "{version}"\n')
        replace_once(tree / "packaging/browser/manifest.json", f'"version": "{old}"', f'"version": "{version}"')
    replace_once(tree / metainfo, "  <releases>\n", f'  <releases>\n    <release version="{version}" date="{date}"/>\n')


def replace_once(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    if text.count(old) != 1:
        raise ReleaseError(f"{path.name} does not have {old.strip()!r} exactly once.")
    path.write_text(text.replace(old, new), encoding="utf-8")


# --- files


def build_into_dist(tree: Path, version: str) -> None:
    """Build and check everything beside `dist`, and put it in its place at the end. Raises `ReleaseError`."""
    epoch = git("log", "-1", "--format=%ct", cwd=tree)
    tools = make_tools()
    part = ROOT / "build" / "release"
    shutil.rmtree(part, ignore_errors=True)
    source, wheel = build_twice(tree, tools, part, epoch)
    if source.stat().st_size > MAX_SOURCE_BYTES:
        raise ReleaseError(
            f"{source.name} has {source.stat().st_size:,} bytes; at most {MAX_SOURCE_BYTES:,} are allowed."
        )
    check(tree, "twine", tools / "twine", "check", "--strict", source, wheel)
    check(tree, "pyroma", tools / "pyroma", "--min", "10", "--file", source)
    bill = source.parent / f"lectern-{version}.cdx.json"
    check(tree, "sbom.py", sys.executable, "packaging/sbom.py", version, bill, SOURCE_DATE_EPOCH=epoch)
    if shutil.which("dpkg-deb"):
        (tree / "build").mkdir(exist_ok=True)
        (tree / ".venv").symlink_to(sys.prefix)
        check(tree, "deb.sh", tree / "packaging/deb.sh", wheel, SOURCE_DATE_EPOCH=epoch)
        for package in (tree / "build").glob("*.deb"):
            shutil.move(package, source.parent)
    else:
        _say("No .deb: dpkg-deb is not here.")
    files = sorted(source.parent.iterdir())
    sums = "".join(f"{sha256(path)}  {path.name}\n" for path in files)
    (source.parent / "SHA256SUMS").write_text(sums, encoding="ascii")
    shutil.rmtree(ROOT / "dist", ignore_errors=True)
    source.parent.rename(ROOT / "dist")
    shutil.rmtree(part, ignore_errors=True)


def make_tools() -> Path:
    """Make the environment of build, twine and pyroma, or find it. Returns the folder of its programs."""
    folder, wanted = ROOT / "build" / "release-tools", (ROOT / TOOLS).read_bytes()
    stamp, programs = folder / "ready", folder / "bin"
    if not stamp.exists() or stamp.read_bytes() != wanted:
        uv = Path(sys.executable).with_name("uv")
        check(ROOT, "uv", uv, "venv", "--quiet", "--clear", "--python", sys.executable, folder)
        install = ("pip", "install", "--quiet", "--python", programs / "python", "--require-hashes", "-r", ROOT / TOOLS)
        check(ROOT, "uv", uv, *install)
        stamp.write_bytes(wanted)
    return programs


def build_twice(tree: Path, tools: Path, part: Path, epoch: str) -> tuple[Path, Path]:
    """Build source archive and wheel, the wheel from the archive, each in isolation. Raises `ReleaseError` where a
    second time brings other bytes."""
    constraints = str(tree / "packaging" / "constraints.txt")
    found = []
    for name in ("first", "second"):
        command = (tools / "python", "-m", "build", "--outdir", part / name, tree)
        check(tree, "build", *command, SOURCE_DATE_EPOCH=epoch, PIP_CONSTRAINT=constraints)
        (source,), (wheel,) = (part / name).glob("*.tar.gz"), (part / name).glob("*.whl")
        found.append((source, wheel))
    for first, second in zip(*found, strict=True):
        if sha256(first) != sha256(second):
            raise ReleaseError(f"{first.name} has other bytes when it is built again.")
    return found[0]


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


# --- git and programs


@contextmanager
def copy_of(commit: str) -> Iterator[Path]:
    """Clone the checkout at `commit`; the copy is gone after the block."""
    with tempfile.TemporaryDirectory(prefix="lectern-release-") as folder:
        tree = Path(folder) / "lectern"
        identity = [
            (key, value) for key in ("user.name", "user.email") if (value := git("config", "--default", "", key))
        ]
        git("clone", "--quiet", str(ROOT), str(tree))
        git("checkout", "--quiet", "--detach", git("rev-parse", commit), cwd=tree)
        for key, value in identity:
            git("config", key, value, cwd=tree)
        yield tree


def git(*words: str, cwd: Path | None = None) -> str:
    """Run git and return what it prints. Raises `ReleaseError`."""
    done = subprocess.run(["git", *words], cwd=cwd or ROOT, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        raise ReleaseError(f"git {words[0]} failed: {done.stderr.strip()}")
    return done.stdout.rstrip()


def check(tree: Path, name: str, *command: str | Path, **environment: str) -> None:
    """Run a program. Raises `ReleaseError` where it finds something."""
    if run(tree, *command, **environment).returncode:
        raise ReleaseError(f"{name} found something; see above.")


def run(tree: Path, *command: str | Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    _say(f"* {Path(command[0]).name} {' '.join(str(word) for word in command[1:4])}")
    words = [str(word) for word in command]
    return subprocess.run(words, cwd=tree, env=os.environ | environment, stdout=sys.stderr, check=False)


def _say(*lines: str) -> None:
    sys.stderr.write("".join(f"{line}\n" for line in lines))
    sys.stderr.flush()


if __name__ == "__main__":
    main()
