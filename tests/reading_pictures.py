"""Pictures of books open in the reader, for tests/screenshots.py: in each colour, in other scripts, and with what helps
to read along."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QWidget

from desktop.about.dialog import AboutDialog
from desktop.about.keys_dialog import KeysDialog, keys_of
from desktop.common.state import AppState, EnginePhase, EngineView, Phase, ReadingView
from desktop.reader.actions import KEYS_BESIDES
from desktop.reader.book import make_book
from desktop.reader.page import Page
from desktop.reader.window import ReaderWindow
from engine.narration import read_document

ENGLISH = """<html><head><title>The Lamp</title></head><body>
<h1>The Lamp on the Lectern</h1>
<p>The lamp on the lectern had been burning <em>since noon</em>. Nobody in the reading room dared to turn it off, not
even the librarian, who was known to be <strong>afraid of nothing</strong>. She opened the oldest of the books and
listened to the rain.</p>
<p><img src="lamp.png" alt="A brass lamp on a reading desk, and a window full of rain behind it"/></p>
<ul><li>three keys, of which one was bent</li><li>a letter that nobody had opened, because it was addressed to somebody
who would not come before the spring</li></ul>
<blockquote><p>Whoever reads this aloud reads it to himself first.</p></blockquote>
<table><tr><th>Day</th><th>Rain</th><th>Readers</th></tr><tr><td>Monday</td><td>all day</td><td>2</td></tr>
<tr><td>Tuesday</td><td>none</td><td>14</td></tr></table>
<p>Then the telephone rang. He let it ring four times before he answered.</p></body></html>"""
ARABIC = """<html lang="ar"><head><title>المصباح</title></head><body><h1>المصباح</h1>
<p>كان المصباح مضاء <strong>منذ الظهيرة</strong>. ولم يجرؤ أحد في قاعة القراءة على إطفائه، حتى أمينة المكتبة التي
كتبت عام 1984 كتابا اسمه Alice in Oxford وهو مشهور في كل البلاد. ثم فتحت أقدم الكتب واستمعت إلى المطر.</p>
<blockquote><p>من يقرأ بصوت عال يقرأ لنفسه أولا.</p></blockquote><ul><li>ثلاثة مفاتيح</li><li>رسالة مغلقة</li></ul>
</body></html>"""
JAPANESE = """<html lang="ja"><head><title>ランプ</title></head><body><h1>第一章　ランプ</h1>
<p>書見台のランプは<strong>昼から</strong>ともっていた。読書室の誰も、それを消そうとはしなかった。司書は一番古い本を開き、
雨の音に耳を傾けた。雨は一週間ずっと、銅の屋根に降りつづいていた。PDF 2026 の頁もあった。</p><ul><li>三本の鍵</li></ul>
<p>それから電話が鳴った。彼は四回鳴るまで待ってから受話器を取った。</p></body></html>"""

READY = EngineView(EnginePhase.READY, device="cuda", memory_bytes=2_300_000_000)


def reading_views() -> Iterator[tuple[str, Callable[[], QWidget]]]:
    """A name for each picture, and what makes the widget, shown."""
    for theme in ("light", "sepia", "dark"):
        page = Page(theme=theme, typeface="serif" if theme == "sepia" else "desktop")
        yield f"book-{theme}", partial(book, ENGLISH, page, "Nobody in", "Nobody")
    yield "book-arabic", partial(book, ARABIC, Page(theme="light"), "ولم يجرؤ", "المكتبة")
    yield "book-japanese", partial(book, JAPANESE, Page(theme="sepia"), "司書は", "司書")
    yield "book-large", partial(book, ENGLISH, Page(zoom=175, theme="dark", spacing=1.9), "Nobody", "dared")
    yield "book-found", lambda: _found(book(ENGLISH, Page(), "", ""))
    yield "book-away", lambda: _away(book(ENGLISH, Page(zoom=150), "The lamp", "lamp"))
    yield "page-panel", _panel
    yield "keys", _keys
    yield "about", _about


def book(html: str, page: Page, sentence: str, word: str) -> ReaderWindow:
    """The reader with a book made of `html`, in which the sentence that begins so is heard, at `word`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "book.html"
        path.write_text(html, encoding="utf-8")
        document = read_document(path)
    window = ReaderWindow()
    window.aids.page.use(page)
    window.open_book(make_book("key", Path("book.epub"), document))  # what the reader's thread hands over
    window.books.contents.hide()
    window.show()
    text = window.books.view.text()
    if sentence:
        start = text.index(sentence)
        end = min(text.index(sign, start) for sign in ".。" if sign in text[start:]) + 1
        at = text.index(word, start)
        window.books.read(0)
        reading = ReadingView(text, (start, end), (at, at + len(word)), 12.0, 84.0, "S1 Mini")
        window.render(AppState(Phase.SPEAKING, READY, reading, voice="Anna", voices=("Anna",)))
    else:
        window.render(AppState(engine=READY))
    return window


def _found(window: ReaderWindow) -> QWidget:
    window.aids.find_bar.open("the")
    _let_work(400)
    window.aids.find_bar.go(1)
    return window


def _away(window: ReaderWindow) -> QWidget:
    window.aids.sleep.start(30)
    bar = window.books.view.verticalScrollBar()
    bar.triggerAction(bar.SliderAction.SliderToMaximum)
    return window


def _panel() -> QWidget:
    window = ReaderWindow()
    window.aids.page.use(replace(Page(), theme="sepia"))
    window.show()
    window.aids.page.show_panel()
    panel = window.aids.page.panel
    panel.destroyed.connect(window.deleteLater)
    return panel


def _keys() -> QWidget:
    window = ReaderWindow()
    dialog = KeysDialog(lambda: [("In the reader", [*keys_of(window.actions()), *KEYS_BESIDES])], window)
    dialog.show()
    return dialog


def _about() -> QWidget:
    dialog = AboutDialog()
    dialog.tabs.setCurrentIndex(1)
    dialog.show()
    _let_work(1500)
    return dialog


def _let_work(milliseconds: int) -> None:
    """Let threads bring what they have; QTest's own waiting would keep them from it."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()
