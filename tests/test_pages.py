"""The pages for people who work on Lectern name only what there is: paths, modules, commands, headings, decisions."""

from __future__ import annotations

import json
import pkgutil
import re
import tomllib
from itertools import product
from pathlib import Path

import manual
import pytest

ROOT = Path(__file__).resolve().parent.parent
DECISIONS = ROOT / "docs" / "decisions.md"
PAGES = (
    *(ROOT / name for name in ("ARCHITECTURE.md", "CONTRIBUTING.md", "README.md", "SECURITY.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    ROOT / "packaging" / "browser" / "README.md",
    *sorted((ROOT / ".github").rglob("*.md")),
)
TOPS = ("engine", "desktop", "tests", "packaging", "docs", "resources", ".ci", ".github")
SOURCES = {".py", ".cpp", ".h", ".md", ".toml", ".sh", ".yml", ".html"}
LINKS = re.compile(r"""\]\(([^)\s]+)\)|\b(?:href|src|srcset)="([^"\s]+)\"""")
PLACEHOLDER = re.compile(r"(?<![A-Z])(?:NAME|XX)(?![A-Z])")
"""`engine/text/languages/XX.py` is a file that a reader of the page makes."""


def page_id(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def quoted(page: Path) -> list[str]:
    """What stands in backticks, a word at a time; code blocks too."""
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"^```.*?^```", text, re.MULTILINE | re.DOTALL)
    inline = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))
    return [word.strip(",;:()\"'") for part in (*blocks, *inline) for word in part.split()]


def expanded(word: str) -> list[str]:
    """`a/{b,c}.py` as the shell reads it."""
    parts = re.split(r"\{([^}]*)\}", word)
    choices = [part.split(",") if index % 2 else [part] for index, part in enumerate(parts)]
    return ["".join(choice) for choice in product(*choices)]


def slugs(page: Path) -> set[str]:
    """The anchors that GitHub gives the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(page: Path) -> list[str]:
    """Where the page leads, and the pictures that it shows."""
    return [first or second for first, second in LINKS.findall(page.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_a_page_names_paths_that_exist(page: Path) -> None:
    for word in quoted(page):
        if word.split("/")[0] not in TOPS or "/" not in word or PLACEHOLDER.search(word):
            continue
        for path in expanded(word.partition("::")[0].rstrip("/")):
            assert any(ROOT.glob(path)), path


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_a_page_names_modules_and_functions_that_exist(page: Path) -> None:
    for word in quoted(page):
        if re.fullmatch(r"(engine|desktop)(\.\w+)+", word) and not PLACEHOLDER.search(word):
            pkgutil.resolve_name(word)


@pytest.mark.parametrize("page", [*PAGES, ROOT / "CHANGELOG.md"], ids=page_id)
def test_a_pages_links_lead_somewhere(page: Path) -> None:
    for target in links(page):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        path = (page.parent / name).resolve() if name else page
        assert path.exists(), target
        assert not anchor or anchor in slugs(path), target


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_a_picture_is_told_to_who_does_not_see_it(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    told = re.findall(r"!\[([^\]]*)\]\(", text) + re.findall(r'<img\b[^>]* alt="([^"]*)"', text)
    assert len(told) == text.count("![") + text.count("<img")
    assert all(len(words) > 5 for words in told), told


def test_every_picture_is_on_a_page() -> None:
    shown = {(page.parent / target).resolve() for page in PAGES for target in links(page)}
    assert {path.name for path in (ROOT / "resources" / "pictures").iterdir() if path not in shown} == set()


def test_make_targets_that_pages_name_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page in set(PAGES) - set(manual.PAGES):  # those have it from tests/test_manual.py
        named = set(re.findall(r"`make ([a-z-]+)", page.read_text(encoding="utf-8")))
        assert named <= targets, page


def test_every_room_stands_in_the_architecture() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    named = {path.rstrip("/") for word in re.findall(r"`([^`\s]+)`", text) for path in expanded(word)}
    rooms = {page_id(file.parent) for top in ("engine", "desktop") for file in (ROOT / top).rglob("*.py")}
    assert rooms - {"engine", "desktop"} <= named, sorted(rooms - {"engine", "desktop"} - named)


def test_decisions_are_whole_and_those_that_are_cited_exist() -> None:
    text = DECISIONS.read_text(encoding="utf-8")
    _index, *entries = re.split(r"^## ", text, flags=re.MULTILINE)
    numbers = [int(entry.split(".")[0]) for entry in entries]
    assert numbers == list(range(1, len(numbers) + 1))
    for number, entry in zip(numbers, entries, strict=True):
        parts = re.findall(r"^\*\*(\w+)\.\*\* ", entry, re.MULTILINE)
        assert parts == ["Context", "Choice", "Cost"], number
        assert f"](#{number}-" in _index, number
    cited = re.compile(r"\bdecisions? (\d+(?:(?:, | and )\d+)*)", re.IGNORECASE)
    for path in (file for top in ROOT.iterdir() if top.name in TOPS or top.is_file() for file in _files(top)):
        for match in cited.finditer(path.read_text(encoding="utf-8")):
            assert {int(number) for number in re.findall(r"\d+", match[1])} <= set(numbers), path


def _files(top: Path) -> list[Path]:
    found = [top] if top.is_file() else sorted(top.rglob("*"))
    return [path for path in found if path.suffix in SOURCES]


def test_the_version_is_the_same_wherever_it_stands() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    sections = re.findall(r"^## (.+)$", changes, re.MULTILINE)
    assert sections[0] == "Unreleased"
    released = dict(section.split(" - ") for section in sections[1:])
    assert next(iter(released)) == version
    shown = (ROOT / "packaging" / "io.github.lectern.Lectern.metainfo.xml").read_text()
    assert dict(re.findall(r'<release version="([^"]+)" date="([^"]+)"', shown)) == released
    extension = json.loads((ROOT / "packaging" / "browser" / "manifest.json").read_text())
    assert extension["version"] == version


def test_the_browser_extension_asks_for_little_and_fetches_nothing() -> None:
    folder = ROOT / "packaging" / "browser"
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["permissions"] == ["activeTab", "scripting", "storage"]
    assert manifest["host_permissions"] == ["http://127.0.0.1/*", "http://localhost/*"]
    sources = {path.name: path.read_text() for path in folder.iterdir() if path.suffix in (".js", ".html", ".css")}
    named = re.findall(
        r'"([a-z_]+\.(?:js|css|html)|icons/[0-9]+\.png)"', "".join(sources.values()) + json.dumps(manifest)
    )
    assert {name for name in named if not (folder / name).is_file()} == set()
    assert set(sources) <= {*named, "lectern.js"}, "a file that nobody loads"
    hosts = set(re.findall(r"https?://([^/\s\"'`:]+)", "".join(sources.values())))
    assert hosts == {"127.0.0.1"}
    unsafe = re.compile(r"\b(eval|innerHTML|outerHTML|insertAdjacentHTML|document\.write|new Function)\b")
    assert [name for name, source in sources.items() if unsafe.search(source)] == []


def test_pre_commit_runs_what_lint_runs_and_fetches_nothing() -> None:
    hooks = (ROOT / ".pre-commit-config.yaml").read_text()
    makefile = (ROOT / "Makefile").read_text()
    assert re.findall(r"^ *- repo: (.+)$", hooks, re.MULTILINE) == ["local"]
    entries = re.findall(r"entry: \.venv/bin/(.+)", hooks)
    assert len(entries) == hooks.count("- id:") == hooks.count("language: system")
    for entry in entries:
        program = re.match(r"[a-z-]+( [a-z]+)?", entry)
        assert program is not None
        assert f"$(BIN)/{program[0]}" in makefile, entry


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_a_page_has_no_blank_left_to_fill(page: Path) -> None:
    left = re.findall(r"@[A-Z]{2,}\b|\b(?:TODO|FIXME|TBD)\b", page.read_text(encoding="utf-8"))
    assert not left
