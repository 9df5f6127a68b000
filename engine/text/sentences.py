"""Where sentences end, in a cleaned line of any language.

Our own pattern finds the candidates; the signs around each decide, and where only the word before a full
stop can tell, `sentencex` is asked, after the words of the language's record.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache, cached_property

from engine.text.abbreviations import abbreviations, numbered_abbreviations, short_months
from engine.text.amounts import units_of
from engine.text.languages import Language, all_records, record_of
from engine.text.markers import MARKER

CLOSERS = "\"'”’»›“)\\]}」』）】》〉"
_CANDIDATE = re.compile(
    rf"(?P<wide>[。！？｡][。！？｡!?…]*)(?P<wide_closers>[”’」』）】》〉»)\]]*)"
    rf"|(?P<run>[.!?…؟۔]+)(?P<closers>[{CLOSERS}«‹‘]*+(?:\s?»(?!\w))?)"
    r"(?=[\s¿¡]|\Z|(?P<glued>[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3「『（])|(?P<joined>[^\W\d_]))"
)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_TOKEN_BEFORE = re.compile(r"[^\s(\[{\"“„«‘—–/]{1,40}\Z")
_NUMBER = re.compile(r"\(?\d{1,4}(?:\.\d{1,4}){0,5}\Z")
_LETTER_OR_ROMAN = re.compile(r"\(?(?:[a-zA-Z]|[ivxIVX]{1,5})\Z")
_LETTERS = re.compile(r"[\"'“„«‘(\[]*(?P<word>[^\W\d_]+)(?:['’-](?P<last>[^\W\d_]+))*\Z")
_JOINED_WORD = re.compile(r"(?P<word>[^\W\d_]+)(?![\w@/\\(=_]|\.\w)")
_VOWEL = re.compile(r"[aeiouyà-æè-ïò-öø-ýÿāăąēęěīįőœūůűųаеёиоуыэюяіїєў]", re.IGNORECASE)
_ARABIC_WORD = re.compile(r"[\u0620-\u064a]{2,}")
_YEAR = re.compile(r"\d{4}\Z")
_YEARS = re.compile(r"(?:1[5-9]|20)\d\d(?!\w)")
_ROMAN = re.compile(r"(?:(?!I(?!\w))[IVXLC]{1,6}(?!\w)|I(?=[.,;:)]))")
_ROMAN_NUMBER = re.compile(r"[IVX]{2,8}")
_AFTER_NUMBER = re.compile(r"(?:\d|(?<!\w)[IVXLC]{1,6})\s?\Z")
_SPACED_DATE = re.compile(r"(?<!\d)[12]\d{3}\.\s?\d{1,2}\.(?:\s?\d{1,2}\.)?")
_CAPITAL_BEGINS = re.compile(r"(?:\A|[.!?…][\"'”’»)\]]*\s)[^\w.!?…]*(?P<first>[^\W\d_])(?!\.)")
_DOTTED = re.compile(r"[^\W\d_]{1,4}(?:\.-?[^\W\d_]{1,4})+\Z")

# What sentencex takes for the edge of a quotation, or for an end of which we know without asking.
_MASK = str.maketrans(dict.fromkeys('"“”„«»‹›「」『』《》。！？｡؟۔', " ") | dict.fromkeys("‘’‚", "'"))
_EDGE_APOSTROPHE = re.compile(r"(?<!\w)'|'(?!\w)")
_MAX_OPENING_WORDS = 3  # of an adverbial that opens a sentence, with its year: "W lipcu 1945 r. Warszawa"
_NAMES_WITH_SIGN = ("Yahoo", "Jeopardy", "Yum")
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


@cache
def _units(code: str) -> frozenset[str]:
    """Return the signs of the units that a language knows: asked at each full stop."""
    return frozenset(units_of(record_of(code)))


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
        closers = match["wide_closers"] or match["closers"]
        if "》" in (closers or "") or _quotative().match(self.text, end):
            return False
        if self._is_in_title(end):
            return False
        if match["wide"]:
            return self.text[end] not in "，、；：—"
        if match["joined"]:
            return self._lacks_blank(match)
        sign, run = self.text[following], match["run"]
        opened = following > end and bool(self.text[end:following].strip())
        if sign.islower():
            if opened:
                return bool(MARKER.search(self.text, end, following)) and not closers
            if closers or run[-1] == "…" or self._has_capitals:
                return False
            return run[-1] in "!?؟" or (run == "." and self._small_letters_end(match.start("run"), start))
        if run == "!" and self._is_name(match):
            return False
        if match["glued"] and run == "." and self.text[match.start() - 1].isdigit():
            return False  # "5. 12.에", "2.其次"
        if run[-1] in "!?؟۔" or run[0] in "!?؟":
            return True
        if len(run) > 1 or run == "…":
            return self._ellipsis_ends(match, following)
        return bool(closers) or self._full_stop_ends(match.start("run"), start, end, following)

    def _is_name(self, match: re.Match[str]) -> bool:
        """Tell whether the sign belongs to a name: "Yahoo! Finance", and any in Latin letters in "Yahoo!ニュース"."""
        word = re.search(r"[A-Za-z]+\Z", self.text[max(0, match.start() - 20) : match.start()])
        return word is not None and (match["glued"] is not None or word[0] in _NAMES_WITH_SIGN)

    @cached_property
    def _has_capitals(self) -> bool:
        """Tell whether a sentence of the line begins with a capital; then one in small letters is none."""
        return any(first["first"].isupper() for first in _CAPITAL_BEGINS.finditer(self.text))

    @cached_property
    def _has_space(self) -> bool:
        return " " in self.text.strip()

    @cached_property
    def _titles(self) -> list[tuple[int, int]]:
        return [match.span() for match in re.finditer("《[^《》]{1,60}》", self.text)] if "《" in self.text else []

    def _is_in_title(self, end: int) -> bool:
        i = bisect_right(self._titles, (end, 0)) - 1
        return i >= 0 and end < self._titles[i][1]

    def _lacks_blank(self, match: re.Match[str]) -> bool:
        """Tell "It ended.Then he left" from a name with a stop: "J.Smith", "example.com", "System.Out"."""
        stop = match.start("run")
        before = _TOKEN_BEFORE.search(self.text, max(0, stop - 40), stop)
        token = before[0].rstrip(CLOSERS) if before else ""
        left, right = _LETTERS.match(token), _JOINED_WORD.match(self.text, match.end())
        if not right or not (left or _YEAR.match(token)):
            return False
        word, following = (left["last"] or left["word"]) if left else token, right["word"]
        if _ARABIC_WORD.match(following):
            return _ARABIC_WORD.fullmatch(word) is not None and (match["run"] != "." or len(word) > 2)
        is_begun = following[0].isupper() and (following[1:].islower() or len(following) == 1)
        is_word = left is None or (len(word) > 1 and word[1:].islower() and bool(_VOWEL.search(word)))
        return is_begun and is_word and word.lower() not in abbreviations(self.language.code) and self._has_space

    def _small_letters_end(self, stop: int, start: int) -> bool:
        """Tell whether a full stop ends a sentence in a line where no sentence begins with a capital."""
        before = _TOKEN_BEFORE.search(self.text, max(start, stop - 40), stop)
        token = before[0] if before else ""
        word = self._unspaced(token, start, stop)
        before_token = self.text[max(start, stop - len(token) - 8) : stop - len(token)]
        if token in self.language.units and _AFTER_NUMBER.search(before_token):
            return False
        if len(token) < 2 or _DOTTED.match(token) or {token.lower(), word} & abbreviations(self.language.code):
            return False
        return not token.isdigit() and bool(_VOWEL.search(token) or not token.isalpha())

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
        if word in self.language.may_be_last or self._is_word(token, stop):
            return True
        after_elision = re.split("['’]", word)[-1] if self.language.elides else word  # l'art
        words = {token.lower(), word, after_elision}
        if self._goes_on_with_number(words, stop, following):
            return False
        next_word = _WORD.match(self.text, following)
        is_first_word = (
            next_word is not None
            and next_word[0].lower() in self.language.first_words
            and not (len(next_word[0]) == 1 and self.text.startswith(".", next_word.end()))  # another initial
        )
        begins_large = not self.text[following].islower() and self.text[following].isalpha()
        if begins_large and self._is_amount(token, start, stop):
            goes_on = self.language.capitalises_nouns and f"{token}." in self.language.units  # "1 Pck. Backpulver"
            return is_first_word or not goes_on
        if words & self.language.never_last:
            is_told = self._is_told_by_length(token, start, stop)
            is_word = token.lower() in self.language.plain_words  # too: "Он стал им. Его полюбили"
            return is_told or (is_first_word and (is_word or self._follows_number_or_name(token, start, stop)))
        if begins_large and token.lower() in self.language.plain_words:
            return True
        is_initial = len(token) == 1 and token.isalpha() and token < "\u1100"
        if is_initial or _DOTTED.match(token) or token[-2:-1] == "-":
            return is_first_word or self._is_clock(token, stop, next_word)
        if self.language.has_dotted_ordinals and token.isdigit() and len(token) <= 2:
            is_date = next_word is not None and next_word[0] in self.language.months  # "Mo. 5. Mai"
            return is_first_word or (not is_date and self._is_part(token, stop))  # not "im 19. Jahrhundert"
        if self.text[following].isdigit() and len(token) > 3 and token.islower() and _VOWEL.search(token):
            return True  # no abbreviation, so the number begins a sentence
        return is_first_word or self._sentencex_says(end, following)

    def _is_word(self, token: str, stop: int) -> bool:
        """Tell whether what looks like an abbreviation is a word here: "He said no."."""
        verbs = self.language.words_after.get(token)  # and not "Is No. 5"
        before = (
            re.findall(r"[^\W\d_]+", self.text[max(0, stop - len(token) - 16) : stop - len(token)]) if verbs else ()
        )
        return bool(verbs and before and before[-1].lower() in verbs)

    def _follows_number_or_name(self, token: str, start: int, stop: int) -> bool:
        """Tell whether an abbreviation stands where it may end a sentence: "1905 г.", "Main St."."""
        before = self.text[max(start, stop - len(token) - 60) : stop - len(token)]
        if _AFTER_NUMBER.search(before[-16:]):
            return True
        name = before.split()[-1:] if token.lower() in self.language.after_names else []
        return bool(name) and name[0][:1].isupper() and before.strip() != name[0]

    def _is_part(self, number: str, stop: int) -> bool:
        """Tell whether `number` belongs to an abbreviation before it, so that it is no ordinal: "str. 5"."""
        before = re.search(r"([^\W\d_]+)\.?\s\Z", self.text[max(0, stop - len(number) - 16) : stop - len(number)])
        return before is not None and before[1].lower() in numbered_abbreviations(self.language.code)

    def _is_told_by_length(self, token: str, start: int, stop: int) -> bool:
        """Tell "niż w 2019 r. Prace" from "W 2019 r. Polska": before a sentence's end stand some words."""
        before = self.text[max(start, stop - len(token) - 60) : stop - len(token)]
        is_number = token in self.language.after_numbers and _AFTER_NUMBER.search(before) is not None
        return is_number and len(before.split()) > _MAX_OPENING_WORDS

    def _is_amount(self, token: str, start: int, stop: int) -> bool:
        """Tell whether "75 kg" or a name's or volume's Roman number stands before the full stop, and no title does."""
        before = self.text[max(start, stop - len(token) - 16) : stop - len(token)]
        if _ROMAN_NUMBER.fullmatch(token):
            return bool(before.strip()) and not self.language.has_dotted_ordinals
        units = _units(self.language.code)
        if token not in units and f"{token}." not in units and token not in self.language.currencies:
            return False
        number = re.search(r"(?P<n>\d+)\s?\Z", before)
        is_year = number is not None and len(number["n"]) == 4 and len(token) == 1  # "2019 г. Москва"
        return number is not None and not is_year

    def _goes_on_with_number(self, words: set[str], stop: int, following: int) -> bool:
        """Tell whether the full stop is an abbreviation's before its number ("art. 3"), or one in "2024. 5. 12."."""
        if stop in self._stops_in_dates:
            return True
        if not (self.text[following].isdigit() or _ROMAN.match(self.text, following)):
            return False
        word = max(words, key=len)
        if words & short_months(self.language.code):  # "5 mar. 2024" and "In jan. 2020", but "en el mar. 12 peces"
            has_year = _YEARS.match(self.text, following) is not None
            return has_year or bool(_AFTER_NUMBER.search(self.text, max(0, stop - 40), stop - len(word)))
        unspeakable = word.isalpha() and word < "\u0530" and 1 < len(word) <= 5 and not _VOWEL.search(word)
        return unspeakable or bool(words & numbered_abbreviations(self.language.code))

    @cached_property
    def _stops_in_dates(self) -> frozenset[int]:
        """Return where the stops of dates are that are written with spaces: "2024. 5. 12."."""
        if self.language.glue or "." not in self.language.year_month_day:
            return frozenset()
        dates = [date.span() for date in _SPACED_DATE.finditer(self.text)]
        return frozenset(i for start, end in dates for i in range(start, end) if self.text[i] == ".")

    def _is_clock(self, token: str, stop: int, next_word: re.Match[str] | None) -> bool:
        """Tell whether "P.M" after a number ends a sentence: before a title, which begins the next one."""
        before = self.text[max(0, stop - len(token) - 2) : stop - len(token)].strip()
        is_title = next_word is not None and f"{next_word[0]}." in self.language.title_abbreviations
        return is_title and before.isdigit() and token.lower() in ("a.m", "p.m")

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
