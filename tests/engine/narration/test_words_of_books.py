"""Words of a narration: what its files say is compared with the sound of the audiobook, in which each word is a tone of
its own."""

from __future__ import annotations

import html
import json
import re
import subprocess
import xml.etree.ElementTree as ElementTree
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from narrators import EPUBCHECK
from word_tones import Says, WordTones, late_s

from engine.audio.decoding import read_audio
from engine.narration.export import export
from engine.narration.project import Project
from engine.narration.reading import read_document
from engine.narration.render import narrate, recipe_of
from engine.narration.report import report_on
from engine.narration.store import LOG_NAME
from engine.narration.word_places import packed, unpacked, within
from engine.types import CancelToken, SpeechEngine, Voice
from engine.words import TimedWord

TEXTS = [
    "One two three. Four “five” come after.\n\nAnd a new paragraph begins <here>.",
    "One two three. The second chapter is short.",
]
WORDS = [re.findall(r"\w+", text) for text in TEXTS]
NEAR_S = 0.02
IDENTITY = "tones/1"


def spoken(project: Project, engine: SpeechEngine | None = None, voice: str = "x") -> Project:
    list(narrate(project, engine or WordTones(), IDENTITY, Voice(voice), CancelToken()))
    return project


def written(project: Project, target: Path, voice: str = "x", **settings: Any) -> tuple[Path, ...]:
    project.set_settings(replace(project.settings, **settings))
    *_, last = export(project, recipe_of(project, IDENTITY, Voice(voice)), target, CancelToken())
    return last.paths


def seconds_of(clock: str) -> float:
    hours, minutes, seconds = clock.split(":")
    return 3600 * int(hours) + 60 * int(minutes) + float(seconds)


def words_of_json(path: Path) -> list[tuple[str, float]]:
    values = json.loads(path.read_bytes())
    assert all(values["text"][word["text_start"] : word["text_end"]] == word["text"] for word in values["words"])
    times = [time for word in values["words"] for time in (word["start"], word["end"])]
    assert times == sorted(times)
    assert (path.parent / values["sound"]).exists()
    return [(word["text"], word["start"]) for word in values["words"]]


def words_of_vtt(path: Path) -> list[tuple[str, float]]:
    """As a player reads it: a time holds from its place on, the cue's own until then."""
    found: list[tuple[str, float]] = []
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        lines = block.strip().splitlines()
        if not lines or "-->" not in lines[0]:
            continue
        start, _, end = lines[0].partition(" --> ")
        clock, clocks = start, [start]
        for stamp, text in re.findall(r"<([\d:.]+)>|<c>([^<]*)</c>", lines[1]):
            if stamp:
                clock = stamp
                clocks.append(stamp)
            else:
                found.append((html.unescape(text), seconds_of(clock)))
        assert all(a < b for a, b in zip(clocks, [*clocks[1:], end], strict=True)), clocks
    return found


def words_of_epub(path: Path) -> list[tuple[str, float]]:
    """By the overlays, whose clips leave out nothing of a sentence."""
    smil, text_of = "{http://www.w3.org/ns/SMIL}", dict[str, str]()
    found: list[tuple[str, float]] = []
    with zipfile.ZipFile(path) as book:
        names = sorted(name for name in book.namelist() if re.search(r"chapter\d+\.", name))
        for name in names:
            tree = ElementTree.fromstring(book.read(name))
            if name.endswith("xhtml"):
                for span in tree.iter("{http://www.w3.org/1999/xhtml}span"):
                    text_of[f"{Path(name).name}#{span.attrib['id']}"] = "".join(span.itertext())
        for name in (name for name in names if name.endswith("smil")):
            for sequence in ElementTree.fromstring(book.read(name)).iter(f"{smil}seq"):
                clips: list[tuple[float, float]] = []
                for part in sequence.findall(f"{smil}par"):
                    text, audio = part.find(f"{smil}text"), part.find(f"{smil}audio")
                    assert text is not None
                    assert audio is not None
                    begin, end = (seconds_of(audio.attrib[key]) for key in ("clipBegin", "clipEnd"))
                    assert begin < end
                    clips.append((begin, end))
                    found.append((text_of[text.attrib["src"]], begin))
                if sequence.attrib["id"] != "seq":
                    assert [end for _, end in clips[:-1]] == [begin for begin, _ in clips[1:]]
    return found


def assert_heard(samples: np.ndarray, words: Sequence[tuple[str, float]]) -> None:
    off = [late_s(samples, word, at_s) for word, at_s in words]
    assert max(map(abs, off)) < NEAR_S, list(zip(words, off, strict=True))


@pytest.mark.parametrize(
    ("ending", "says"),
    [("m4b", Says.PLACED), ("opus", Says.AT_ONCE), ("mp3", Says.PLACED), ("flac", Says.AT_ONCE)],
)
def test_each_word_is_where_the_files_say(
    make_project: Callable[..., Project], tmp_path: Path, ending: str, says: Says
) -> None:
    """With the loudness changed, and pauses that are the narration's own."""
    with make_project(TEXTS, loudness_lufs=-14.0) as project:
        spoken(project, WordTones(says))
        sound, json_file, vtt, epub = written(
            project, tmp_path / f"book.{ending}", format=ending, subtitles=("json", "vtt", "epub"), by_word=True
        )
    samples = read_audio(sound)
    for words in (words_of_json(json_file), words_of_vtt(vtt), words_of_epub(epub)):
        assert [word for word, _ in words] == WORDS[0] + WORDS[1]
    assert_heard(samples, words_of_json(json_file))
    assert_heard(samples, words_of_vtt(vtt))
    # The first word of a sentence is lit from the sentence's first sample on, 20 ms of silence before it.
    assert_heard(samples, [(word, at + 0.01) for word, at in words_of_epub(epub)])
    values = json.loads(json_file.read_bytes())
    assert [chapter["title"] for chapter in values["chapters"]] == ["Chapter 1", "Chapter 2"]
    assert [word["segment"] for word in values["words"]] == [0] * 3 + [1] * 4 + [2] * 6 + [3] * 3 + [4] * 5
    assert values["text"].split() == " ".join(TEXTS).split()
    assert "&lt;<00:" in vtt.read_text(encoding="utf-8")
    assert read_document(epub).chapters[0].text == TEXTS[0]


def test_a_files_words_follow_what_is_changed(make_project: Callable[..., Project], tmp_path: Path) -> None:
    """Pauses, a chapter that is left out, a sentence that says something else, one that is made again, markers; a file
    a chapter."""
    with make_project(TEXTS, markers=True) as project:
        engine = WordTones()
        spoken(project, engine)
        first, second, third = project.contents(project.chapters[0]).sentences
        project.edit_sentence(first, "(whispering) Quite another  beginning.")
        project.redo_sentence(second)
        pauses = replace(project.settings.pauses, sentence_ms=50, paragraph_ms=1900, chapter_ms=700)
        project.set_settings(replace(project.settings, pauses=pauses))
        n_before = engine.n_segments
        spoken(project, engine)
        assert engine.n_segments == n_before + 2
        paths = written(
            project, tmp_path / "book", format="opus", per_chapter=True, subtitles=("json", "vtt"), by_word=True
        )
        assert [path.suffix for path in paths] == [".json", ".opus", ".vtt"] * 2
        for i, wanted in enumerate([["Quite", "another", "beginning", *WORDS[0][3:]], WORDS[1]]):
            samples = read_audio(paths[3 * i + 1])
            for words in (words_of_json(paths[3 * i]), words_of_vtt(paths[3 * i + 2])):
                assert [word for word, _ in words] == wanted
                assert_heard(samples, words)
        project.set_chapters([replace(project.chapters[0], is_included=False), project.chapters[1]])
        sound, json_file = written(
            project, tmp_path / "second.m4b", format="m4b", per_chapter=False, subtitles=("json",)
        )
        assert [word for word, _ in words_of_json(json_file)] == WORDS[1]
        assert_heard(read_audio(sound), words_of_json(json_file))
        assert third.text in TEXTS[0]


def test_sentences_without_words_are_marked_whole_and_counted(
    make_project: Callable[..., Project], tmp_path: Path
) -> None:
    """As an earlier Lectern kept them: the project opens, and nothing is spoken again."""
    with make_project(TEXTS) as project:
        spoken(project)
        folder = project.folder
    log = folder / LOG_NAME
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    kept = [{k: v for k, v in line.items() if k != "words"} for line in lines]
    log.write_text("".join(json.dumps(line) + "\n" for line in kept))
    engine = WordTones()
    with Project(folder) as project:
        spoken(project, engine)
        assert engine.n_segments == 0
        recipe = recipe_of(project, IDENTITY, Voice("x"))
        assert report_on(project, recipe).n_wordless == 0, "nobody asked"
        _, json_file, vtt, epub = written(
            project, tmp_path / "b.mp3", format="mp3", subtitles=("json", "vtt", "epub"), by_word=True
        )
        assert report_on(project, recipe).n_wordless == 5
        assert json.loads(json_file.read_bytes())["words"] == []
        assert "<c>" not in vtt.read_text()
        assert [text for text, _ in words_of_epub(epub)] == [s.text for s in project.sentences()]
        project.redo_sentence(project.sentences()[1])
        spoken(project, engine)
        assert engine.n_segments == 1
        assert report_on(project, recipe).n_wordless == 4
        _, json_file, vtt, epub = written(project, tmp_path / "b.mp3", format="mp3")
        assert [word for word, _ in words_of_json(json_file)] == ["Four", "five", "come", "after"]
        assert "<c>Four</c> “<00:" in vtt.read_text(encoding="utf-8")
        marked = [text for text, _ in words_of_epub(epub)]
        assert {TEXTS[0][:14], "Four", "after"} < set(marked), "sentences and words beside each other"


def assert_valid(epub: Path) -> None:
    done = subprocess.run(
        ["java", "-jar", str(EPUBCHECK), str(epub)], capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_an_epub_by_word_in_arabic_and_japanese_is_one(make_project: Callable[..., Project], tmp_path: Path) -> None:
    texts = ["مرحبا بالعالم. هذه جملة ثانية.\n\nقال: «نعم» ثم ذهب 3 مرات.", "日本語の文です。漢字も読む。"]
    with make_project(texts, language="ar") as project:
        spoken(project)
        _, epub = written(project, tmp_path / "book.m4b", format="m4b", subtitles=("epub",), by_word=True)
    assert [word for word, _ in words_of_epub(epub)] == [word for text in texts for word in re.findall(r"\w+", text)]
    with zipfile.ZipFile(epub) as book:
        assert 'page-progression-direction="rtl"' in book.read("EPUB/package.opf").decode()
        page = book.read("EPUB/chapter1.xhtml").decode()
        assert '<p dir="auto"><span id="s1"><span id="s1w1">مرحبا</span> <span id="s1w2">بالعالم</span>.</span>' in page
    assert read_document(epub).chapters[1].text == texts[1]
    if EPUBCHECK.exists():
        assert_valid(epub)


def test_the_natural_voices_words_are_kept(make_project: Callable[..., Project], tmp_path: Path) -> None:
    from engine.builtin import BuiltInVoice

    text = "It costs $5, dear reader. That is all. (whispering) There it is."
    with make_project([text], markers=True) as project:
        spoken(project, BuiltInVoice(), "built-in")
        _, json_file = written(project, tmp_path / "book.wav", "built-in", format="wav", subtitles=("json",))
    words = [word for word, _ in words_of_json(json_file)]
    assert words == ["It", "costs", "$5", "dear", "reader", "That", "is", "all", "There", "it", "is"]


def test_places_come_back_as_they_were_and_damage_is_none() -> None:
    text = "Naïve 𝄞 words."
    words = (TimedWord(0, 5, 0, 90, 0), TimedWord(6, 7, 90, 120, 0, 0.25), TimedWord(8, 13, 120, 200, 0, 0.0))
    line = packed(words, text)
    assert unpacked(line, text, 200) == words
    assert unpacked(line, "Naive 𝄞 words.", 200) == ()
    assert unpacked("", text, 200) == unpacked(line, text, 199) == ()
    head = line.split(" ")[0]
    for damage in ("0,5,0,90", "0,5,0,90,x", "5,0,0,90,1", "0,99,0,90,1", "0,5,-1,90,1", "0,5,0,90,200", "0,5,0,9²,1"):
        assert unpacked(f"{head} {damage}", text, 200) == ()
    assert unpacked(f"{head} 0,5,50,90,1 6,7,40,60,1", text, 200) == ()
    assert within(words, 100, 60) == [
        TimedWord(0, 5, 0, 0, 0),
        TimedWord(6, 7, 0, 20, 0, 0.25),
        TimedWord(8, 13, 20, 60, 0, 0.0),
    ]
