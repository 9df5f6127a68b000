import pytest

from engine.text import MARKERS, Marker, acted_text, find_markers, iter_segments, spoken_without_markers
from engine.text.markers import MARKER


def test_markers_are_found_in_any_case_and_with_spaces() -> None:
    text = "(angry) a, ( In A  Hurry\nTone ) b. （Laughing）(not one) (angry"
    assert find_markers(text) == [
        Marker(0, 7, "angry"),
        Marker(11, 31, "in a hurry tone"),
        Marker(35, 45, "laughing"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "(angry) Go!",
        "(sad)(whispering) Go!",
        "“(angry) Go!” he said.",
        "Go! (laughing)",
        "Go!” (laughing)",
        "Go! (laughing) Stay.",
        "I know, (sighing) but go.",
        "你好。(sad)走开。",
        "(sighing).",
    ],
)
def test_a_marker_stands_where_a_clause_begins_or_after_its_end(text: str) -> None:
    assert find_markers(text)


@pytest.mark.parametrize(
    "text",
    [
        "They (moved) the table.",
        "COVID test (negative) or (positive)?",
        "Interested parties (interested) may apply.",
        "He was (serious).",
        "Status: (negative) so far.",
        "Results: (negative), (positive).",
        "Choose a mood: (joyful), (sad) or (angry).",
        "Levels: (relaxed) 1, (nervous) 2.",
        "He ticked “(interested)” on the form.",
        "the word “sad” (sad) is short",
        "他说(angry)走开。",
    ],
)
def test_names_within_a_sentence_are_text(text: str) -> None:
    assert find_markers(text) == []
    (segment,) = iter_segments(text)
    assert segment.text == text
    assert spoken_without_markers(segment)[0] == text
    assert MARKER.search(acted_text(segment)) is None


def test_without_markers_all_names_are_text() -> None:
    (segment,) = iter_segments("(Angry) Go!", "en", markers=False)
    assert (segment.text, segment.markers) == ("(Angry) Go!", ())
    assert spoken_without_markers(segment)[0] == "(Angry) Go!"
    assert acted_text(segment) == "Angry Go!"


def test_a_sentence_cut_before_a_name_in_parentheses_does_not_make_it_a_marker() -> None:
    text = ("and so on and so forth " * 12).strip() + " (moved) the table " + ("and so on and so forth " * 12).strip()
    pieces = list(iter_segments(text, "en"))
    assert len(pieces) > 1
    assert not any(piece.markers for piece in pieces)


def test_every_name_is_known_once() -> None:
    names = [name for group in MARKERS.values() for name in group]
    assert len(names) == len(set(names))
    for name in names:
        assert find_markers(f"x. ({name})") == [Marker(3, 5 + len(name), name)]


def test_built_in_voice_hears_no_markers_and_keeps_offsets() -> None:
    text = "(angry) Go, (laughing) away! (sighing) (See below)"
    first, second = iter_segments(text)
    spoken, source = spoken_without_markers(first)
    assert spoken == "Go, away!"
    assert [text[start] for start in source.starts if text[start] != " "] == list("Go,away!")
    assert second.text == "(sighing) (See below)"
    assert spoken_without_markers(second)[0] == "(See below)"


def test_no_space_is_left_where_a_quotation_began_with_a_marker() -> None:
    (segment,) = iter_segments("She said: “(sad) I lost it.”")
    assert spoken_without_markers(segment)[0] == "She said: “I lost it.”"


def test_segment_of_markers_alone_has_nothing_for_the_built_in_voice() -> None:
    (segment,) = iter_segments("(laughing) (sighing)")
    assert segment.text == "(laughing) (sighing)"
    assert spoken_without_markers(segment)[0] == ""
