from engine.text import MARKERS, Marker, find_markers, iter_segments, spoken_without_markers


def test_markers_are_found_in_any_case_and_with_spaces() -> None:
    text = "(angry) a ( In A  Hurry\nTone ) b （Laughing）(not one) (angry"
    assert find_markers(text) == [
        Marker(0, 7, "angry"),
        Marker(10, 30, "in a hurry tone"),
        Marker(33, 43, "laughing"),
    ]


def test_every_name_is_known_once() -> None:
    names = [name for group in MARKERS.values() for name in group]
    assert len(names) == len(set(names))
    for name in names:
        assert find_markers(f"x ({name}).") == [Marker(2, 4 + len(name), name)]


def test_built_in_voice_hears_no_markers_and_keeps_offsets() -> None:
    text = "(angry) Go (laughing) away (sighing). (See below)"
    first, second = iter_segments(text)
    spoken, source = spoken_without_markers(first)
    assert spoken == "Go away."
    assert [text[start] for start in source.starts if text[start] != " "] == list("Goaway.")
    assert second.text == "(See below)"
    assert spoken_without_markers(second)[0] == "(See below)"


def test_segment_of_markers_alone_has_nothing_for_the_built_in_voice() -> None:
    (segment,) = iter_segments("(laughing) (sighing)")
    assert segment.text == "(laughing) (sighing)"
    assert spoken_without_markers(segment)[0] == ""
