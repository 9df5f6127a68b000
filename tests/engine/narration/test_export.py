"""The audiobook: chapters, cover and tags as ffprobe reads them, loudness measured back, subtitles against sound."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from at_once import slow_but
from narrators import EPUBCHECK, ToneEngine

from engine.audio.decoding import read_audio
from engine.audio.loudness import Levelling, corrected
from engine.errors import NarrationError, OptionError, OutputError
from engine.narration.document import Chapter, Document
from engine.narration.epub_overlay import write_overlay
from engine.narration.export import ExportStage, export, file_name_of
from engine.narration.project import Project
from engine.narration.reading import read_document
from engine.narration.recipe import Recipe
from engine.narration.render import narrate, recipe_of
from engine.narration.settings import NarrationSettings, Pauses
from engine.narration.timeline import Timeline, lay_out, sound_of
from engine.types import CancelToken, Voice

TEXTS = [
    "This is how it begins. A second sentence comes right after it.\n\nThen there is a new paragraph.",
    "The second chapter is short & sweet. It has two sentences.",
    "And the last one ends the book.",
]
IDENTITY = "tones/1"
SHORT_PAUSES = Pauses(sentence_ms=100, paragraph_ms=200, chapter_ms=300)


@pytest.fixture(scope="module")
def cover() -> bytes:
    import av

    frame = av.VideoFrame.from_ndarray(np.full((32, 24, 3), 200, np.uint8), format="rgb24")
    context = av.CodecContext.create("png", "w")
    context.width, context.height, context.pix_fmt = 24, 32, "rgb24"
    return b"".join(bytes(packet) for packet in (*context.encode(frame), *context.encode(None)))


@pytest.fixture(scope="module")
def narrated(tmp_path_factory: pytest.TempPathFactory, cover: bytes) -> Path:
    """The folder of a project that is spoken: each test has a copy."""
    folder = tmp_path_factory.mktemp("narrated")
    chapters = tuple(Chapter(f"Chapter {i}", text) for i, text in enumerate(TEXTS, start=1))
    document = Document("A Book", "Some Body", "en", chapters, cover)
    with Project.create(folder, document, Path("book.txt"), NarrationSettings()) as made:
        list(narrate(made, ToneEngine(), IDENTITY, Voice("x"), CancelToken()))
    return folder


@pytest.fixture
def project(narrated: Path, tmp_path: Path) -> Iterator[Project]:
    with Project(shutil.copytree(narrated, tmp_path / "project")) as copy:
        yield copy


def recipe(project: Project) -> Recipe:
    return recipe_of(project, IDENTITY, Voice("x"))


def export_as(project: Project, target: Path, **settings: object) -> tuple[Path, ...]:
    project.set_settings(replace(project.settings, **settings))  # type: ignore[arg-type]
    *_, last = export(project, recipe(project), target, CancelToken())
    assert last.stage is ExportStage.DONE
    return last.paths


def probe(path: Path) -> dict[str, Any]:
    command = ["ffprobe", "-v", "error", "-show_chapters", "-show_streams", "-show_format", "-of", "json", str(path)]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def measured(path: Path) -> tuple[float, float]:
    """Integrated loudness in LUFS and true peak in dBTP, by another FFmpeg than ours."""
    command = ["ffmpeg", "-hide_banner", "-nostats", "-i", str(path), "-filter_complex", "ebur128=peak=true"]
    words = subprocess.run([*command, "-f", "null", "-"], check=True, capture_output=True, encoding="utf-8").stderr
    summary = words[words.rindex("Summary:") :]
    loudness, peak = re.search(r"I:\s+(\S+) LUFS", summary), re.search(r"Peak:\s+(\S+) dBFS", summary)
    assert loudness
    assert peak
    return float(loudness[1]), float(peak[1])


def timeline_of(project: Project) -> Timeline:
    return lay_out(project, recipe(project))


def test_an_m4b_has_chapters_cover_and_tags_at_the_right_times(project: Project, tmp_path: Path, cover: bytes) -> None:
    (path,) = export_as(project, tmp_path / "book.m4b")
    facts = probe(path)
    assert facts["format"]["tags"]["major_brand"] == "M4B "
    tags = facts["format"]["tags"]
    assert (tags["title"], tags["artist"], tags["album"], tags["genre"]) == (
        "A Book",
        "Some Body",
        "A Book",
        "Audiobook",
    )
    assert [chapter["tags"]["title"] for chapter in facts["chapters"]] == ["Chapter 1", "Chapter 2", "Chapter 3"]
    timeline = timeline_of(project)
    for chapter, placed in zip(facts["chapters"], timeline.chapters, strict=True):
        assert float(chapter["start_time"]) == pytest.approx(placed.start / 44_100, abs=0.001)
        assert float(chapter["end_time"]) == pytest.approx(placed.end / 44_100, abs=0.001)
    picture = next(stream for stream in facts["streams"] if stream["codec_type"] == "video")
    assert picture["disposition"]["attached_pic"] == 1
    assert (picture["codec_name"], picture["width"], picture["height"]) == ("png", 24, 32)
    assert cover in path.read_bytes()
    assert float(facts["format"]["duration"]) == pytest.approx(timeline.n_samples / 44_100, abs=0.03)


@pytest.mark.parametrize("ending", ["m4b", "mp3", "opus", "flac", "wav"])
def test_every_format_holds_the_whole_sound(project: Project, tmp_path: Path, ending: str) -> None:
    (path,) = export_as(project, tmp_path / f"book.{ending}", format=ending, loudness_lufs=None)
    sound = np.concatenate(list(sound_of(timeline_of(project), project.sounds)))
    samples = read_audio(path)
    assert abs(len(samples) - len(sound)) <= (0 if ending in ("wav", "flac") else 2200)
    n = min(len(samples), len(sound))
    assert np.corrcoef(samples[:n], sound[:n])[0, 1] > 0.97, "it is not in its place"
    facts = probe(path)
    tags = {**facts["format"].get("tags", {}), **facts["streams"][0].get("tags", {})}
    assert {name.lower(): value for name, value in tags.items()}["title"] == "A Book"
    if ending in ("mp3", "opus"):
        assert [chapter["tags"]["title"] for chapter in facts["chapters"]] == ["Chapter 1", "Chapter 2", "Chapter 3"]
    if ending in ("mp3", "opus", "flac"):
        assert any(stream["disposition"]["attached_pic"] for stream in facts["streams"])


@pytest.mark.parametrize("wished", [-18.0, -23.0, -12.0])
def test_the_loudness_is_as_wished_and_no_peak_too_high(project: Project, tmp_path: Path, wished: float) -> None:
    (path,) = export_as(project, tmp_path / "book.wav", format="wav", loudness_lufs=wished)
    loudness, peak = measured(path)
    assert loudness == pytest.approx(wished, abs=0.4)
    assert peak <= -1.0


def test_a_chapter_a_file(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "book"
    paths = export_as(project, folder, format="flac", per_chapter=True, subtitles=("srt",))
    names = [f"0{i} - Chapter {i}.{ending}" for i in (1, 2, 3) for ending in ("flac", "srt")]
    assert [path.name for path in paths] == names == sorted(path.name for path in folder.iterdir())
    whole = timeline_of(project)
    lengths = [len(read_audio(path)) for path in paths if path.suffix == ".flac"]
    assert lengths == [chapter.end - chapter.start for chapter in whole.chapters]
    tags = probe(paths[2])["format"]["tags"]
    assert {name.lower(): value for name, value in tags.items()}["track"] == "2/3"
    export_as(project, folder)  # again, in the place of the first
    assert sorted(path.name for path in folder.iterdir()) == sorted(names)
    assert not list(tmp_path.glob(".lectern*"))


def cue_times(path: Path) -> list[tuple[float, float]]:
    def seconds(clock: str) -> float:
        hours, minutes, rest = clock.replace(",", ".").split(":")
        return 3600 * int(hours) + 60 * int(minutes) + float(rest)

    cues = re.findall(r"([\d:.,]+) --> ([\d:.,]+)", path.read_text(encoding="utf-8"))
    return [(seconds(start), seconds(end)) for start, end in cues]


@pytest.mark.parametrize("ending", ["m4b", "mp3", "opus"])
def test_subtitles_line_up_with_the_sound_to_50_ms(project: Project, tmp_path: Path, ending: str) -> None:
    audio, srt, vtt = export_as(
        project, tmp_path / f"book.{ending}", format=ending, subtitles=("srt", "vtt"), loudness_lufs=None
    )
    samples = np.abs(read_audio(audio))
    cues = cue_times(srt)
    assert cues == cue_times(vtt)
    assert len(cues) == 6
    loud = np.flatnonzero(samples > 0.01) / 44_100
    for start, end in cues:
        inside = loud[(loud > start - 0.15) & (loud < end + 0.15)]
        assert abs(inside[0] - start) < 0.05
        assert abs(inside[-1] - end) < 0.05
    words = [block.splitlines()[2] for block in srt.read_text(encoding="utf-8").strip().split("\n\n")]
    assert " ".join(words) == " ".join(" ".join(TEXTS).split())
    assert "short &amp; sweet" in vtt.read_text(encoding="utf-8")


@pytest.mark.parametrize("ending", ["m4b", "wav"])
def test_an_epub_reads_along(project: Project, tmp_path: Path, ending: str) -> None:
    _, path = export_as(project, tmp_path / f"book.{ending}", format=ending, subtitles=("epub",))
    with zipfile.ZipFile(path) as book:
        assert book.infolist()[0].filename == "mimetype"
        assert book.infolist()[0].compress_type == zipfile.ZIP_STORED
        pages = {name: ElementTree.fromstring(book.read(name)) for name in book.namelist() if name.endswith("html")}
        overlays = [ElementTree.fromstring(book.read(f"EPUB/chapter{i}.smil")) for i in (1, 2, 3)]
        package = book.read("EPUB/package.opf").decode()
        sound = book.read(next(name for name in book.namelist() if "audio" in name))
    timeline = timeline_of(project)
    smil = "{http://www.w3.org/ns/SMIL}"
    for overlay, chapter in zip(overlays, timeline.chapters, strict=True):
        parts = list(overlay.iter(f"{smil}par"))
        assert len(parts) == len(chapter.sentences)
        for part, placed in zip(parts, chapter.sentences, strict=True):
            text, audio = part.find(f"{smil}text"), part.find(f"{smil}audio")
            assert text is not None
            assert audio is not None
            page, place = text.attrib["src"].split("#")
            (span,) = [e for e in pages[f"EPUB/{page}"].iter() if e.attrib.get("id") == place]
            assert span.text == placed.sentence.text
            minutes, seconds = audio.attrib["clipBegin"].split(":")[1:]
            assert 60 * int(minutes) + float(seconds) == pytest.approx(placed.start / 44_100, abs=0.001)
    assert package.count('media-overlay="') == 3
    (tmp_path / "sound.m4b").write_bytes(sound)
    assert len(read_audio(tmp_path / "sound.m4b")) == pytest.approx(timeline.n_samples, abs=1100)
    assert not list(tmp_path.glob(".lectern*"))


def seconds_of(clock: str) -> float:
    hours, minutes, seconds = clock.split(":")
    return 3600 * int(hours) + 60 * int(minutes) + float(seconds)


@pytest.mark.parametrize("has_cover", slow_but([True], [True, False]))
def test_an_epub_holds_what_it_names_and_names_what_it_holds(
    make_project: Callable[..., Project], tmp_path: Path, cover: bytes, has_cover: bool
) -> None:
    """What epubcheck would find in it first, without the Java that it needs."""
    opf, smil, dc = (
        "{http://www.idpf.org/2007/opf}",
        "{http://www.w3.org/ns/SMIL}",
        "{http://purl.org/dc/elements/1.1/}",
    )
    with make_project(TEXTS, cover=cover if has_cover else None) as project:
        first, *others = project.chapters
        project.set_chapters([replace(first, title='Of <lamps> & "rain"\x01\ufffe'), *others])
        list(narrate(project, ToneEngine(), IDENTITY, Voice("x"), CancelToken()))
        _, path = export_as(project, tmp_path / "book.mp3", format="mp3", subtitles=("epub",))
    with zipfile.ZipFile(path) as book:
        names = book.namelist()
        files = {name: book.read(name) for name in names}
    assert len(set(names)) == len(names)
    assert files["mimetype"] == b"application/epub+zip"
    trees = {name: ElementTree.fromstring(data) for name, data in files.items() if name.endswith(("ml", "smil", "opf"))}
    for tree in trees.values():
        ids = [element.attrib["id"] for element in tree.iter() if "id" in element.attrib]
        assert len(set(ids)) == len(ids)

    package = trees["EPUB/package.opf"]
    items = {item.attrib["id"]: item.attrib for item in package.iter(f"{opf}item")}
    named = {"mimetype", "META-INF/container.xml", "EPUB/package.opf", *(f"EPUB/{i['href']}" for i in items.values())}
    assert set(names) == named
    assert [item["href"] for item in items.values() if item.get("properties") == "nav"] == ["nav.xhtml"]
    covers = [item["href"] for item in items.values() if item.get("properties") == "cover-image"]
    assert covers == (["cover.png"] if has_cover else [])
    spine = [ref.attrib["idref"] for ref in package.iter(f"{opf}itemref")]
    assert [items[ref]["href"] for ref in spine] == ["chapter1.xhtml", "chapter2.xhtml", "chapter3.xhtml"]
    identifier = package.find(f".//{dc}identifier")
    assert identifier is not None
    assert identifier.attrib["id"] == package.attrib["unique-identifier"]

    for element, base in [(e, name) for name, tree in trees.items() for e in tree.iter() if name.startswith("EPUB/")]:
        for key in ("href", "src", "{http://www.idpf.org/2007/ops}textref"):
            if key in element.attrib:
                target, _, place = element.attrib[key].partition("#")
                assert f"EPUB/{target}" in names, (base, element.attrib)
                held = [e for e in trees[f"EPUB/{target}"].iter() if e.attrib.get("id") == place] if place else [None]
                assert len(held) == 1, (base, element.attrib)

    durations = {
        meta.attrib.get("refines", ""): seconds_of(meta.text or "")
        for meta in package.iter(f"{opf}meta")
        if meta.attrib.get("property") == "media:duration"
    }
    assert sum(time for name, time in durations.items() if name) == pytest.approx(durations[""], abs=0.005)
    end = 0.0
    for ref in spine:
        overlay = items[items[ref]["media-overlay"]]
        assert f"#{overlay['id']}" in durations
        for audio in trees[f"EPUB/{overlay['href']}"].iter(f"{smil}audio"):
            begin, begun = seconds_of(audio.attrib["clipBegin"]), end
            end = seconds_of(audio.attrib["clipEnd"])
            assert begun <= begin < end
    assert end <= len(read_audio(tmp_path / "book.mp3")) / 44_100 + 0.1


def test_an_epub_that_was_written_is_read_again(project: Project, tmp_path: Path) -> None:
    _, path = export_as(project, tmp_path / "book.mp3", format="mp3", subtitles=("epub",))
    document = read_document(path)
    assert (document.title, document.author, document.language) == ("A Book", "Some Body", "en")
    assert [chapter.title for chapter in document.chapters] == ["Chapter 1", "Chapter 2", "Chapter 3"]
    assert [chapter.text for chapter in document.chapters] == TEXTS
    assert document.cover is not None


@pytest.mark.parametrize("format_", ["m4b", "opus", "epub"])
def test_a_cover_that_is_damaged_is_none_and_the_book_is_made(
    make_project: Callable[..., Project], tmp_path: Path, cover: bytes, format_: str
) -> None:
    damaged = {
        "cut": cover[:40],
        "only its beginning": cover[:8],
        "of no size": cover[:16] + bytes(8) + cover[24:],
        "enormous": cover[:16] + b"\x00\x01\x00\x00" * 2 + cover[24:],
        "no JPEG": b"\xff\xd8\xff" + cover,
    }
    for what, data in damaged.items():
        folder = tmp_path / what
        folder.mkdir()
        with make_project(["One. Two."], cover=data) as project:  # the same one with another cover, spoken once
            assert project.cover() is None, what
            list(narrate(project, ToneEngine(), IDENTITY, Voice("x"), CancelToken()))
            subtitles = ("epub",) if format_ == "epub" else ()
            sound = folder / f"book.{'mp3' if format_ == 'epub' else format_}"
            for path in export_as(project, sound, format=sound.suffix[1:], subtitles=subtitles):
                assert data not in path.read_bytes(), what
        assert len(read_audio(sound)) > 10_000, what


@pytest.mark.slow
@pytest.mark.skipif(not EPUBCHECK.exists(), reason="epubcheck is not installed: apt install epubcheck")
def test_epubcheck_finds_nothing(project: Project, tmp_path: Path) -> None:
    _, path = export_as(project, tmp_path / "book.mp3", format="mp3", subtitles=("epub",))
    done = subprocess.run(
        ["java", "-jar", str(EPUBCHECK), str(path)], capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_cancelled_export_leaves_nothing(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "book.m4b").write_bytes(b"the old one")
    for per_chapter in (False, True):
        project.set_settings(replace(project.settings, per_chapter=per_chapter, subtitles=("srt",)))
        cancel = CancelToken()
        target = folder / ("chapters" if per_chapter else "book.m4b")
        progress = export(project, recipe(project), target, cancel)
        for event in progress:
            assert event.stage is not ExportStage.DONE
            cancel.cancel()
        cancelled = CancelToken()
        cancelled.cancel()
        assert list(export(project, recipe(project), target, cancelled)) == []
        assert [path.name for path in folder.iterdir()] == ["book.m4b"]
        assert (folder / "book.m4b").read_bytes() == b"the old one"


def test_pauses_are_as_long_as_wished(project: Project) -> None:
    project.set_settings(replace(project.settings, pauses=SHORT_PAUSES))
    first, *_ = timeline_of(project).chapters
    a, b, c = first.sentences
    assert [b.start - a.end, c.start - b.end, first.end - c.end] == [4410, 8820, 13_230]


def test_seams_are_soft(project: Project) -> None:
    timeline = timeline_of(project)
    sound = np.concatenate(list(sound_of(timeline, project.sounds)))
    for chapter in timeline.chapters:
        for placed in chapter.sentences:
            assert np.abs(sound[placed.start : placed.start + 5]).max() < 1e-3
            assert np.abs(sound[placed.end - 5 : placed.end]).max() < 1e-3


def test_what_is_not_finished_or_cannot_be_written_is_told(
    project: Project, make_project: Callable[..., Project], tmp_path: Path
) -> None:
    with pytest.raises(OutputError) as output:
        list(export(project, recipe(project), tmp_path / "nowhere" / "book.m4b", CancelToken()))
    assert output.value.problem == "folder_missing"
    with make_project(TEXTS, "empty") as empty, pytest.raises(NarrationError) as caught:
        list(export(empty, recipe(empty), tmp_path / "book.m4b", CancelToken()))
    assert (caught.value.problem, caught.value.detail) == ("not_finished", "6")
    with pytest.raises(OptionError):
        replace(project.settings, format="ogg")


def test_a_damaged_sound_is_told_and_spoken_again(project: Project, tmp_path: Path) -> None:
    """All that are: one run finds them, and the next speaks them."""
    whole, flipped, cut, gone = sorted((project.folder / "audio").rglob("*.wav"))[:4]
    data = bytearray(flipped.read_bytes())
    data[1000] ^= 255
    flipped.write_bytes(data)
    cut.write_bytes(cut.read_bytes()[:-100])
    gone.unlink()
    with pytest.raises(NarrationError) as caught:
        export_as(project, tmp_path / "book.m4b")
    assert (caught.value.problem, caught.value.detail) == ("sounds_damaged", "3")
    assert not list(tmp_path.glob("*.m4b"))
    list(narrate(project, engine := ToneEngine(), IDENTITY, Voice("x"), CancelToken()))
    assert len(engine.requests) == 3
    assert whole.is_file()
    export_as(project, tmp_path / "book.m4b")


class StoppedError(Exception):
    pass


def test_what_takes_time_in_an_export_asks_whether_to_go_on(project: Project, tmp_path: Path) -> None:
    """For each sentence, for each chunk that the limiter is tried on, for each part of an EPUB."""
    asked: list[int] = []
    chunks = [np.full(4410, 0.5, np.float32)] * 6
    corrected(Levelling(12.0, limits=True), chunks, lambda: asked.append(1))
    assert len(asked) >= 4 * len(chunks), "heard once as it is, and three times with more gain"
    asked.clear()
    timeline = lay_out(project, recipe(project), lambda: asked.append(1))
    assert len(asked) == len(project.sentences())
    (audio,) = export_as(project, tmp_path / "book.m4b")

    def stop() -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        write_overlay(tmp_path / "book.epub", timeline, project, audio, stop)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["book.m4b"]


class Countdown(CancelToken):
    """Cancelled the `n`th time that somebody asks; counts who goes on all the same."""

    def __init__(self, n: int) -> None:
        super().__init__()
        self._n_left = n
        self.n_late = 0

    @property
    def cancelled(self) -> bool:
        self._n_left -= 1
        self.n_late += self._n_left < -1
        return self._n_left < 0


@pytest.mark.slow
def test_an_export_that_is_stopped_ends_at_once_wherever_it_is(
    make_project: Callable[..., Project], tmp_path: Path, cover: bytes
) -> None:
    """Laying out, measuring, trying the limiter, writing, and copying into an EPUB: each asks often, and no more after
    it is told to stop. Nothing is left, and it goes on as if nothing had been."""
    project = make_project(["One. Two.", "Three."], cover=cover, pauses=SHORT_PAUSES)
    list(narrate(project, ToneEngine(), IDENTITY, Voice("x"), CancelToken()))
    project.set_settings(replace(project.settings, loudness_lufs=-10.0, subtitles=("epub", "srt")))
    counted = Countdown(10**9)
    list(export(project, recipe(project), tmp_path / "whole.m4b", counted))
    n_polls = 10**9 - counted._n_left
    n_sentences = len(project.sentences())
    assert n_polls > 8 * n_sentences, "twice for each sentence it is heard, and six times by the limiter's trials"
    for n in range(0, n_polls, max(1, n_polls // 40)):
        cancel = Countdown(n)
        list(export(project, recipe(project), tmp_path / "book.m4b", cancel))
        assert cancel.n_late == 0
        assert {path.name for path in tmp_path.iterdir() if path.is_file()} <= {
            "whole.m4b",
            "whole.epub",
            "whole.srt",
            "book.m4b",
        }
        (tmp_path / "book.m4b").unlink(missing_ok=True)  # it is whole before the EPUB is begun
    list(export(project, recipe(project), tmp_path / "book.m4b", CancelToken()))
    assert (tmp_path / "book.m4b").read_bytes() == (tmp_path / "whole.m4b").read_bytes()
    project.close()


@pytest.mark.parametrize(
    ("title", "name"), [("A/B: what?", "A B what"), ("...", "Book"), ("x" * 300, "x" * 120), ("Ä" * 100, "Ä" * 60)]
)
def test_titles_become_file_names(title: str, name: str) -> None:
    assert file_name_of(title) == name


def test_ffmpeg_is_there() -> None:
    """Or the tests above would say so in less clear words."""
    assert shutil.which("ffprobe"), "install ffmpeg: packaging/debian-packages.txt"
