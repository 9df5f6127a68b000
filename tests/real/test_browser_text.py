"""What the browser extension finds to read on pages of all kinds, in a real Chromium, and that every word of it leads
back to where it stands."""

from __future__ import annotations

import json
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from desktops import require, running
from websockets.sync.client import connect

from tests.real.test_browser import EXTENSION
from tests.real.test_page import BROWSERS, OPTIONS, Browser, page_address

SCRIPTS = [(EXTENSION / name).read_text() for name in ("text.js", "main_text.js", "light.js")]
LOG = logging.getLogger(__name__)  # the numbers: pytest --log-cli-level=info
LONG = "It was a day on which much was said and little was done, as everybody in the street could tell you. "

NEWS = f"""<header><a href=/>The Paper</a><nav><a href=/>Home</a> Sections</nav></header>
<div class="cookie-note" role="dialog">We use cookies.</div>
<main><article><header><h1>A day</h1><p>By Anna</p></header><p>{LONG}</p>
<figure><img alt="x"><figcaption>A street.</figcaption></figure><div class="share-buttons">Tell others</div>
<p>Second<sup><a href="#n1">[1]</a></sup> part, <span hidden>secret</span><span aria-hidden="true">★</span>with
   <em>stress</em>&nbsp;and a <a href="x">link</a>.<script>var x = "code";</script></p>
<p style="position:absolute;width:1px;height:1px;overflow:hidden">For screen readers.</p>
<p style="display:none">Not shown.</p>
<div style="visibility:hidden">Unseen <b style="visibility:visible">but seen</b></div>
<h2><button>Unfold</button></h2><details><summary>More</summary><p>Closed.</p></details>
<aside>Related things</aside><footer>Filed under days</footer></article></main><footer>All rights.</footer>"""

PAGES: dict[str, tuple[str, str]] = {
    "a newspaper's": (
        NEWS,
        f"A day\n\nBy Anna\n\n{LONG.strip()}\n\nSecond part, with stress\u00a0and a link.\n\nbut seen\n\n"
        "Unfold\n\nMore",
    ),
    "plain divs, and the heading above": (
        "<div id=top><a href=1>One</a> <a href=2>Two</a> menu of things</div><h1>The street</h1><div><div>"
        f"<p>{LONG}</p><p>{LONG}</p><p>Short.</p></div></div><div>Elsewhere: words about us</div>",
        f"The street\n\n{LONG.strip()}\n\n{LONG.strip()}\n\nShort.",
    ),
    "two lines": ("Hello,<br>you.", "Hello,\nyou."),
    "a list of articles": (
        "<nav>x</nav><main><h1>News</h1><article><h2>A</h2><p>One.</p></article><article><h2>B</h2><p>Two.</p></article></main>",
        "News\n\nA\n\nOne.\n\nB\n\nTwo.",
    ),
    "a table, a list and code": (
        "<main><table><caption>Sizes</caption><tr><th>Name</th><th>Size</th></tr><tr><td>Cat.</td><td>30\n  cm"
        "</td></tr></table><ol><li>First</li><li>Second <ul><li>inner</li></ul></li></ol>"
        "<pre>def f(x):\n    return x\n\nend</pre></main>",
        "Sizes\n\nName, Size\n\nCat. 30 cm\n\nFirst\n\nSecond\n\ninner\n\ndef f(x):\nreturn x\n\nend",
    ),
    "scripts of the world": (
        "<main dir=auto><p dir=rtl lang=ar>مرحبا <b>بالعالم</b>. كيف الحال؟</p>"
        "<p lang=zh>今天<i>天氣</i>很好。我們走吧。</p>"
        "<p lang=ja><ruby>漢字<rt>かんじ</rt></ruby>を読む。</p>"
        "<p>A \U0001f468‍\U0001f469‍\U0001f467 and 𝒳 and é.</p></main>",
        "مرحبا بالعالم. كيف الحال؟\n\n今天天氣很好。我們走吧。\n\n漢字を読む。\n\n"
        "A \U0001f468‍\U0001f469‍\U0001f467 and 𝒳 and é.",
    ),
    "words that name no main text": (
        f"<main><p class='ad'>Paragraphs stay.</p><div class='no-sidebar'><p>{LONG}</p></div>"
        "<div class=sidebar>Gone</div></main>",
        f"Paragraphs stay.\n\n{LONG.strip()}",
    ),
    "links alone": ("<ul><li><a href=1>One thing</a></li><li><a href=2>Another</a></li></ul>", "One thing\n\nAnother"),
    "a dialog alone": ("<div role=dialog>Please log in.</div>", "Please log in."),
    "formulas": (
        "<main><p>So <span><span style='position:absolute;width:1px;height:1px;overflow:hidden'><math><semantics><mrow>"
        "<mi>x</mi><mo>=</mo><mn>2</mn></mrow><annotation>x=2</annotation></semantics></math></span>"
        "<span aria-hidden=true>x = 2</span></span>.</p>"
        "<blockquote>Words.<footer>Somebody</footer></blockquote></main>",
        "So x=2.\n\nWords.\n\nSomebody",
    ),
    "nothing": ("<img alt=x> <p>…</p>", "…"),
}
CHECK = """(page) => {
  const bad = [], all = [...page.text], units = [0];
  for (const sign of all) units.push(units.at(-1) + sign.length);
  const points = new Map(units.map((unit, point) => [unit, point]));
  if (page.n !== all.length) bad.push(["length", page.n, all.length]);
  for (const match of page.text.matchAll(/[^\\s]+/g)) {
    const start = points.get(match.index), end = points.get(match.index + match[0].length);
    const ranges = page.ranges(start, end), words = ranges.map(String).join("").replace(/[\\t\\n\\r\\f ]+/g, "");
    if (words !== match[0] && words + "," !== match[0]) bad.push([match[0], words]);
    const place = page.placeOf(ranges[0].startContainer, ranges[0].startOffset);
    if (place !== start) bad.push([match[0], place, start]);
  }
  return { text: page.text, bad };
}"""


class Page(Browser):
    def show(self, html: str) -> None:
        self.tell("Page.navigate", url="about:blank")
        self.wait("document.readyState === 'complete'")
        frame = self.tell("Page.getFrameTree")["frameTree"]["frame"]["id"]
        self.tell("Page.setDocumentContent", frameId=frame, html=f"<!doctype html><meta charset=utf-8><body>{html}")
        self.ask("globalThis.$$ = (selector) => document.querySelector(selector); 0")
        for script in SCRIPTS:
            self.ask(script)

    def read(self, what: str = "mainText") -> str:
        """The text, of which every word was looked up on the page."""
        found = self.ask(f"({CHECK})(lecternMainText.{what}())")
        assert found["bad"] == []
        return found["text"]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    folder = tmp_path_factory.mktemp("chromium")
    command = [
        require(next(filter(shutil.which, BROWSERS), BROWSERS[0]), "chromium"),
        *OPTIONS,
        f"--user-data-dir={folder / 'profile'}",
        "about:blank",
    ]
    log = folder / "log"
    with (
        log.open("wb") as file,
        running(*command, env=dict(os.environ), stdout=file, stderr=file) as process,
        ExitStack() as stack,
    ):
        address = page_address(process, folder / "profile", log)
        yield Page(stack.enter_context(connect(address, max_size=None)))


@pytest.mark.slow
@pytest.mark.parametrize("kind", PAGES)
def test_the_main_text(page: Page, kind: str) -> None:
    html, text = PAGES[kind]
    page.show(html)
    before = page.ask("document.documentElement.outerHTML")
    assert page.read() == text
    assert page.ask("document.documentElement.outerHTML") == before


@pytest.mark.slow
def test_shadow_trees_are_read_as_they_are_shown(page: Page) -> None:
    page.show("<main><x-card><b slot=title>Title</b>Light words.</x-card><x-plain>Hidden by its tree</x-plain></main>")
    page.ask("""
      const fill = (name, html) => $$(name).attachShadow({ mode: "open" }).innerHTML = html;
      fill("x-card", "<h2><slot name=title></slot></h2><p>Before.</p><slot></slot>" +
        "<slot name=none><p>Instead.</p></slot>");
      fill("x-plain", "<p>In <i>the</i> tree.</p>");
    """)
    assert page.read() == "Title\n\nBefore.\n\nLight words.\n\nInstead.\n\nIn the tree."


@pytest.mark.slow
def test_what_is_no_text_and_what_changes(page: Page) -> None:
    page.show("<main><p>One.</p><p>Two.</p></main>")
    page.ask(r"$$('p').textContent = 'a\ud800b\0c d\u{1f600}'")
    assert page.ask("lecternMainText.mainText().text") == "a\ufffdb\ufffdc d\U0001f600\n\nTwo."
    page.ask("globalThis.kept = lecternMainText.mainText(); 0")
    assert page.ask("kept.ranges(6, 8).map(String).join()") == "d\U0001f600"
    page.ask("$$('p').firstChild.data = 'other'; 0")
    assert page.ask("kept.ranges(6, 8)") is None
    assert page.ask("kept.ranges(10, 14).map(String).join()") == "Two."
    page.ask("$$('main').remove(); 0")
    assert page.ask("kept.ranges(10, 14)") is None


@pytest.mark.slow
def test_the_selection_goes_before_the_page(page: Page) -> None:
    page.show("<main><p>One <b>two</b> three.</p><p>Four.</p></main><nav>Menu</nav><textarea>Written here.</textarea>")
    assert page.ask("lecternMainText.selectedText()") is None
    for start, end, text in (
        ("('b').firstChild, 1", "('b').firstChild, 3", "wo"),
        ("('p').firstChild, 2", "('p:nth-of-type(2)').firstChild, 3", "e two three.\n\nFou"),
        ("('nav').firstChild, 0", "('nav').firstChild, 4", "Menu"),
    ):
        place = [f"$${one}" for one in (start, end)]
        page.ask(f"getSelection().setBaseAndExtent({', '.join(place)}); 0")
        assert page.read("selectedText") == text
    page.ask("$$('textarea').focus(); $$('textarea').setSelectionRange(8, 13); 0")
    assert page.ask("lecternMainText.selectedText().text") == "here."
    assert page.ask("lecternMainText.selectedText().ranges(0, 3)") == []


@pytest.mark.slow
def test_a_million_signs_and_a_deep_page(page: Page) -> None:
    page.show("<main></main>")
    page.ask(f"$$('main').innerHTML = ('<p>' + {json.dumps(LONG)} + 'And <b>so</b> on.</p>').repeat(9000); 0")
    spent_ms = page.ask(
        "{ const t = performance.now(); globalThis.kept = lecternMainText.mainText(); performance.now() - t }"
    )
    assert page.ask("kept.n") > 1_000_000
    assert page.ask("{ const r = kept.ranges(kept.n - 6, kept.n); r.map(String).join('') }") == "so on."
    LOG.info("%.0f ms for a million signs", spent_ms)
    page.show("<main></main>")
    page.ask("$$('main').innerHTML = '<div>'.repeat(500) + 'Deep.'; 0")
    assert page.read() == "Deep."


@pytest.mark.slow
def test_without_highlights_a_light_lies_over_the_page_and_takes_no_clicks(page: Page) -> None:
    page.show("<main><p>One two three.</p></main>")
    page.ask(
        "globalThis.light = lecternLight.makeLight(true);"
        "light.show('lectern-sentence', lecternMainText.mainText().ranges(4, 7)); 0"
    )
    box = page.ask(
        "(({x, y, width}) => [x, y, width])(lecternMainText.mainText().ranges(4, 7)[0].getBoundingClientRect())"
    )
    drawn = page.ask("(({x, y, width}) => [x, y, width])(light.ground.querySelector('div').getBoundingClientRect())")
    assert drawn == pytest.approx(box, abs=0.5)
    assert page.ask(f"document.elementFromPoint({box[0] + 2}, {box[1] + 4}).tagName") == "P"
    page.ask("light.remove(); 0")
    assert page.ask("document.querySelectorAll('lectern-light').length") == 0
