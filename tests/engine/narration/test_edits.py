"""Chapters moved, renamed, left out, joined and divided: nothing is ever lost or spoken twice."""

import contextlib
import json
import random
from dataclasses import replace

import pytest
from alice import CHAPTERS

from engine.errors import PlanError
from engine.narration.document import Chapter, Document, OmissionReason
from engine.narration.edits import ChapterPlan

DOCUMENT = Document(
    "Alice",
    "Carroll",
    "en",
    tuple(Chapter(title, "\n\n".join((title, *paragraphs))) for title, paragraphs in CHAPTERS),
)
PLAN = ChapterPlan.of(DOCUMENT)


def titles(plan: ChapterPlan) -> list[str]:
    return [chapter.title for chapter in plan.applied(DOCUMENT).chapters]


def signs(document: Document) -> list[str]:
    texts = [part.text for part in (*document.chapters, *document.omissions)]
    return sorted("".join("".join(texts).split()))


def test_a_plan_that_does_nothing_changes_nothing() -> None:
    assert PLAN.applied(DOCUMENT) == DOCUMENT


def test_order_names_and_what_is_left_out() -> None:
    one, two, three = (title for title, _ in CHAPTERS)
    assert titles(PLAN.moved(2, 0)) == [three, one, two]
    assert titles(PLAN.moved(0, 2)) == [two, three, one]
    assert titles(PLAN.renamed(1, " A  pool ")) == [one, "A pool", three]
    without = PLAN.included(1, False)
    assert titles(without) == [one, three]
    (omission,) = without.applied(DOCUMENT).omissions
    assert (omission.reason, omission.text, omission.place) == (OmissionReason.CHOICE, DOCUMENT.chapters[1].text, two)
    assert without.applied(DOCUMENT).n_source_chars == DOCUMENT.n_source_chars
    assert without.included(1, True) == PLAN


def test_chapters_joined_and_divided_again() -> None:
    joined = PLAN.merged(1)
    _first, both = joined.applied(DOCUMENT).chapters
    assert both.text == "\n\n".join(chapter.text for chapter in DOCUMENT.chapters[1:])
    assert both.title == CHAPTERS[1][0]
    divided = joined.split(1, len(DOCUMENT.chapters[1].text) + 1, CHAPTERS[2][0], DOCUMENT)
    assert divided.applied(DOCUMENT) == DOCUMENT
    at = both.text.index("And she went on")
    _, begin, end = joined.split(1, at, "The end", DOCUMENT).applied(DOCUMENT).chapters
    assert end.text.startswith("And she went on")
    assert end.title == "The end"
    assert f"{begin.text}\n\n{end.text}" == both.text
    assert PLAN.split(0, 50, "x", DOCUMENT).merged(0).applied(DOCUMENT) == DOCUMENT


@pytest.mark.parametrize("offset", [-5, 0, 10_000])
def test_no_chapter_is_left_empty(offset: int) -> None:
    with pytest.raises(PlanError) as caught:
        PLAN.split(0, offset, "x", DOCUMENT)
    assert caught.value.problem == "empty"


def test_positions_that_are_not_there() -> None:
    for act in (
        lambda: PLAN.moved(3, 0),
        lambda: PLAN.moved(0, -1),
        lambda: PLAN.merged(2),
        lambda: PLAN.included(-1, False),
    ):
        with pytest.raises(IndexError):
            act()


def test_whatever_is_done_every_character_stays_once() -> None:
    dice = random.Random(7)
    for _ in range(40):
        plan = PLAN
        for _ in range(12):
            n = len(plan.chapters)
            position = dice.randrange(n)
            match dice.randrange(5):
                case 0:
                    plan = plan.moved(position, dice.randrange(n))
                case 1:
                    plan = plan.included(position, dice.random() < 0.5)
                case 2 if position < n - 1:
                    plan = plan.merged(position)
                case 3:
                    with contextlib.suppress(PlanError):  # where nothing would be left of it
                        plan = plan.split(position, dice.randrange(700), "new", DOCUMENT)
                case _:
                    plan = plan.renamed(position, str(dice.random()))
        applied = ChapterPlan.from_json(plan.to_json()).applied(DOCUMENT)
        assert applied == plan.applied(DOCUMENT)
        assert signs(applied) == signs(DOCUMENT)


def test_a_plan_for_another_document_is_refused() -> None:
    other = replace(DOCUMENT, chapters=DOCUMENT.chapters[1:])
    with pytest.raises(PlanError) as caught:
        PLAN.applied(other)
    assert caught.value.problem == "other_document"
    renamed = replace(DOCUMENT, chapters=tuple(replace(chapter, title="x") for chapter in DOCUMENT.chapters))
    assert len(PLAN.applied(renamed).chapters) == 3


def damage(key: str, value: object) -> str:
    values = json.loads(PLAN.to_json())
    target = values if key in values else values["chapters"][0]["pieces"][0]
    target[key] = value
    return json.dumps(values)


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "{}", "null", "[" * 100_000, damage("version", 2), damage("chapters", [{"title": 3}])),
        *(damage("start", "0"), damage("end", True), damage("document", 5)),
    ],
    ids=range(10),
)
def test_a_damaged_file_is_told(text: str) -> None:
    with pytest.raises(PlanError) as caught:
        ChapterPlan.from_json(text)
    assert caught.value.problem == "damaged"


@pytest.mark.parametrize(("key", "value"), [("end", 5), ("start", 1), ("chapter", 1), ("chapter", 9), ("chapters", [])])
def test_a_plan_that_would_lose_text_is_refused(key: str, value: object) -> None:
    with pytest.raises(PlanError) as caught:
        ChapterPlan.from_json(damage(key, value)).applied(DOCUMENT)
    assert caught.value.problem == "damaged"
