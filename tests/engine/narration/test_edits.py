"""Chapters moved, renamed, left out, joined and divided: nothing is ever lost or spoken twice, or anew."""

import json
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from alice import CHAPTERS
from narrators import ToneEngine

from engine.errors import NarrationError, PlanError
from engine.narration.edits import (
    Piece,
    PlannedChapter,
    as_read,
    chapters_from_json,
    chapters_to_json,
    divided_chapter,
    is_complete,
    joined_chapters,
)
from engine.narration.project import Project
from engine.narration.render import narrate, recipe_of
from engine.narration.report import report_on
from engine.narration.timeline import lay_out
from engine.types import CancelToken, Voice

MakeProject = Callable[..., Project]

TITLES = [title for title, _ in CHAPTERS]
TEXTS = ["\n\n".join((title, *paragraphs)) for title, paragraphs in CHAPTERS]
PLAN = as_read(TITLES, TEXTS)


def text_of(chapter: PlannedChapter) -> str:
    return "".join(TEXTS[piece.chapter][piece.start : piece.end] for piece in chapter.pieces)


def test_chapters_joined_and_divided_again() -> None:
    both = joined_chapters(PLAN[1:])
    assert (both.title, text_of(both)) == (TITLES[1], TEXTS[1] + TEXTS[2])
    assert divided_chapter(both, 2, 0, TITLES[2]) == PLAN[1:]
    at = TEXTS[2].index(" ", 100) + 1
    begin, end = divided_chapter(both, 2, at, "  The  end ")
    assert text_of(end) == TEXTS[2][at:]
    assert (begin.title, end.title) == (TITLES[1], "The end")
    assert joined_chapters((begin, end)) == both
    assert joined_chapters((end, begin)).pieces == (
        Piece(2, at, len(TEXTS[2])),
        Piece(1, 0, len(TEXTS[1])),
        Piece(2, 0, at),
    )


def test_what_is_joined_is_spoken_if_any_of_it_was_and_has_a_name_if_any_had() -> None:
    out, unnamed = replace(PLAN[0], is_included=False), replace(PLAN[1], title="")
    assert joined_chapters((out, PLAN[1])).is_included
    assert not joined_chapters((out, replace(PLAN[1], is_included=False))).is_included
    assert joined_chapters((unnamed, PLAN[2])).title == TITLES[2]


@pytest.mark.parametrize(("number", "offset"), [(0, 0), (0, -5), (0, 10_000), (1, 5), (7, 0)])
def test_no_chapter_is_left_empty(number: int, offset: int) -> None:
    with pytest.raises(PlanError) as caught:
        divided_chapter(PLAN[0], number, offset, "x")
    assert caught.value.problem == "empty"


def test_what_loses_or_repeats_text_is_not_complete() -> None:
    first, *rest = PLAN
    assert is_complete(reversed(PLAN), TEXTS)
    assert not is_complete(rest, TEXTS)
    assert not is_complete([*PLAN, first], TEXTS)
    assert not is_complete([replace(first, pieces=(Piece(0, 0, 5), Piece(0, 6, len(TEXTS[0])))), *rest], TEXTS)
    assert not is_complete([*PLAN, PlannedChapter("x", (Piece(3, 0, 5),))], TEXTS)
    assert not is_complete([*PLAN, PlannedChapter("x", (Piece(0, 0, 0),))], TEXTS)
    assert is_complete(as_read(["a", "b"], ["", "text"]), ["", "text"])


def shuffled(project: Project, dice: random.Random) -> list[PlannedChapter]:
    chapters = list(project.chapters)
    for _ in range(8):
        place = dice.randrange(len(chapters))
        match dice.randrange(4):
            case 0:
                chapters.insert(dice.randrange(len(chapters)), chapters.pop(place))
            case 1:
                chapters[place] = replace(chapters[place], is_included=dice.random() < 0.7)
            case 2 if place + 1 < len(chapters):
                chapters[place : place + 2] = [joined_chapters(chapters[place : place + 2])]
            case _:
                sentences = project.contents(chapters[place]).sentences
                if len(sentences) > 1:
                    at = dice.choice(sentences[1:])
                    chapters[place : place + 1] = divided_chapter(chapters[place], at.chapter, at.start, "new")
    return chapters


@pytest.mark.slow
def test_whatever_is_done_every_sentence_stays_once_and_is_not_spoken_again(make_project: MakeProject) -> None:
    dice = random.Random(7)
    with make_project(TEXTS) as project:
        list(narrate(project, ToneEngine(), "tones", Voice(), CancelToken()))
        places = {(sentence.chapter, sentence.index) for sentence in project.sentences()}
        n_chars = report_on(project).n_chars
    for _ in range(15):
        with Project(project.folder) as project:
            chapters = shuffled(project, dice)
            project.set_chapters(chapters)
            kept = [(chapter, project.contents(chapter)) for chapter in project.chapters]
            every = [sentence for _, contents in kept for sentence in contents.sentences]
            assert len(every) == len(places)
            assert {(sentence.chapter, sentence.index) for sentence in every} == places
            engine = ToneEngine()
            if project.included():
                list(narrate(project, engine, "tones", Voice(), CancelToken()))
                timeline = lay_out(project, recipe_of(project, "tones", Voice()))
                assert [c.title for c in timeline.chapters] == [c.title for c in project.included()]
            assert engine.requests == []
            report = report_on(project, recipe_of(project, "tones", Voice()))
            assert report.adds_up
            assert report.n_chars == n_chars
            assert report.n_waiting_chars == 0
        with Project(project.folder) as project:
            assert list(project.chapters) == chapters
            project.set_chapters(project.chapters_as_read())


def test_an_edited_sentence_stays_edited_in_whatever_chapter_it_stands(make_project: MakeProject) -> None:
    with make_project(["One is here. Two is here.", "Three is here."]) as project:
        project.edit_sentence(project.sentence(0, 1), "Two is elsewhere.")
        first, second = divided_chapter(project.chapters[0], 0, project.sentence(0, 1).start, "Second")
        project.set_chapters([first, joined_chapters((project.chapters[1], second))])
        assert [sentence.text for sentence in project.sentences()] == [
            *("One is here.", "Three is here.", "Two is elsewhere."),
        ]
        assert all(sentence.ends_paragraph for sentence in project.sentences())


def test_chapters_that_would_lose_text_are_refused(make_project: MakeProject) -> None:
    with make_project(TEXTS) as project:
        with pytest.raises(NarrationError) as caught:
            project.set_chapters(project.chapters[1:])
        assert caught.value.problem == "no_chapter"
        assert project.chapters == project.chapters_as_read()


def test_a_division_is_found_again_when_the_book_was_changed() -> None:
    at = TEXTS[1].index("\n\n", 60) + 2
    chapters = (PLAN[0], *divided_chapter(PLAN[1], 1, at, "Second"), PLAN[2])
    values = chapters_to_json(chapters, TEXTS)
    assert chapters_from_json(json.loads(json.dumps(values)), TEXTS) == chapters
    longer = [TEXTS[0], "Something new. " + TEXTS[1] + " And more.", TEXTS[2]]
    found = chapters_from_json(values, longer)
    assert found is not None
    assert found[2].pieces == (Piece(1, at + len("Something new. "), len(longer[1])),)
    assert is_complete(found, longer)
    gone = [TEXTS[0], TEXTS[1][:at] + "Entirely different words.", TEXTS[2]]
    assert chapters_from_json(values, gone) is None
    assert chapters_from_json(values, TEXTS[:2]) is None
    assert chapters_from_json(values, [*TEXTS, "One more."]) is None


def test_choices_that_were_kept_before_chapters_had_pieces_are_read(make_project: MakeProject) -> None:
    folder = make_project(["One.", "Two."]).folder
    old = [
        {"number": 1, "title": "Second", "is_included": True},
        {"number": 0, "title": "First", "is_included": False},
    ]
    (folder / "chapters.json").write_text(json.dumps({"version": 1, "chapters": old}))
    with Project(folder, is_writer=False) as project:
        assert [(c.title, c.is_included) for c in project.chapters] == [("Second", True), ("First", False)]
        assert [sentence.text for sentence in project.sentences()] == ["Two."]


def damage(key: str, value: object) -> dict[str, Any]:
    values = chapters_to_json(divided_chapter(PLAN[0], 0, 40, "x") + PLAN[1:], TEXTS)
    chapter = values["chapters"][1]
    target = values if key in values else chapter if key in chapter else chapter["pieces"][0]
    target[key] = value
    return values


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("start", "0"), ("start", True), ("chapter", None), ("begins", 3), ("title", 5), ("is_included", 1)),
        *(("pieces", 7), ("pieces", [{}]), ("chapters", None), ("chapters", [3])),
    ],
)
def test_a_damaged_file_is_told(make_project: MakeProject, key: str, value: object) -> None:
    folder = make_project(TEXTS).folder
    (folder / "chapters.json").write_text(json.dumps({"version": 2, **damage(key, value)}))
    with pytest.raises(NarrationError) as caught:
        Project(folder, is_writer=False)
    assert caught.value.problem == "damaged"


@pytest.mark.parametrize(
    ("key", "value"), [("start", 0), ("chapter", 9), ("chapter", -1), ("pieces", []), ("chapters", [])]
)
def test_what_would_lose_text_gives_way_to_the_book_as_it_was_read(
    make_project: MakeProject, key: str, value: object
) -> None:
    folder = make_project(TEXTS).folder
    (folder / "chapters.json").write_text(json.dumps({"version": 2, **damage(key, value)}))
    with Project(folder, is_writer=False) as project:
        assert project.chapters == project.chapters_as_read()
