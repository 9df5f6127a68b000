"""Markdown within a paragraph, and what else is written for the eye: links, tags, addresses, emphasis."""

from __future__ import annotations

import html
import re

from engine.text.mapped_text import MappedText
from engine.text.raised import LEVEL_END, LOWERED, RAISED, RAISED_RULES
from engine.text.ruby import RUBY, is_reading
from engine.text.tex import FORMULA, written_formula

_SPECIAL = re.compile(r"[\\`*_~^\[<&|$]|==|\{[#.]|://|www\.", re.IGNORECASE)

# Signs that were escaped or stand in code mean themselves: they hide in a private-use plane (whose own
# characters were dropped before) until the markup is gone.
_SHIELD = {code: chr(0xF0000 + code) for code in b"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"}
_UNSHIELD = {ord(shield): chr(code) for code, shield in _SHIELD.items()}

# Repetitions are bounded so that no text, however hostile, costs more than its length times a constant.
_LITERAL = re.compile(
    r"\\(?P<escaped>[!-/:-@\[-`{-~])|(?<!`)(?P<fence>`{1,9})(?!`)(?P<code>.{1,500}?)(?<!`)(?P=fence)(?!`)", re.DOTALL
)
_COMMENT = re.compile(r"<!--(?:(?!<!--).){0,2000}?-->", re.DOTALL)
FOOTNOTE_MARK = re.compile(
    r"(?P<space>\s?)\[(?P<number>\^[^\]\s]{1,60}|\d{1,3}(?:\s?[,–-]\s?\d{1,3}){0,20})\](?:\(#[^()\s]{0,200}\))?"
)
_BRACKETED_NUMBER = re.compile(r"(?<![\w\])])\[(?P<number>\d{1,3})\](?![\w\[(:])")
_TWO_WORDS = re.compile(r"\w\W{1,5}(?:\w{4,40}|\W)\Z")  # a short one goes with the number: "see [1]."
# Before a number in brackets that is said: a key to press, or a source that the sentence needs ("see [3]"). Of all
# languages together: markup is read before the language of a paragraph is told.
_BEFORE_SAID_BRACKETS = re.compile(
    r"(?:\b(?:press|dial|type|enter|choose|select|hit|push|key|option|button|or|see|in|by|from|of|than|"
    r"drücke[nt]?|taste|wähle[nt]?|tippe[nt]?|oder|siehe|von|nach|druk|toets|kies|typ|of|zie|"
    r"appuyez|tapez|touche|choisissez|ou|voir|dans|par|pulse|marque|presione|tecla|elija|o|u|véase|"
    r"premi|premere|prema|tasto|digita|vedi|aperte|digite|tecle|veja|naciśnij|wybierz|lub|zob|"
    r"нажмите|выберите|или|см)\.?(?:\s(?:the|sie|op|sur|la|el|il|a|en|на))?\s?)\Z",
    re.IGNORECASE,
)
_NOTES_BEFORE = re.compile(r"(?:\[\d{1,3}\]){1,9}\Z")
_INDEXED = re.compile(r"(?:(?<![^\W_])[a-z]|[\])]|_\w{1,20}|\w{0,20}\d)\Z")
_TARGET = (
    r"\(\s{0,9}(?:<[^<>]{0,2000}>|[^()\s]{0,2000}(?:\([^()\s]{0,200}\)[^()\s]{0,2000}){0,9})"
    r"(?:\s{1,9}(?:\"[^\"]{0,500}\"|'[^']{0,500}'))?\s{0,9}\)"
)
_IMAGE = re.compile(rf"!\[(?P<text>[^\[\]]{{0,1000}})\](?:{_TARGET}|\[[^\[\]]{{0,200}}\])")
_LINK = re.compile(rf"\[(?P<text>[^\[\]]{{0,1000}})\]{_TARGET}")
_REFERENCE_LINK = re.compile(
    r"(?<![\w\])])\[(?!\d{1,3}\]|\^|\]\[\])(?P<text>[^\[\]]{0,1000})\]\[[^\[\]]{0,200}\]"
)  # but not a[i][j]

_BREAKING_TAGS = (
    "address|article|aside|blockquote|body|br|caption|center|dd|details|div|dl|dt|fieldset|figcaption|figure|footer|form|"
    "h[1-6]|head|header|hr|html|iframe|li|main|nav|ol|option|p|pre|section|select|source|summary|table|tbody|td|tfoot|"
    "th|thead|title|tr|ul|video"
)
_INLINE_TAGS = (
    "a|abbr|acronym|b|bdi|bdo|big|button|cite|code|data|del|dfn|em|font|i|img|input|ins|kbd|label|mark|picture|q|rp|rt|"
    "ruby|s|samp|script|small|span|strike|strong|style|sub|sup|svg|time|tt|u|var|wbr"
)
TAG = re.compile(
    rf"</?(?:(?P<breaking>{_BREAKING_TAGS})|{_INLINE_TAGS})"
    r"(?:\s{1,9}[\w:@.-]{1,60}\s?=\s?(?:\"[^\"]{0,2000}\"|'[^']{0,2000}'|[^\s\"'=<>`]{1,2000})"
    r"|\s{1,9}(?:open|hidden|checked|disabled|controls|async|defer)\b){0,30}\s{0,9}/?>",
    re.IGNORECASE,
)
_BARE_TAG = re.compile(r"</?(?P<tag>[A-Za-z][A-Za-z0-9]{0,9})>")
_ALONE = frozenset(("br", "hr", "img", "input", "source", "wbr"))
"""Tags that have no other half."""
_IMAGE_TEXT = re.compile(r"\balt=[\"'](?P<text>[^\"']{1,500})[\"']", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")

# An address ends where white space, a quotation mark or East Asian text begins, and before punctuation.
_URL_SIGN = r"[^\s<>()\"'`“”‘’«»،؛؟\u1100-\u11ff\u3000-\u30ff\u3400-\u9fff\uac00-\ud7a3\uff00-\uffef]"
_HOST_SIGN = r"[0-9A-Za-z\u00c0-\u024f\u0370-\u06ff]"
# It has no letters: looking for their capitals among so many signs takes 20 ms of each start.
_PATH = rf"(?-i:[/?#](?:{_URL_SIGN}|\({_URL_SIGN}{{0,200}}\)){{0,2000}}(?<![.,;:!?…*_~|\[\]{{}}]))"
_URL = re.compile(
    r"<?(?<![A-Za-z0-9])(?:(?:https?|ftp)://(?:[^\s/@<>]{1,200}@)?(?:www\.)?|www\.)"
    rf"(?P<host>{_HOST_SIGN}(?:[._-]{{0,3}}{_HOST_SIGN}){{0,252}})"
    rf"(?::\d{{1,5}})?(?:{_PATH})?>?",
    re.IGNORECASE,
)
_BARE_URL = re.compile(
    r"(?<![\w@./:-])(?P<host>(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,5}"
    rf"(?:com|org|net|io|edu|gov|info|dev|de|fr|es|it|nl|pl|pt|ru|jp|kr|cn|uk))(?=/){_PATH}",
    re.IGNORECASE,
)
_MAIL = re.compile(
    r"<?\bmailto:(?P<address>[^\s<>()?\"]{1,200})(?:\?[^\s<>()]{0,2000})?>?|<(?P<plain>[^\s<>@]{1,64}@[^\s<>@]{1,255})>",
    re.IGNORECASE,
)
ADDRESSES = (_URL, _BARE_URL, _MAIL)

_BADGE = re.compile(
    r"badge|shields\.io|travis-ci|codecov|coveralls|build[-_]?status|\.svg\b|/workflows/", re.IGNORECASE
)
_CALL_OUT = re.compile(r"\A\[!(?P<name>[A-Za-z]{2,20})\][+-]?\s{0,3}(?P<after>(?=\S))?")
_MARKED = re.compile(r"(?<![=\w<>!])==(?P<text>[^\s=](?:[^=\n]{0,500}[^\s=])?)==(?![=\w])")
_UNSAID_ELEMENT = re.compile(
    r"<(?P<tag>del|script|style|rt|rp)\b[^<>]{0,200}>(?:(?!<(?P=tag)).){0,2000}?</(?P=tag)\s?>",
    re.IGNORECASE | re.DOTALL,
)
_SPAN = re.compile(r"\[(?P<text>[^\[\]]{1,1000})\]\{[.#\w][^{}\n]{1,200}\}")  # Pandoc's: "[mot]{lang=fr}"
_PANDOCS_LEVELS = (
    (re.compile(r"(?<=[^\W_])\^(?P<signs>-?\d{1,3}|[a-z]{1,3})\^"), RAISED),
    (re.compile(r"(?<=[^\W\d_])~(?P<signs>\d{1,2})~(?![~\d])"), LOWERED),
)
_HAS_LEVELS = re.compile(r"</su|\^[-\w]{1,4}\^|~\d", re.IGNORECASE)
_ATTRIBUTES = re.compile(r"[ \t]\{[#.][\w#.:= \"'-]{1,100}\}\Z")  # of a heading
_WIKI_LINK = re.compile(r"(?P<embeds>!?)\[\[(?:[^\[\]|\n]{1,500}\|)?(?P<text>[^\[\]|\n]{1,500})\]\]")
STRUCK = re.compile(r"(?<![~\w])~~(?=\S)(?P<text>[^~\n]{1,500})(?<=\S)~~(?![~\w])")
_LEVELS = (
    (re.compile(r"<sup(?:\s[^<>]{0,200})?>", re.IGNORECASE), RAISED),
    (re.compile(r"<sub(?:\s[^<>]{0,200})?>", re.IGNORECASE), LOWERED),
    (re.compile(r"</su[bp]\s?>", re.IGNORECASE), LEVEL_END),
)

_LONE_BACKTICK = re.compile(r"(?<!\w)`+|`+(?!\w)")
_LEFTOVER = re.compile(r"\*+|_{2,}")
_DELIMITERS = re.compile(r"\*+|_+|~~(?!~)")
_HAS_MARKUP = re.compile(r"<[A-Za-z/!]|&[#A-Za-z]|\\[!-/:-@\[-`{-~]|\](?:\s?\(|\[|:)")
_ESCAPE = re.compile(r"\\(?=[!-/:-@\[-`{-~])")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_DEFINITION = re.compile(r"^\[[^\]\n]{1,200}\]:\s", re.MULTILINE)
_TABS = re.compile(r"(?<=\S)[ \u00a0]*\t[ \u00a0\t]*(?=\S)")
_TABLE_BARS = re.compile(r"\s*\|(?:\s*\|)*\s*")


def strip_markdown(text: MappedText) -> MappedText:
    """Return what a reader would say of a paragraph in Markdown. Plain text comes back as it is."""
    if not _SPECIAL.search(text.text):
        return text
    if "\\" in text.text or "$" in text.text:
        text = text.sub(FORMULA, written_formula)
    text = _shield_literals(text)
    text = text.sub(_COMMENT, " ")
    text = text.sub(_CALL_OUT, lambda match: match["name"].capitalize() + (": " if match["after"] is not None else ""))
    text = _write_levels(_drop_unsaid_elements(text))
    text = _keep_wiki_links(_keep_picture_texts(text))
    text = _keep_group(text, _REFERENCE_LINK, "text")
    text = text.sub(FOOTNOTE_MARK, _drop_footnote)
    text = text.sub(_BRACKETED_NUMBER, lambda match: text.slice(*match.span("number")))
    text = _keep_group(text, _LINK, "text")
    text = _keep_group(text, _SPAN, "text").sub(_ATTRIBUTES, "")
    text = _drop_tags(text)
    text = _keep_group(text, _MARKED, "text")
    text = shorten_addresses(text)
    whole = len(text)
    text = text.sub(STRUCK, lambda match: None if len(match[0]) == whole else "")
    text = _strip_emphasis(text)
    text = text.sub(_ENTITY, _decode_entity)
    return text.translate(_UNSHIELD)


def cells_to_commas(text: MappedText) -> MappedText:
    """Make a table row a sentence: its cells, separated by commas unless one ends with a sign of its own."""
    text = text.sub(_LITERAL, lambda match: text.slice(*match.span()).translate(_SHIELD) if match["escaped"] else None)

    def comma(match: re.Match[str]) -> str:
        before = match.string[match.start() - 1 : match.start()] if match.start() else ""
        if not before or match.end() == len(match.string):
            return ""
        return " " if before in ".,;:!?…。、，！？" else ", "

    return text.sub(_TABLE_BARS, comma).translate(_UNSHIELD)


def tabs_to_commas(text: MappedText) -> MappedText:
    """Put commas between cells that tabs divide, as spreadsheets have them, unless a sign is there."""
    if "\t" not in text.text:
        return text

    def comma(match: re.Match[str]) -> str:
        return " " if match.string[match.start() - 1] in ".,;:!?…。、，！？)" else ", "

    return text.sub(_TABS, comma)


def shorten_addresses(text: MappedText) -> MappedText:
    """Leave of web addresses their host, and of e-mail addresses all but "mailto:" and angle brackets."""
    if "@" in text.text:
        mail = text
        text = text.sub(_MAIL, lambda match: mail.slice(*match.span("address" if match["address"] else "plain")))
    return _keep_group(_keep_group(text, _URL, "host"), _BARE_URL, "host")


def escape_markup(text: str) -> str:
    """Write plain `text` so that what looks like tags, entities, links or escapes in it stays: a backslash before each.

    `strip_markdown` gives it back as it was.
    """
    if not _HAS_MARKUP.search(text):
        return text
    escaped = _escaped(text)
    return _escaped(text.replace("`", "\0")).replace("\0", "\\`") if "`" in text and escaped != text else escaped


def unescape_markup(text: str) -> str:
    """Return what `escape_markup` was given."""
    return _ESCAPED.sub(r"\1", text) if "\\" in text else text


def _escaped(text: str) -> str:
    def with_backslash(match: re.Match[str]) -> str:
        start = match.start() + match[0].startswith("!")
        is_harmless = match.string[start - 1 : start] == "\\" or (
            match[0][0] == "&" and html.unescape(match[0]) == match[0]
        )
        return match[0] if is_harmless else match[0][: start - match.start()] + "\\" + match[0][start - match.start() :]

    text = _ESCAPE.sub(r"\\\\", text)
    for pattern in (_COMMENT, TAG, _ENTITY, _IMAGE, _LINK, _REFERENCE_LINK, _DEFINITION):
        text = pattern.sub(with_backslash, text)
    return text


def _keep_group(text: MappedText, pattern: re.Pattern[str], group: str) -> MappedText:
    return text.sub(pattern, lambda match: text.slice(*match.span(group)))


def _shield_literals(text: MappedText) -> MappedText:
    def shield(match: re.Match[str]) -> MappedText:
        group = "escaped" if match["escaped"] else "code"
        return text.slice(*match.span(group)).translate(_SHIELD)

    text = text.sub(_LITERAL, shield)
    return text.sub(_LONE_BACKTICK, "")


def is_note_mark(match: re.Match[str]) -> bool:
    """Tell from what stands around whether a match of `FOOTNOTE_MARK` leads to a note: "[1]" after a word or at the end
    of a clause does; that in "Press [1] for help" and "x[3]" is text."""
    if "^" in match[0] or "(" in match[0] or not match["number"].isdigit():
        return True
    before = _NOTES_BEFORE.sub("", match.string[max(0, match.start() - 60) : match.start()])
    after = match.string[match.end() : match.end() + 3].lstrip()
    if not match["space"]:
        return match["number"] != "0" and after[:1] != "=" and not _INDEXED.search(before)
    if before[-1:] in tuple(".!?…;”’»\"'"):
        return True
    is_at_end = not after or after[0] in ".,;:!?)"
    return is_at_end and bool(_TWO_WORDS.search(before)) and not _BEFORE_SAID_BRACKETS.search(before)


def _drop_footnote(match: re.Match[str]) -> str | None:
    if not is_note_mark(match):
        return None
    following = match.string[match.end() : match.end() + 1]
    return match["space"] if following.isalnum() else ""


def _drop_unsaid_elements(text: MappedText) -> MappedText:
    """Leave out what tags of HTML say is not read, and of signs with a reading beside them all but that."""
    if "</" not in text.text:
        return text

    def reading(match: re.Match[str]) -> MappedText | None:
        return text.slice(*match.span("reading")) if is_reading(match["signs"], match["reading"]) else None

    return text.sub(RUBY, reading).sub(_UNSAID_ELEMENT, "")


def _write_levels(text: MappedText) -> MappedText:
    if not _HAS_LEVELS.search(text.text):
        return text
    for pattern, mark in _LEVELS:
        text = text.sub(pattern, mark)
    for pattern, mark in _PANDOCS_LEVELS:
        signs = text
        text = text.sub(
            pattern,
            lambda match, signs=signs, mark=mark: (
                signs.slice(match.start(), match.start() + 1).replaced(mark)
                + signs.slice(*match.span("signs"))
                + signs.slice(match.end() - 1, match.end()).replaced(LEVEL_END)
            ),
        )
    for rule, written in RAISED_RULES:
        text = text.sub(rule, written)
    return text


def _keep_wiki_links(text: MappedText) -> MappedText:
    return text.sub(_WIKI_LINK, lambda match: "" if match["embeds"] else text.slice(*match.span("text")))


def _keep_picture_texts(text: MappedText) -> MappedText:
    """Leave of pictures what stands for them, and nothing of badges."""

    def words(match: re.Match[str]) -> str | MappedText:
        is_by_name = match[0].endswith("]") and match.string[match.start() - 1 : match.start()] == "["  # in a link
        is_badge = is_by_name or _BADGE.search(match.string, match.end("text"), match.end())
        return "" if is_badge else text.slice(*match.span("text"))

    return text.sub(_IMAGE, words)


def _drop_tags(text: MappedText) -> MappedText:
    def replacement(match: re.Match[str]) -> str | MappedText | None:
        image_text = _IMAGE_TEXT.search(match.string, *match.span())
        if image_text and not _BADGE.search(match[0]):
            return text.slice(*image_text.span("text"))
        if _is_named(match):
            return None
        return " " if match["breaking"] else ""

    return text.sub(TAG, replacement)


def _is_named(match: re.Match[str]) -> bool:
    """Tell whether a sentence is about a tag, as in "The <main> tag": one that has no other half, between words."""
    bare = _BARE_TAG.fullmatch(match[0])
    before, after = match.string[max(0, match.start() - 2) : match.start()], match.string[match.end() : match.end() + 2]
    if bare is None or bare["tag"].lower() in _ALONE or not (before[-1:] == " " and before[:1].isalnum()):
        return False
    is_in_sentence = (after[:1] == " " and after[1:].islower()) or after[:1] in tuple(".,;:?!")
    other_half = f"<{'/' if match[0][1] != '/' else ''}{bare['tag']}"
    return is_in_sentence and other_half.lower() not in match.string.lower()


def _decode_entity(match: re.Match[str]) -> str | None:
    decoded = html.unescape(match[0])
    return None if decoded == match[0] else "".join(sign for sign in decoded if sign.isprintable() or sign.isspace())


def _strip_emphasis(text: MappedText) -> MappedText:
    """Leave out asterisks, underscores and tildes that mark emphasis; "2 * 3" and "a_b_c" keep theirs."""
    removed: list[tuple[int, int]] = []
    openers: dict[str, list[tuple[int, int]]] = {"*": [], "_": [], "~": []}
    for run in _DELIMITERS.finditer(text.text):
        start, end = run.span()
        can_open, can_close = _flanks(text.text, start, end)
        stack = openers[run[0][0]]
        if can_close and not can_open and stack and run[0] == "*" and text.text[end : end + 1].isalpha():
            can_close = not re.search(r"\s", text.text[stack[-1][1] : start])  # "*it*self", and not "*nix and a*b"
        while can_close and stack and start < end:
            opener_start, opener_end = stack.pop()
            n = min(end - start, opener_end - opener_start)
            removed += [(opener_end - n, opener_end), (start, start + n)]
            start += n
            if opener_end - n > opener_start:
                stack.append((opener_start, opener_end - n))
        if can_open and start < end:
            stack.append((start, end))
    text = text.without(sorted(removed)) if removed else text
    return text.sub(_LEFTOVER, _drop_leftover)


def _flanks(text: str, start: int, end: int) -> tuple[bool, bool]:
    """Tell whether a run of delimiters can open and whether it can close emphasis, nearly as CommonMark has it.

    Unlike there, East Asian letters count as punctuation (they have no spaces between words), and
    asterisks within a product or a power are none.
    """
    sign, before, after = text[start], text[start - 1 : start] if start else "", text[end : end + 1]
    inside_word = before.isascii() and before.isalnum() and after.isascii() and after.isalnum()
    if sign == "*" and inside_word and (end - start == 1 or (before.isdigit() and after.isdigit())):
        return False, end - start == 1 and before.isalpha() and after.isalpha()  # "*it*self", and not "a*b*c"
    before_kind, after_kind = _kind(before), _kind(after)
    left = after_kind != "space" and (after_kind == "word" or before_kind != "word")
    right = before_kind != "space" and (before_kind == "word" or after_kind != "word")
    if sign == "_":
        return left and (not right or before_kind == "sign"), right and (not left or after_kind == "sign")
    return left, right


def _kind(neighbour: str) -> str:
    if not neighbour or neighbour.isspace():
        return "space"
    return "word" if neighbour.isalnum() and neighbour < "\u2e80" else "sign"


def _drop_leftover(match: re.Match[str]) -> str | None:
    text, (start, end) = match.string, match.span()
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    if before[-1:].isalnum() and after[:1].isalnum():
        return None  # a*b, 2**3, snake__case
    if match[0] == "*":
        if before[-1:] in tuple("1234567") and not before[:-1].isalnum():
            return None  # a 4* hotel
        is_operator = before[-1:] == " " == after[:1] and _is_operand(before[:1]) and _is_operand(after[1:])
        is_wildcard = after[:1] == "." and after[1:].isalnum()
        return None if is_operator or is_wildcard else ""
    return ""


def _is_operand(sign: str) -> bool:
    return sign.isalnum() or sign in tuple("()[]")
