import pytest

from engine.text import iter_segments
from engine.text.blocks import iter_blocks
from engine.text.clean import clean_block


def spoken(text: str) -> list[str]:
    lines = [clean_block(text, block).text for block in iter_blocks(text)]
    return [line for line in lines if line]


PLAIN = [
    "3 < 5 and 7 > 5",
    "a_b_c and snake_case, _private",
    "C# and F#, #1, #hashtag",
    "$5-10, 2 * 3 * 4, 2*3, 2**3, a*b, *.txt",
    "1. Introduction",
    "1999. It was a good year",
    "(see below) [sic] {x}",
    "AT&T, R&D; Q&A",
    "7:45, 3.5, 3,5, 1.000,00, ١٢٫٥",
    "if a<b and c>d then <name>",
    "x[i][j] = y[n]",
    "a@b.de, user_name@example.com",
    "Wait... what?! No!? ~5 %",
    "C:\\new\\file, and/or, 1/2, std::string",
    "Home | News",
    "--help, -x, 10-12, well-known, a - b, a – b, a — b",
    "« Bonjour ! » „Ja“ “yes” 「はい」",
    "x² + y³ ≤ 20 °C ± 5 € © ™ № 5",
    "Leo·Tolstoi, ①②, ♯",
    "می\u200cخواهم",
    "Vs. him; it's o'clock 'n' all",
]


@pytest.mark.parametrize("text", PLAIN)
def test_plain_text_is_not_touched(text: str) -> None:
    assert spoken(text) == [text]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# Title #\n## C#", ["Title", "C#"]),
        ("Title\n=====\nText", ["Title", "Text"]),
        ("One\n\n---\n***\n* * *\n\nTwo", ["One", "Two"]),
        ("*a* **b** ***c*** _d_ __e__ ~~f~~ **_g_**", ["a b c d e g"]),
        ("un**real**istic, 这是**重点**内容，**「强调」**后", ["unrealistic, 这是重点内容，「强调」后"]),
        ("Price* is 5 ** or ____", ["Price is 5 or"]),
        (r"\*not\* a \# title \[x\]", ["*not* a # title [x]"]),
        ("`a*b*c` and ``x ` y``", ["a*b*c and x ` y"]),
        ("- one\n* two\n+ three\n- [x] done\n• four\n✅ five", ["one", "two", "three", "done", "four", "five"]),
        ("1. one\n2) two\n   more", ["1. one", "2) two more"]),
        ("born in\n1999. It was\n2. cold", ["born in 1999. It was 2. cold"]),
        ("> quote\n> > deep\n>\n> next", ["quote deep", "next"]),
        ("[text](http://x.y/z_(a) \"t\") [*em*](b) [ref][1] [also][]", ["text em ref also"]),
        ("![alt](i.png) [![badge](b.svg)](c)", ["alt"]),
        ("```py\nx = *a*  # y\n\nprint(1)\n```\nafter", ["x = *a* # y", "print(1)", "after"]),
        ("``` never closed\ntext", ["never closed text"]),
        ("| A | B |\n|---|:-:|\n| 1. | x \\| y |\n| | z |\nend", ["A, B", "1. x | y", "z", "end"]),
        ("Name | Age\n--- | ---\nAnn | 5", ["Name, Age", "Ann, 5"]),
        ("a<br>b <b>c</b><p class=\"x\">d</p> <!-- no --> <img src=a alt=\"cat\">", ["a b c d cat"]),
        ("<!-- a\n\nb -->\nText", ["Text"]),
        ("&amp; &lt;b&gt; &#233; &nbsp; &nosuch;", ["& <b> é &nosuch;"]),
        ("See https://www.example.com/a_b/c?d=e#f, (http://foo.org/x).", ["See example.com, (foo.org)."]),
        ("<https://example.com/x> www.foo.org/y docs.python.org/3/lib", ["example.com foo.org docs.python.org"]),
        ("见https://example.com/路径。好", ["见example.com路径。好"]),
        ("ftp://user:secret@host.example:21/x mailto:a@b.de <c@d.org>", ["host.example a@b.de c@d.org"]),
        ("Word.[1] Next [2, 3], and[^note]. [^a]", ["Word. Next, and."]),
        ("[^1]: The note.\n[ref]: https://x.y/z", ["The note."]),
        ("[^1]:\nThe note.", ["The note."]),
        ("Great 😀👨‍👩‍👧! I ❤️ it 👍🏽👍 1️⃣", ["Great! I it 1"]),
        ("日本😀語 → 終わり", ["日本語 終わり"]),
        ("Home → News • More ★★★", ["Home News More"]),
        ("so\u00adft zero\u200bwidth \ufeffbom a\u200db \x07bell \ue000", ["soft zerowidth bom ab bell"]),
        ("exam-\nple, self-\nmade, Vor-\nund Nach, Nord-\nOst, state-of-\nthe-art", [
            "example, self-made, Vor- und Nach, Nord-Ost, state-of-the-art"
        ]),
        ("soft\u00ad\nware", ["software"]),
        ("这是第一\n行。한국\n어 a\nb", ["这是第一行。한국 어 a b"]),
        ("e\u0301 A\u030a \u1112\u1161\u11ab \u304b\u3099 \u212b", ["é Å 한 が Å"]),
        ("Wow!!!!!! What?!?!?! Hm…… hm..... ok ---- x，，y 好。。。", ["Wow! What?! Hm… hm... ok — x，y 好。"]),
        ("==== Title ====\n#### \n______", ["Title"]),
        ("a\u00a0b\u3000c\u2003d  e", ["a b c d e"]),
        ("a\r\nb\rc\u2028d\u2029e", ["a b c d", "e"]),
        ("— Oui.\n— Non.\nqui\n— dit", ["— Oui.", "— Non. qui — dit"]),
    ],
)  # fmt: skip
def test_markup_is_said_as_a_reader_would(text: str, expected: list[str]) -> None:
    assert spoken(text) == expected


def test_paragraphs_set_one_a_line_are_told_from_hard_wraps() -> None:
    wrapped = "It was a long night and the rain came down on the roof of the house\nby the river, where nobody lived."
    assert spoken(f"Chapter One\n{wrapped}") == ["Chapter One", wrapped.replace("\n", " ")]


def test_offsets_survive_cleaning() -> None:
    source = "So **bo\u0065\u0301ld** &amp; https://www.example.com/path."
    (block,) = iter_blocks(source)
    line = clean_block(source, block)
    assert line.text == "So boéld & example.com."
    spans = {line.text[i]: line.source.span(i, i + 1) for i in range(len(line))}
    assert source[slice(*spans["é"])] == "e\u0301"
    assert source[slice(*spans["&"])] == "&amp;"
    host = line.text.index("example.com")
    assert source[slice(*line.source.span(host, host + 11))] == "example.com"


def test_without_cleaning_a_text_is_spoken_as_it_stands() -> None:
    text = "See **this** at https://example.com/a/b now. [1]\n\nNext 😀 one."
    assert next(s.text for s in iter_segments(text, clean=False)) == "See **this** at https://example.com/a/b now. [1]"
    assert next(s.text for s in iter_segments(text)) == "See this at example.com now."
    assert "😀" in [s.text for s in iter_segments(text, clean=False)][-1]


def test_cells_that_tabs_divide_are_heard_apart() -> None:
    assert next(iter_segments("Ann\t7\tBerlin", "en")).text == "Ann, 7, Berlin"
    assert next(iter_segments("1.\tIntroduction", "en")).text == "1. Introduction"
    assert next(iter_segments("\tIndented text here.\t", "en")).text == "Indented text here."


def test_printed_shapes_of_letters_become_letters() -> None:
    text = "The \ufb01rst e\ufb03cient \ufb02ame."
    segment = next(iter_segments(text, "en"))
    assert segment.text == "The first efficient flame."
    start = segment.text.index("ffi")
    assert segment.source.span(start, start + 3) == (text.index("\ufb03"), text.index("\ufb03") + 1)
    assert next(iter_segments("\ufee3\ufeae\ufea3\ufe92\ufe8e", "ar")).text == "مرحبا"


def test_raised_numbers_that_lead_to_notes_are_left_out() -> None:
    text = "The word¹ ends here.² It has 5 km² and x³."
    assert [s.text for s in iter_segments(text, "en")] == ["The word ends here.", "It has 5 km² and x³."]
