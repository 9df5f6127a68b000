"""What a page of text looks like: typeface and size, width and spacing of lines, colours. Each a choice of few."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cache

from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontInfo, QPalette

from desktop.common.settings import Settings
from desktop.widgets.icons import blend

USUAL_POINTS = (15.0, 17.0)
"""The least and the most of what the desktop's size becomes for reading."""


@dataclass(frozen=True, slots=True)
class Page:
    """Holds how a person wants to read. `zoom` is in percent of the usual size; `column` is signs a line, and `spacing`
    the height of a line in that of its font."""

    zoom: int = 100
    typeface: str = "desktop"
    column: int = 70
    spacing: float = 1.5
    theme: str = "desktop"


TYPEFACES = {"desktop": "The desktop's", "serif": "With serifs", "sans": "Without serifs", "dyslexia": "For dyslexia"}
COLUMNS = {50: "Narrow", 70: "Usual", 95: "Wide", 1000: "The whole window"}
SPACINGS = {1.2: "Close", 1.5: "Usual", 1.9: "Far apart"}
THEMES = {"desktop": "The desktop's", "light": "Light", "sepia": "Sepia", "dark": "Dark"}
ZOOMS = (60, 70, 80, 90, 100, 110, 125, 150, 175, 200, 250, 300)

_FAMILIES = {
    "serif": ("Literata", "Georgia", "Charter", "Source Serif 4", "Noto Serif", "Liberation Serif", "DejaVu Serif"),
    "sans": ("Inter", "Segoe UI", "Noto Sans", "Source Sans 3", "Liberation Sans", "DejaVu Sans"),
    "dyslexia": ("Atkinson Hyperlegible Next", "Atkinson Hyperlegible", "OpenDyslexic", "OpenDyslexic3", "Lexend"),
}
_HINTS = {"serif": QFont.StyleHint.Serif, "sans": QFont.StyleHint.SansSerif}
_COLORS = {  # paper, ink, light: each ink is at least 10:1 on its paper
    "light": ("#ffffff", "#1c1c1c", "#3d7fd9"),
    "sepia": ("#f6ecd8", "#3d2e1c", "#b9741c"),
    "dark": ("#1b1d20", "#dadbdd", "#5a93dd"),
}


def offered_typefaces() -> dict[str, str]:
    """Return the typefaces that are here, by name; one for dyslexia has to be installed."""
    return {name: words for name, words in TYPEFACES.items() if name != "dyslexia" or _installed("dyslexia")}


def zoomed(zoom: int, steps: int) -> int:
    """Return the zoom `steps` above `zoom`, or below it; 0 steps is the usual one."""
    if not steps:
        return 100
    near = min(range(len(ZOOMS)), key=lambda i: abs(ZOOMS[i] - zoom))
    return ZOOMS[min(max(near + steps, 0), len(ZOOMS) - 1)]


def font_of(page: Page, desktop: QFont) -> QFont:
    """Make the font to read in; `desktop` is the one for windows."""
    font = QFont(desktop)
    if family := _installed(page.typeface):
        font.setFamilies([family])
    if page.typeface in _HINTS:
        font.setStyleHint(_HINTS[page.typeface])
    own = QFontInfo(desktop).pointSizeF()
    usual = min(max(own * 1.5, USUAL_POINTS[0]), USUAL_POINTS[1])
    font.setPointSizeF(usual * page.zoom / 100)
    return font


def palette_of(theme: str, desktop: QPalette) -> QPalette:
    """Make the colours of a page; those of `desktop` where no theme is chosen."""
    palette = QPalette(desktop)
    if theme not in _COLORS:
        return palette
    paper, ink, light = map(QColor, _COLORS[theme])
    faint = QColor(ink)
    faint.setAlphaF(0.62)
    for role, color in (
        (QPalette.ColorRole.Base, paper),
        (QPalette.ColorRole.Text, ink),
        (QPalette.ColorRole.PlaceholderText, faint),
        (QPalette.ColorRole.Highlight, light),
        (QPalette.ColorRole.HighlightedText, QColor("#ffffff")),
        (QPalette.ColorRole.Window, blend(paper, ink, 0.06)),
        (QPalette.ColorRole.Button, blend(paper, ink, 0.16)),  # of the scroll bar
        (QPalette.ColorRole.WindowText, ink),
        (QPalette.ColorRole.ButtonText, ink),
    ):
        palette.setColor(role, color)
    return palette


@cache
def _installed(typeface: str) -> str:
    """The first family of a kind that is here; "" where none is, and Qt chooses by the kind."""
    families = set(QFontDatabase.families())
    return next((family for family in _FAMILIES.get(typeface, ()) if family in families), "")


def page_of(settings: Settings) -> Page:
    """Return the page that `settings` keep."""
    return Page(
        settings.page_zoom,
        settings.page_typeface,
        settings.page_column,
        settings.page_spacing,
        settings.page_theme,
    )


def page_settings(page: Page) -> dict[str, object]:
    """Return the settings that keep `page`, by their names."""
    return {f"page_{name}": value for name, value in asdict(page).items()}
