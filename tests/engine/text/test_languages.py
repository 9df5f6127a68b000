"""A language is one file: taken away, nothing else goes wrong; put there, every part of the program has it."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from engine.text.languages import DEFAULT_LANGUAGE, all_records
from engine.types import LANGUAGES

ROOT = Path(__file__).parents[3]
QUIXISH = Path(__file__).with_name("quixish.py")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the program that a test may change."""
    for name in ("engine", "desktop"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("*.so", "*.cpp"))
    return tmp_path


def run_in(copy: Path, program: str) -> None:
    """Run `program` with the modules of `copy`."""
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    check = f"import engine; assert engine.__file__.startswith({str(copy)!r}), engine.__file__\n"
    done = subprocess.run(
        [sys.executable, "-c", check + program],
        cwd=copy,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_every_record_is_whole() -> None:
    assert tuple(record.code for record in all_records()) == LANGUAGES
    assert len({record.name for record in all_records()}) == len(LANGUAGES)
    assert DEFAULT_LANGUAGE in LANGUAGES
    for record in all_records():
        assert len(record.long_codes[0]) == 3
        assert record.frequent_words or record.script.name != "Latin", "it would never be told from the others"
        assert len(record.months) == 12 or not record.date
        assert record.cents.keys() <= record.currencies.keys()
        for expression in (record.heading_pattern, *record.contents_headings, *(r.pattern for r in record.ordinals)):
            re.compile(expression)
        low, high = record.letters_per_s
        assert low * 10 < sum(map(str.isalnum, record.recording_script)) < high * 30


def test_a_language_stands_in_its_record_alone() -> None:
    """Elsewhere only their order names languages, and English is what undecidable text is taken for; and the names of
    Kokoro's voices begin with letters of its own for them."""
    kokoro = {f"engine/server/forms.py: {code!r}" for code in ("es", "fr", "it", "ja", "pt", "zh")}
    written = f"""["']({"|".join(LANGUAGES)})["']"""
    named = {
        f"{path.relative_to(ROOT)}: {node.value!r}"
        for folder in ("engine", "desktop")
        for path in (ROOT / folder).rglob("*.py")
        if path.parent != ROOT / "engine/text/languages" and path != ROOT / "engine/types.py"
        if re.search(written, source := path.read_text("utf-8"))
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and node.value in LANGUAGES and node.value != DEFAULT_LANGUAGE
    }
    assert named == kokoro | {"engine/files/json_files.py: 'it'"}  # the English word


WITHOUT_IT = """
import sys
from engine.errors import OptionError
from engine.narration.readers.building import language_of
from engine.narration.readers.headings import is_heading
from engine.builtin import BuiltInVoice
from engine.text import detect_language, iter_segments
from engine.text.detection import Surroundings, Told, guess_language, paragraph_language
from engine.types import LANGUAGES, CancelToken, SegmentDone, SpeechOptions, SpeechRequest, Voice
from engine.voice_library import script_in
gone, text, told = {gone!r}, {text!r}, {told!r}
assert gone not in LANGUAGES and len(LANGUAGES) == {n}, LANGUAGES
assert detect_language(text) == told, detect_language(text)
assert guess_language(text) in LANGUAGES
around = [Surroundings(Told("de"), 1000, chosen) for chosen in (True, False)]
assert {{paragraph_language(text, one).language for one in around}} <= {{"de", told}}
assert [segment.language for segment in iter_segments(text, normalise=True)] == [told]
for option in (lambda: SpeechOptions(language=gone), lambda: iter_segments(text, gone)):
    try:
        option()
    except OptionError as error:
        assert error.found == gone
    else:
        raise AssertionError("it is refused")
assert language_of(gone) is None
assert is_heading("Chapter 3") and is_heading("Kapitel 3") and not is_heading({heading!r})
assert script_in(gone) == script_in("en")
for other in LANGUAGES:
    assert detect_language(script_in(other)) == other
    assert list(iter_segments(script_in(other) + " 5 km, 3.5.2024, XIX.", other, normalise=True))
request = SpeechRequest(text, Voice({voice!r}), SpeechOptions())
events = list(BuiltInVoice().speak(request, CancelToken()))
assert isinstance(events[-1], SegmentDone) and events[-1].n_samples > 0
"""


SLOW = pytest.mark.slow


@pytest.mark.parametrize(
    ("gone", "text", "told", "heading"),
    [
        pytest.param(
            "ko", "오늘은 날씨가 좋아서 아이들과 함께 강에 갔습니다.", "en", "제 3 장", marks=pytest.mark.slow
        ),
        ("ja", "今日は天気がよかったので、子供たちと川へ行きました。", "zh", "プロローグ"),
        pytest.param("zh", "今天天气很好，我们带着孩子们去河边散步。", "en", "序言", marks=SLOW),
        pytest.param(
            "pl", "Pogoda była ładna, więc poszli z dziećmi nad rzekę.", "en", "Rozdział 3", marks=pytest.mark.slow
        ),
    ],
)
def test_without_its_file_a_language_is_an_unknown_one(
    copy: Path, gone: str, text: str, told: str, heading: str
) -> None:
    (copy / f"engine/text/languages/{gone}.py").unlink()
    n = len(LANGUAGES) - 1
    voice = "built-in" if gone == "pl" else "built-in/espeak"  # the natural voice takes a second to load
    run_in(copy, WITHOUT_IT.format(gone=gone, text=text, told=told, heading=heading, voice=voice, n=n))


WITH_IT = """
from pathlib import Path
import numpy as np
from engine.builtin import BuiltInVoice, variants
from engine.narration.reading import read_document
from engine.narration.readers.building import language_of
from engine.narration.readers.headings import is_heading
from engine.text import detect_language, iter_segments
from engine.text.detection import Surroundings, Told, guess_language, paragraph_language
from engine.types import LANGUAGES, CancelToken, Pronunciation, SegmentDone, PcmChunk, SpeechOptions, SpeechRequest
from engine.voice_library.checks import check_recording
from engine.voice_library import script_in
def said(text, **options):
    return [segment.text for segment in iter_segments(text, "qx", normalise=True, **options)]
assert "qx" in LANGUAGES and LANGUAGES[0] == "en" and len(LANGUAGES) == {n}
# told from a text
text = "La vana gree zu la blorpo. Kiti zu vana!"
assert detect_language(text) == guess_language(text) == "qx"
assert paragraph_language(text * 3, Surroundings(Told("en"), 1000)).language == "qx"
assert detect_language("The weather was fine, and they went down to the river.") == "en"
# cut into sentences
assert said("La dk. Vana iris. Zu la pl. Gree vana.") == ["La doktoro Vana iris.", "Zu la pl.", "Gree vana."]
assert said("L'arto.", pronunciations=(Pronunciation("arto", "bildo", "qx"),)) == ["L'bildo."]
# said in words
assert said("Vana 1 km, 2.5 km, 3.5.2024, 14:30, 20 %, $5 au 7–9.") == [
    "Vana 1 kilometo, 2.5 kilometoj, 3a de kvinmo 2024, 14 kaj 30, 20 procentoj, 5 doluloj au 7 gis 9."
]
assert said("Ludo XIV, chaptero IX, 3-a vana.") == ["Ludo la 14-a, chaptero 9, tria vana."]
assert said("Rigu example.com au a@b.com.") == ["Rigu example punto com au a@b punto com."]
# in documents
assert is_heading("Chaptero III") and is_heading("Prologuo") and is_heading("Unua chaptero")
assert language_of("qx") == language_of("qxx-XX") == "qx"
licence = "\\n*** START OF THE PROJECT GUTENBERG EBOOK VANA ***\\n\\n"
lines = ["Title: Vana\\n\\nLanguage: Quixish\\n" + licence + "Enhavuo"]
lines += ["Chaptero I\\nChaptero II\\nChaptero III", "Chaptero I", text, "Chaptero II", text, "Chaptero III", text]
Path("vana.txt").write_text("\\n\\n".join(lines))
book = read_document(Path("vana.txt"))
assert book.language == "qx", book.language
assert [chapter.title for chapter in book.chapters] == ["Chaptero I", "Chaptero II", "Chaptero III"], book.chapters
# spoken and recorded
voice = BuiltInVoice()
def spoken(text, name="built-in"):
    from engine.types import Voice
    events = list(voice.speak(SpeechRequest(text, Voice(name), SpeechOptions(language="qx")), CancelToken()))
    assert isinstance(events[-1], SegmentDone) and events[-1].segment.language == "qx"
    return np.concatenate([event.samples for event in events if isinstance(event, PcmChunk)])
assert np.abs(spoken(text)).max() > 0.1
assert not np.array_equal(spoken(text, "built-in/f2"), spoken(text))
assert "eo" in variants()  # espeak-ng's own name of that voice, which is an accent of the language now
assert script_in("qx").startswith("Frue")
recording = spoken(script_in("qx"))
assert check_recording(recording, 44100, script_in("qx"), "qx").is_usable
# in windows and settings
import engine
from desktop.common.settings import Settings
from desktop.voices.words import language_words
assert "qx" in engine.LANGUAGES and language_words("qx") == "Quixish"
"""


@pytest.mark.slow
def test_one_more_file_is_one_more_language_everywhere(copy: Path) -> None:
    shutil.copy(QUIXISH, copy / "engine/text/languages/qx.py")
    run_in(copy, WITH_IT.format(n=len(LANGUAGES) + 1))
