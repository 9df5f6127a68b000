"""Lines that are headings though nothing marks them: "CHAPTER I.", "Kapitel 3", "第一章"."""

from __future__ import annotations

import re

_WORDS = {
    "en": "chapter|book|part|volume|section|letter|canto|stave|act|scene|prologue|epilogue|preface|foreword|"
    "introduction|afterword|conclusion|appendix|interlude",
    "de": "kapitel|buch|teil|band|abschnitt|brief|akt|aufzug|szene|prolog|epilog|vorwort|einleitung|nachwort|"
    "anhang|vorrede",
    "fr": "chapitre|livre|partie|tome|section|lettre|acte|scène|prologue|épilogue|préface|avant-propos|introduction|"
    "postface|conclusion|annexe",
    "es": "capítulo|capitulo|libro|parte|tomo|sección|carta|acto|escena|prólogo|epílogo|prefacio|introducción|apéndice",
    "it": "capitolo|libro|parte|volume|sezione|lettera|atto|scena|prologo|epilogo|prefazione|introduzione|appendice",
    "pt": "capítulo|capitulo|livro|parte|tomo|seção|secção|carta|ato|acto|cena|prólogo|epílogo|prefácio|introdução|"
    "apêndice",
    "nl": "hoofdstuk|boek|deel|band|brief|bedrijf|akte|scène|proloog|epiloog|voorwoord|inleiding|nawoord|bijlage",
    "pl": "rozdział|księga|część|tom|list|akt|scena|prolog|epilog|przedmowa|wstęp|posłowie|zakończenie|dodatek",
    "ru": "глава|книга|часть|том|раздел|письмо|действие|акт|явление|пролог|эпилог|предисловие|введение|вступление|"
    "послесловие|заключение|приложение",
    "ar": "الفصل|الباب|الجزء|الكتاب|القسم|المقدمة|مقدمة|تمهيد|خاتمة|الخاتمة|ملحق",
}
_ALONE = (
    "prologue|epilogue|preface|foreword|introduction|afterword|conclusion|interlude|prolog|epilog|vorwort|einleitung|"
    "nachwort|anhang|vorrede|épilogue|préface|avant-propos|postface|prólogo|epílogo|prefacio|introducción|prologo|"
    "epilogo|prefazione|introduzione|prefácio|introdução|proloog|epiloog|voorwoord|inleiding|nawoord|przedmowa|wstęp|"
    "posłowie|zakończenie|пролог|эпилог|предисловие|введение|вступление|послесловие|заключение|المقدمة|مقدمة|تمهيد|"
    "خاتمة|الخاتمة|序章|终章|終章|序言|前言|后记|後記|楔子|引子|尾声|尾聲|プロローグ|エピローグ|まえがき|あとがき|はじめに|おわりに|"
    "머리말|서문|프롤로그|에필로그|맺음말|들어가며"
)
# After the word: a number, in digits, Roman, or written out (one or two words), then perhaps a title of its own.
_NUMBER = r"(?:\d{1,4}|[ivxlcdm]{1,9}|[^\W\d_]{2,20}(?:[ -][^\W\d_]{2,20})?)"
_NUMBERED = re.compile(
    rf"(?:the\s)?(?:{'|'.join(words for words in _WORDS.values())})\s+{_NUMBER}\s*(?P<sign>[.:–—-]|\Z)", re.IGNORECASE
)
# "Erstes Kapitel", "Première partie", "Первая глава", "Deel een".
_ORDINAL_FIRST = re.compile(
    rf"(?:the\s)?(?:\d{{1,3}}[.ºª°e]?|[ivxlcdm]{{1,9}}\.?|[^\W\d_]{{3,20}})\s(?:{'|'.join(_WORDS.values())})\s*(?P<sign>[.:–—-]|\Z)",
    re.IGNORECASE,
)
_EAST_ASIAN = re.compile(
    r"第\s?[0-9０-９一二三四五六七八九十百千零〇両两壱弐参]{1,8}\s?[章回节節卷巻部篇編幕話话集]|제\s?\d{1,4}\s?[장편부권막회절]|"
    r"[卷巻][一二三四五六七八九十百]{1,4}(?=\s|\Z)"
)
_ONLY_NUMBER = re.compile(r"(?:[IVXLC]{1,8}|\d{1,3})\.?\Z")
_ALONE_PATTERN = re.compile(rf"(?:{_ALONE})[.:]?\Z", re.IGNORECASE)
CONTENTS = re.compile(
    r"(?:table of )?contents\.?|inhalt(?:sverzeichnis)?|table des matières|sommaire|índice|contenido|sumário|indice|"
    r"sommario|inhoud(?:sopgave)?|spis treści|содержание|оглавление|المحتويات|الفهرس|目录|目錄|目次|もくじ|차례|목차",
    re.IGNORECASE,
)

MAX_CHARS = 100
_SENTENCE = re.compile(r"[.!?…]\s+\S.*[.!?…]\Z|[,;]\Z")


def is_heading(paragraph: str) -> bool:
    """Return whether a paragraph is the heading of a chapter, by its words alone."""
    line = " ".join(paragraph.split())
    if not line or len(line) > MAX_CHARS:
        return False
    if _ALONE_PATTERN.match(line) or _EAST_ASIAN.match(line):
        return not line.endswith(("。", "，"))
    match = _NUMBERED.match(line) or _ORDINAL_FIRST.match(line)
    if match is None:
        return _numbered_with_title(line)
    # "Part of the crew…" is a sentence; "CHAPTER I. Down the Rabbit-Hole" is not.
    return not line[0].islower() and not _SENTENCE.search(line[match.end() :])


def _numbered_with_title(line: str) -> bool:
    """ "CHAPTER II The Pool of Tears", without a sign between: only capitals or a number in signs show it."""
    match = re.match(rf"(?:{'|'.join(_WORDS.values())})\s(?:\d{{1,4}}|[IVXLC]{{1,9}})\s(?=\S)", line, re.IGNORECASE)
    return match is not None and line[0].isupper() and line[-1] not in ".,;!?…" and len(line) <= 80


_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}


def bare_number(paragraph: str) -> int | None:
    """Return the number that a line "IV" or "12." is: a heading where there are others like it, one after the other."""
    line = paragraph.strip()
    if not _ONLY_NUMBER.match(line):
        return None
    digits = line.rstrip(".").lower()
    if digits.isdigit():
        return int(digits)
    values = [_VALUES[sign] for sign in digits]
    return sum(
        -value if value < following else value for value, following in zip(values, [*values[1:], 0], strict=True)
    )
