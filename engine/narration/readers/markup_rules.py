"""What the tags and attributes of HTML and XHTML say of the text within them, data as far as can be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from engine.narration.document import OmissionReason
from engine.narration.styles import StyleKind

BLOCK_TAGS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "div"),
        *("dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "head"),
        *("header", "hgroup", "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "optgroup", "p", "pre"),
        *("section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "title", "tr", "ul", "option"),
    )
)
VOID_TAGS = frozenset(
    (
        *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track"),
        "wbr",
    )
)
STYLE_TAGS = {
    **dict.fromkeys(("em", "i", "cite", "dfn", "var"), StyleKind.EMPHASIS),
    **dict.fromkeys(("strong", "b", "th", "dt"), StyleKind.STRONG),
    **dict.fromkeys(("code", "kbd", "samp", "tt"), StyleKind.CODE),
}
LIST_TAGS = frozenset(("ol", "ul", "menu"))
_OMITTED_TAGS = {
    **dict.fromkeys(("script", "style", "template"), OmissionReason.CODE),
    **dict.fromkeys(("nav", "button", "select", "datalist"), OmissionReason.CONTENTS),
    **dict.fromkeys(("noscript", "iframe", "object", "audio", "video", "canvas", "textarea"), OmissionReason.HIDDEN),
    **dict.fromkeys(("rp", "rtc"), OmissionReason.RUBY),
    **dict.fromkeys(("del", "s", "strike"), OmissionReason.DELETED),
    **dict.fromkeys(("title", "desc", "metadata"), OmissionReason.FRONT_MATTER),  # of a page, and of drawings
}
_OMITTED_TYPES = {  # epub:type, or role without its "doc-"
    **dict.fromkeys(("toc", "landmarks", "page-list", "lot", "loi", "index", "navigation"), OmissionReason.CONTENTS),
    **dict.fromkeys(("noteref", "backlink", "biblioref"), OmissionReason.FOOTNOTE),
    **dict.fromkeys(("search", "alert", "alertdialog", "dialog"), OmissionReason.FURNITURE),
    "pagebreak": OmissionReason.PAGE_NUMBER,
}
_PRINTED_MARGINS = {"header": OmissionReason.PAGE_HEADER, "footer": OmissionReason.PAGE_FOOTER}  # LibreOffice's
_NOTE_TYPES = ("footnote", "footnotes", "endnote", "endnotes", "rearnote", "rearnotes", "note")
_NOTE_CLASS = re.compile(
    r"(?:^|\s)(?:mso|sd)?(?:foot|end|rear)[-_]?notes?(?:[-_]?(?:text|list|body|content|section|area|group|end))?(?:\s|$)"
    r"|(?:^|\s)(?:mw-references|reflist|references-small)(?:-wrap)?(?:\s|$)",
    re.IGNORECASE,
)
_NOTE_ID = re.compile(r"(?:footnotes|endnotes|(?:ftn|edn|sdfootnote|sdendnote)\d+)\Z")
_CONTENTS_NAME = re.compile(r"(?:^|\s)(?:toc|table[-_]?of[-_]?contents)(?:\s|$)", re.IGNORECASE)
NOTE_LINK_CLASS = re.compile(
    r"\b(?:footnote|endnote|fn|note)[-_]?(?:ref|reference|mark|anchor|link)\b|\bnoteref\b|\bfnref\b|\bfnanchor\b",
    re.IGNORECASE,
)
NOTE_LINK = re.compile(
    r"#(?:.{0,60}[-_:.])?(?:foot|end|rear|side|cite)?[-_]?(?:fn|ftn|edn|notes?|footnotes?|cite_note)[-_:.]?[a-z]?\d",
    re.IGNORECASE,
)
NOTE_MARK = re.compile(r"[\[(]?(?:\d{1,4}|[*†‡§¶]{1,3}|[a-z]|[ivx]{1,6})[\])]?", re.IGNORECASE)
_HIDING_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_LICENCE_CLASS = re.compile(r"(?:^|\s)(?:pg-boilerplate|pgheader|pgfooter|pg-(?:machine-)?(?:header|footer))(?:\s|$)")
_PAGE_NUMBER_CLASS = re.compile(
    r"(?:^|\s)(?:page-?_?num(?:ber|s)?|pageno|pgnum|folio|x-ebookmaker-pageno)(?:\s|$)", re.IGNORECASE
)
_EDIT_LINK_CLASS = re.compile(r"(?:^|\s)(?:mw-editsection|editsection|anchorjs-link|headerlink)(?:\s|$)")
_INITIAL_CLASS = re.compile(
    r"(?:^|[\s_-])(?:dc|drop-?_?caps?|dropped|initiale?|lettrine|versal|first-?_?letter|big-?_?letter|bigcap|big|fl|cap)\d{0,2}"
    r"(?:[\s_-]|$)",
    re.IGNORECASE,
)
_INITIAL_STYLE = re.compile(r"float\s*:\s*left|font-size\s*:\s*(?:[2-9]|x+-large|\d{3})", re.IGNORECASE)
_RAISING = re.compile(r"vertical-align\s*:\s*super", re.IGNORECASE)
_LOWERING = re.compile(r"vertical-align\s*:\s*sub\b", re.IGNORECASE)

_NAME_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+")
_FURNITURE_NAMES = frozenset(
    (
        *("menu", "menus", "nav", "navbar", "navigation", "navigationbar", "breadcrumb", "breadcrumbs", "sidebar"),
        *("share", "sharing", "sharebar", "social", "socials", "addthis", "cookie", "cookies", "consent", "gdpr"),
        *("newsletter", "subscribe", "subscription", "advert", "adverts", "advertisement", "ads", "adsense", "promo"),
        *("sponsored", "related", "recommended", "recommendations", "trending", "comments", "disqus", "pagination"),
        *("pager", "toolbar", "paywall", "popup", "modal", "skiplink", "masthead", "topbar", "bottombar"),
    )
)
"""Parts of classes' and ids' names that web pages give to what is around a text."""
_MARGIN_NAME = re.compile(r"(?:^|\s)(?:site-?|page-?|global-?)?(?:header|footer)(?:\s|$)", re.IGNORECASE)
_CONTENT_NAME = re.compile(
    r"(?:^|\s)(?:(?:article|post|entry|story|main|page)[-_]?(?:body|content|text)|content|bodycontent|mw-content-text)"
    r"(?:\s|$)",
    re.IGNORECASE,
)


class Names(NamedTuple):
    """What an element's classes and its id say of it."""

    is_licence: bool = False
    is_page_number: bool = False
    is_contents: bool = False
    is_edit_link: bool = False
    is_note: bool = False
    is_initial: bool = False
    is_margin: bool = False
    is_content: bool = False
    is_furniture: bool = False


def names_say(values: dict[str, str]) -> Names:
    """Say what the names of an element with the attributes `values` tell; `NAMELESS` where it has none that do."""
    classes, own = values.get("class", ""), values.get("id", "")
    if not classes and not own:
        return NAMELESS
    return _classified(classes[:500], "" if any(map(str.isdigit, own)) else own[:500])  # one that counts says nothing


NAMELESS = Names()
"""Of an element whose names tell nothing."""


@lru_cache(maxsize=1024)  # a book has few classes, and all its paragraphs have them
def _classified(classes: str, own: str) -> Names:
    names = f"{classes} {own}"
    said = Names(
        bool(_LICENCE_CLASS.search(names)),
        bool(_PAGE_NUMBER_CLASS.search(names)),
        bool(_CONTENTS_NAME.search(names)),
        bool(_EDIT_LINK_CLASS.search(names)),
        bool(_NOTE_CLASS.search(classes)),
        bool(_INITIAL_CLASS.search(classes)),
        bool(_MARGIN_NAME.search(names)),
        bool(_CONTENT_NAME.search(names)),
        any(name.lower() in _FURNITURE_NAMES for name in _NAME_PARTS.findall(names)),
    )
    return said if any(said) else NAMELESS


def reason_to_omit(tag: str, values: dict[str, str], *, footnotes: bool) -> OmissionReason | None:
    """Say why the text of an element is left out; None where it is not."""
    if tag in _OMITTED_TAGS or not values:
        return _OMITTED_TAGS.get(tag)
    is_formula = "mathml" in values.get("class", "")  # hidden for the eye, which sees a picture of it
    if not is_formula and (
        "hidden" in values or _HIDING_STYLE.search(values.get("style", "")) or values.get("aria-hidden") == "true"
    ):
        return OmissionReason.HIDDEN
    if tag == "div" and values.get("title") in _PRINTED_MARGINS:
        return _PRINTED_MARGINS[values["title"]]
    names = names_say(values)
    if names.is_licence:
        return OmissionReason.LICENCE
    if names.is_page_number:
        return OmissionReason.PAGE_NUMBER
    if names.is_contents and tag in ("div", "ul", "ol", "section", "table"):
        return OmissionReason.CONTENTS
    if names.is_edit_link:
        return OmissionReason.FURNITURE
    if not footnotes and tag not in ("a", "sup", "body", "html") and (names.is_note or _is_note(tag, values)):
        return OmissionReason.FOOTNOTE
    if "epub:type" not in values and "role" not in values:
        return None
    types = [*values.get("epub:type", "").split(), values.get("role", "").removeprefix("doc-")]
    for kind in types:
        if kind in _OMITTED_TYPES:
            return _OMITTED_TYPES[kind]
        if kind in _NOTE_TYPES and not footnotes:
            return OmissionReason.FOOTNOTE
    return None


def _is_note(tag: str, values: dict[str, str]) -> bool:
    return (
        bool(_NOTE_ID.match(values.get("id", "")))
        or (tag in ("ol", "div") and "references" in values.get("class", "").split())
        or "mso-element:footnote" in values.get("style", "").replace(" ", "")
    )


def is_initial(tag: str, values: dict[str, str]) -> bool:
    """Return whether an element may set the first letter of a text apart."""
    return bool(values or tag == "big") and (
        tag in ("big", "font") or names_say(values).is_initial or bool(_INITIAL_STYLE.search(values.get("style", "")))
    )


def level_of(tag: str, values: dict[str, str], levels: Mapping[str, str]) -> str:
    """Return "sup" or "sub" for what stands above or below the line, else ""; `levels` are those of classes."""
    if tag in ("sup", "sub"):
        return tag
    if not values:
        return ""
    style = values.get("style", "")
    if style and (_RAISING.search(style) or _LOWERING.search(style)):
        return "sup" if _RAISING.search(style) else "sub"
    return next((levels[name] for name in values.get("class", "").split() if name in levels), "") if levels else ""


def picture_of_letter(values: dict[str, str]) -> str:
    """Return the letter that a picture stands for by its `alt`, as initials do in old books; "" where it is none."""
    words = values.get("alt", "").split()
    letter = words[-1] if words and (len(words) == 1 or is_initial("img", values)) else ""
    return letter if len(letter) == 1 and letter.isalpha() else ""
