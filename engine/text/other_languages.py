"""The languages that no voice speaks, by name, so that a person is told what a text is in."""

from __future__ import annotations

from functools import cache

from engine.text.languages import all_records

_NAMES = """
ace Acehnese; af Afrikaans; am Amharic; as Assamese; az Azerbaijani; ba Bashkir; bcl Bikol; be Belarusian; bg Bulgarian;
bn Bengali; br Breton; bs Bosnian; ca Catalan; crh Crimean Tatar; cs Czech; cy Welsh; da Danish; dz Dzongkha; el Greek;
eo Esperanto; et Estonian; eu Basque; fa Persian; fi Finnish; fo Faroese; fuv Fulfulde; fy Frisian; ga Irish;
gd Scottish Gaelic; gl Galician; gom Konkani; gu Gujarati; gug Guarani; guw Gun; ha Hausa; he Hebrew; hi Hindi;
hr Croatian; ht Haitian Creole; hu Hungarian; hy Armenian; id Indonesian; ig Igbo; is Icelandic; jv Javanese;
ka Georgian; kab Kabyle; kik Kikuyu; kk Kazakh; km Khmer; kn Kannada; ku Kurdish; ky Kyrgyz; la Latin;
lb Luxembourgish; lg Ganda; ln Lingala; lo Lao; lt Lithuanian; lv Latvian; mg Malagasy; mk Macedonian; ml Malayalam;
mn Mongolian; mr Marathi; ms Malay; mt Maltese; my Burmese; ne Nepali; no Norwegian; nso Northern Sotho; oc Occitan;
om Oromo; or Odia; pa Punjabi; ps Pashto; qu Quechua; ro Romanian; rw Kinyarwanda; sa Sanskrit; sdh Southern Kurdish;
se Northern Sami; si Sinhala; sk Slovak; sl Slovenian; sn Shona; so Somali; sq Albanian; sr Serbian; st Sotho;
sv Swedish; sw Swahili; ta Tamil; te Telugu; tg Tajik; th Thai; tk Turkmen; tl Tagalog; tr Turkish; tt Tatar; ug Uyghur;
uk Ukrainian; ur Urdu; uz Uzbek; uzs Southern Uzbek; vi Vietnamese; vo Volapük; xh Xhosa; yi Yiddish; yo Yoruba; zu Zulu
"""

# What a classifier or a file calls by a name of its own, and is read and named as another.
_VARIANTS = """
ary ar; arz ar; an es; ext es; gcf ht; gcr ht; grc el; hbo he; iw he; in id; lij it; ltg lv; nb no; nn no; pcm en;
vec it; wa fr; wuu zh; yue zh; cmn zh; fil tl; ji yi
"""

# Scripts of one language, or of one above all, by the first word of their letters' names in Unicode.
_OF_SCRIPTS = """
HEBREW he; GREEK el; DEVANAGARI hi; THAI th; GEORGIAN ka; ARMENIAN hy; TAMIL ta; BENGALI bn; GUJARATI gu; GURMUKHI pa;
TELUGU te; KANNADA kn; MALAYALAM ml; SINHALA si; MYANMAR my; KHMER km; LAO lo; ETHIOPIC am; ORIYA or; TIBETAN dz
"""


@cache
def _table(text: str) -> dict[str, str]:
    """Read entries that semicolons divide, each a key, a space and what it stands for."""
    pairs = (entry.split(None, 1) for entry in text.split(";"))
    return {key: " ".join(value.split()) for key, value in pairs}


def same_language(code: str) -> str:
    """Return the code that stands for `code` and its variants: "no" for "nb"."""
    return _table(_VARIANTS).get(code, code)


def language_of_script(script: str) -> str:
    """Return the language that most texts in `script` are in, by the first word of its letters' names in Unicode; the
    script's own name where none is known."""
    return _table(_OF_SCRIPTS).get(script, script.capitalize())


def name_of_language(code: str) -> str:
    """Name any language in English by its code; one that is not known by the code itself."""
    code = same_language(code)
    spoken = {record.code: record.name for record in all_records()}
    return spoken.get(code) or _table(_NAMES).get(code, code)
