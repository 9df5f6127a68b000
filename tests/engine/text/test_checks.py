import pytest

from engine import MAX_TEXT_CHARS
from engine.errors import TextError
from engine.text import check_text, iter_segments


@pytest.mark.parametrize(
    ("text", "problem", "position"),
    [
        ("", "empty", 0),
        (" \n\t\u00a0\u3000", "empty", 0),
        ("ab\ud800c", "lone_surrogate", 2),
        ("\udfff", "lone_surrogate", 0),
        ("abc\0d\ud800", "nul_byte", 3),
    ],
)
def test_unfit_text_is_refused_at_once(text: str, problem: str, position: int) -> None:
    for refuse in (check_text, iter_segments):
        with pytest.raises(TextError) as caught:
            refuse(text)
        assert (caught.value.problem, caught.value.position) == (problem, position)


def test_too_long_text_is_refused_with_its_length() -> None:
    check_text("x" * MAX_TEXT_CHARS)
    with pytest.raises(TextError) as caught:
        check_text("x" * (MAX_TEXT_CHARS + 1))
    error = caught.value
    assert (error.problem, error.found, error.limit) == ("too_long", MAX_TEXT_CHARS + 1, MAX_TEXT_CHARS)


@pytest.mark.parametrize("text", ["...", "😀😀", "---\n***", "\u200b", "![](x.png)", "([{“”}])", "<br>", "# \n- \n"])
def test_signs_alone_are_nothing_to_speak(text: str) -> None:
    segments = iter_segments(text)
    with pytest.raises(TextError) as caught:
        next(segments)
    assert caught.value.problem == "nothing_to_speak"


@pytest.mark.parametrize("text", ["a", "😀 𝒳 text", "7", "ж", "中", "x" * 10])
def test_anything_with_a_letter_or_digit_is_spoken(text: str) -> None:
    assert len(list(iter_segments(text))) == 1
