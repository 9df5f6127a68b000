"""Where sentences end, in a cleaned line of any language.

Our own pattern finds the candidates; the signs around each decide, and where only the word before a full
stop can tell, `sentencex` is asked, after the words of the language's record.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache, cached_property

from engine.text.languages import Language, all_records, record_of
from engine.text.markers import MARKER

CLOSERS = "\"'”’»›“)\\]}」』）】》〉"
_CANDIDATE = re.compile(
    rf"(?P<wide>[。！？｡][。！？｡!?…]*)(?P<wide_closers>[”’」』）】》〉»)\]]*)"
    rf"|(?P<run>[.!?…؟۔]+)(?P<closers>[{CLOSERS}«‹‘]*+(?:\s?»(?!\w))?)(?=\s|\Z|(?P<glued>[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3「『（]))"
)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_TOKEN_BEFORE = re.compile(r"[^\s(\[{\"“„«‘—–/]{1,40}\Z")
_NUMBER = re.compile(r"\(?\d{1,4}(?:\.\d{1,4}){0,5}\Z")
_LETTER_OR_ROMAN = re.compile(r"\(?(?:[a-zA-Z]|[ivxIVX]{1,5})\Z")
_DOTTED = re.compile(r"[^\W\d_]{1,4}(?:\.-?[^\W\d_]{1,4})+\Z")

# What sentencex takes for the edge of a quotation, or for an end of which we know without asking.
_MASK = str.maketrans(dict.fromkeys('"“”„«»‹›「」『』《》。！？｡؟۔', " ") | dict.fromkeys("‘’‚", "'"))
_EDGE_APOSTROPHE = re.compile(r"(?<!\w)'|'(?!\w)")
_MAX_QUESTION_CODEPOINTS = 2048  # sentencex is quadratic in some texts


def sentence_ends(line: str, code: str) -> list[int]:
    """Find where the sentences of `line`, in the language `code`, end: after closing quotes and brackets.

    The last end is the line's length.
    """
    return _Line(line, record_of(code)).ends()


# The next two are of all languages together, whatever the line is in: texts quote each other, and the signs are plain.


@cache
def _skipped() -> re.Pattern[str]:
    """Make the pattern for what may stand between a sentence's end and the first letter or digit of the next."""
    clitics = re.escape("".join(record.clitics for record in all_records()))
    clitic = rf"|['’][{clitics}]\s(?=(?-i:[A-Z]))" if clitics else ""
    return re.compile(rf"(?:\s|{MARKER.pattern}{clitic}|[\"'“”‘’«»„‚¿¡(\[{{「『（—–―-])*", re.IGNORECASE)


@cache
def _quotative() -> re.Pattern[str]:
    return re.compile("|".join(record.quotatives for record in all_records() if record.quotatives) or "(?!)")


@dataclass(frozen=True)
class _Line:
    text: str
    language: Language

    def ends(self) -> list[int]:
        ends: list[int] = []
        start = n_quotes = counted = 0
        for match in _CANDIDATE.finditer(self.text):
            end = match.end()
            if match["wide"]:
                n_quotes += self.text.count('"', counted, end)
                counted = end
                if n_quotes % 2 and self.text[end : end + 1] == '"':
                    end += 1
            if self._ends_sentence(match, start, end):
                ends.append(end)
                start = end
        if not ends or self.text[ends[-1] :].strip():
            ends.append(len(self.text))
        return ends

    def _ends_sentence(self, match: re.Match[str], start: int, end: int) -> bool:
        skipped = _skipped().match(self.text, end)
        following = skipped.end() if skipped else end
        if following == len(self.text):
            return True  # what is skipped (a marker, a quote) belongs to no later sentence
        if match["wide"]:
            return not (match["wide_closers"] and _quotative().match(self.text, end))
        sign, run = self.text[following], match["run"]
        opened = following > end and bool(self.text[end:following].strip())
        if sign.islower() and (match["closers"] or run[-1] == "…" or set(run) == {"."}):
            return opened and bool(MARKER.search(self.text, end, following)) and not match["closers"]
        if sign.islower():
            return not opened
        if run[-1] in "!?؟۔" or run[0] in "!?؟":
            return True
        if len(run) > 1 or run == "…":
            return self._ellipsis_ends(match, following)
        return bool(match["closers"]) or self._full_stop_ends(match.start("run"), start, end, following)

    def _ellipsis_ends(self, match: re.Match[str], following: int) -> bool:
        """Tell an ellipsis at a sentence's end from one in hesitation: "I… I do", "das ist … Quatsch".

        Scripts without capitals do not tell.
        """
        start = match.start()
        if not self.text[following].isupper() or self.text[max(0, start - 1) : start].isspace():
            return False
        before = _TOKEN_BEFORE.search(self.text, max(0, start - 40), start)
        after = _WORD.match(self.text, following)
        return not (before and after and before[0].lower() == after[0].lower())

    def _full_stop_ends(self, stop: int, start: int, end: int, following: int) -> bool:
        before = _TOKEN_BEFORE.search(self.text, max(start, stop - 40), stop)
        token = before[0] if before else ""
        beginning = self.text[start : min(stop, start + 40)].strip()
        if _NUMBER.match(beginning) or (start == 0 and _LETTER_OR_ROMAN.match(beginning)):
            return False  # "1. Introduction"
        word = self._unspaced(token, start, stop)
        if word in self.language.may_be_last:
            return True
        after_elision = re.split("['’]", word)[-1] if self.language.elides else word  # l'art
        if {token.lower(), word, after_elision} & self.language.never_last:
            return False
        next_word = _WORD.match(self.text, following)
        is_first_word = (
            next_word is not None
            and next_word[0].lower() in self.language.first_words
            and not (len(next_word[0]) == 1 and self.text.startswith(".", next_word.end()))  # another initial
        )
        is_initial = len(token) == 1 and token.isalpha() and token < "\u1100"
        if is_initial or _DOTTED.match(token) or token[-2:-1] == "-":
            return is_first_word
        if self.language.has_dotted_ordinals and token.isdigit() and len(token) <= 2:
            return is_first_word  # "im 19. Jahrhundert"
        return is_first_word or self._sentencex_says(end, following)

    def _unspaced(self, token: str, start: int, stop: int) -> str:
        """Return the abbreviation that ends here, written without spaces: "z. B" as "z.b"."""
        spaced = re.search(r"(?:(?<!\w)[^\W\d_]{1,2}\.\s){1,3}\Z", self.text[max(start, stop - 16) : stop - len(token)])
        whole = (spaced[0] if spaced and len(token) <= 3 else "") + token
        return "".join(whole.lower().split())

    def _sentencex_says(self, end: int, following: int) -> bool:
        i = bisect_right(self._sentencex_ends, end - 1)
        return i < len(self._sentencex_ends) and self._sentencex_ends[i] <= following

    @cached_property
    def _sentencex_ends(self) -> list[int]:
        from sentencex import get_sentence_boundaries  # pyright: ignore[reportAttributeAccessIssue] - compiled

        masked = _EDGE_APOSTROPHE.sub(" ", self.text.translate(_MASK))
        code = self.language.sentencex_code or self.language.code
        ends: list[int] = []
        start = 0
        while start < len(masked):
            limit = min(start + _MAX_QUESTION_CODEPOINTS, len(masked))
            if limit < len(masked):  # cut where no sentence ends: after a word without a full stop
                inside = [m.end() for m in re.finditer(r"\w(?=\s)", masked[start:limit])]
                limit = start + inside[-1] if inside else limit
            boundaries = get_sentence_boundaries(code, masked[start:limit])
            ends += [start + boundary["end_index"] for boundary in boundaries]
            start = limit
        return ends
