"""The words of one paragraph of a file with markup, with marks for what stands above and beside the line."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.narration.readers.inline import INITIAL, PICTURE, lines_apart, with_initials
from engine.narration.readers.styling import Styled, Styling
from engine.narration.styles import StyleKind
from engine.text.markdown import escape_markup
from engine.text.raised import without_levels
from engine.text.ruby import is_reading
from engine.text.tex import FORMULA, written_formula
from engine.types import LanguageSpan

LINE_END, CODE_LINE_END = "\x0e", "\x0f"
"""What no text may hold stands for the two kinds of line ends that are kept; other white space is one space."""

_LANGUAGE, _LANGUAGE_END = "\x15", "\x16"
_LANGUAGE_MARK = re.compile(f"[{_LANGUAGE}{_LANGUAGE_END}]")
_SPACE = re.compile(r"[\t\n\r\f][ \t\n\r\f]*| [ \t\n\r\f]+")
_AROUND_LINE_END = re.compile(f" ?([{LINE_END}{CODE_LINE_END}]) ?")
_SPECIAL = re.compile(r"[\x0e-\x1f\\$\[]|<[A-Za-z/!]|&[#A-Za-z]")
_QUOTES = "\"'“‘«„¿¡( "


class Paragraph:
    """Gather the words of a paragraph. `n_linked_chars` are those that links show."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.n_linked_chars = 0
        self._codes: list[str] = []
        self._styling = Styling()
        self._signs_at: int | None = None  # where the signs begin that a reading is told of
        self._is_read = False

    def add(self, word: str) -> None:
        """Add a text as it stands, or one of the marks that are no text."""
        self.words.append(word)

    def mark(self, mark: str) -> None:
        """Add a mark, which is no text of its own."""
        self.words.append(mark)

    @property
    def is_empty(self) -> bool:
        """Whether nothing but white space came so far."""
        return not any(map(str.strip, self.words)) if len(self.words) < 4 else False

    def clear(self) -> None:
        """Begin anew."""
        self.words, self._codes, self.n_linked_chars = [], [], 0
        self._styling.cut(0)

    def cut(self, start: int) -> str:
        """Take the words from number `start` on back, and return them."""
        words = "".join(self.words[start:])
        del self.words[start:]
        self._styling.cut(start)
        if n_marks := words.count(_LANGUAGE):
            del self._codes[-n_marks:]
        return words

    def begin_language(self, code: str) -> None:
        """Note that what follows is in another language, until `end_language`."""
        self._codes.append(code)
        self.mark(_LANGUAGE)

    def end_language(self) -> None:
        """Note that what was begun last ends."""
        self.mark(_LANGUAGE_END)

    def begin_style(self, kind: StyleKind) -> None:
        """Note that what follows is of `kind`, in this paragraph and in others, until `end_style`."""
        self._styling.begin(kind, len(self.words))

    def end_style(self, kind: StyleKind) -> None:
        """Note that what was begun last of `kind` ends."""
        self._styling.end(kind, len(self.words))

    def take_styles(self) -> Styled | None:
        """Return what is noted of the words so far; called before `take`."""
        return self._styling.take(self.words)

    def begin_ruby(self) -> None:
        """Note that signs follow which have readings."""
        self._signs_at, self._is_read = len(self.words), False

    def end_ruby(self) -> None:
        """Note that they end."""
        self._signs_at = None

    def end_reading(self, reading: str) -> str:
        """Take the reading of the signs since the last one, which is said instead of them; return what is not said."""
        if self._signs_at is None:
            return reading
        signs = "".join(self.words[self._signs_at :])
        goes_on = self._is_read and not signs.strip()  # of signs one by one, and then their readings
        left = reading
        if is_reading(signs, reading) and (signs.strip() or goes_on):
            left = self.cut(self._signs_at)
            self.add(reading)
            self._is_read = True
        self._signs_at = len(self.words)
        return left

    def add_picture(self, letter: str, *, is_initial: bool) -> None:
        """Add a letter that a picture shows: at the beginning it may be an initial, before a word's rest it is one."""
        self.add(letter)
        self.mark(INITIAL if is_initial and self._begins_at(len(self.words) - 1) else PICTURE)

    def end_initial(self, start: int) -> None:
        """Note that the words from number `start` on were set apart: one letter, at the beginning, is an initial."""
        letter = "".join(self.words[start:]) if len(self.words) - start < 8 else ""
        if len(letter.strip(_QUOTES)) == 1 and letter.strip(_QUOTES).isalpha() and self._begins_at(start):
            self.mark(INITIAL)

    def _begins_at(self, start: int) -> bool:
        return not "".join(self.words[max(0, start - 8) : start]).strip(_QUOTES)

    def take(self, language: str = "") -> Iterator[tuple[str, tuple[LanguageSpan, ...]]]:
        """Yield the paragraphs that the words make, with what they say of their language, and begin anew. `language` is
        the code of that around them."""
        text = _SPACE.sub(" ", "".join(self.words))
        codes = iter(self._codes)
        self.words, self._codes, self.n_linked_chars = [], [], 0
        self._signs_at = None if self._signs_at is None else 0
        if not _SPECIAL.search(text):  # as nearly all are
            yield text.strip(), ()
            return
        if "\\" in text or "$" in text:
            text = FORMULA.sub(lambda match: written_formula(match) or match[0], text)
        text = with_initials(without_levels(text), language).strip(f" {LINE_END}{CODE_LINE_END}")
        text = _AROUND_LINE_END.sub(r"\1", text)
        open_codes: list[str] = []
        for lines in re.split(f"{LINE_END}{{2,}}|{CODE_LINE_END}{{2,}}", text):
            is_code = CODE_LINE_END in lines
            lines = re.sub(f"[{LINE_END}{CODE_LINE_END}]", "\n", lines)
            for paragraph in [lines] if is_code else lines_apart(lines):
                yield _with_languages(escape_markup(paragraph.strip()), codes, open_codes)


def _with_languages(text: str, codes: Iterator[str], open_codes: list[str]) -> tuple[str, tuple[LanguageSpan, ...]]:
    """`text` without the marks of languages, and where they stood; those that are open go on in the next."""
    marks = list(_LANGUAGE_MARK.finditer(text))
    if not marks and not open_codes:
        return text, ()
    spans: list[tuple[int, int, str]] = []
    began = [(0, code) for code in open_codes]
    for order, mark in enumerate(marks):
        place = mark.start() - order
        if mark[0] == _LANGUAGE:
            began.append((place, next(codes)))
        elif began:
            start, code = began.pop()
            spans.append((start, place, code))
    plain = _LANGUAGE_MARK.sub("", text)
    spans += [(start, len(plain), code) for start, code in began]
    open_codes[:] = [code for _, code in began]
    spans.sort(key=lambda span: (span[0], -span[1]))
    return plain, tuple(LanguageSpan(*span) for span in spans if span[0] < span[1])
