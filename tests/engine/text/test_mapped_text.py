import re

from engine.text.mapped_text import MappedText


def origins(text: MappedText, source: str) -> list[str]:
    return [source[start:end] for start, end in zip(text.source.starts, text.source.ends, strict=True)]


def test_lines_are_joined_by_a_newline_that_stands_for_the_gap() -> None:
    source = "  ab\n  > cd"
    text = MappedText.of_lines(source, [(2, 4), (9, 11)])
    assert text.text == "ab\ncd"
    assert origins(text, source) == ["a", "b", "\n  > ", "c", "d"]


def test_sub_maps_new_text_to_the_match_and_kept_slices_to_themselves() -> None:
    source = "a&amp;b [c](d) e"
    text = MappedText.of_span(source, 0, len(source))
    text = text.sub(re.compile("&amp;"), "&")
    link = text
    text = text.sub(re.compile(r"\[(.)\]\(.\)"), lambda match: link.slice(*match.span(1)))
    text = text.sub(re.compile("e"), lambda _: None)
    text = text.sub(re.compile(" "), "--")
    assert text.text == "a&b--c--e"
    assert origins(text, source) == ["a", "&amp;", "b", " ", " ", "c", " ", " ", "e"]


def test_nothing_to_do_gives_the_same_value() -> None:
    text = MappedText.of_span("abc", 0, 3)
    assert text.sub(re.compile("x"), "y") is text
    assert text.strip() is text


def test_slices_sums_and_gaps_keep_their_map() -> None:
    source = " abcdef "
    text = MappedText.of_span(source, 0, 8).strip()
    assert text.text == "abcdef"
    assert origins(text.without([(0, 1), (2, 4)]), source) == ["b", "e", "f"]
    assert origins(text.slice(4, 6) + text.slice(0, 2).replaced("xy"), source) == ["e", "f", "ab", "ab"]
