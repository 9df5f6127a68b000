"""SSML: what it says of a text, in 13 languages, from careful clients and from those that only put `<speak>` around."""

import string
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.errors import TextError
from engine.notes import Bookmark, Manner, Pause, TextNotes
from engine.text import iter_segments, read_ssml
from engine.text.languages import record_of
from engine.text.ssml import MAX_SSML_CHARS
from engine.types import LANGUAGES, Segment


def spoken(ssml: str, language: str | None = None) -> list[Segment]:
    marked = read_ssml(ssml)
    return list(iter_segments(marked.text, language, normalise=True, notes=marked.notes))


def words(ssml: str, language: str | None = "en") -> str:
    return " ".join(segment.text for segment in spoken(ssml, language))


def test_a_text_is_cut_where_it_says_so() -> None:
    ssml = (
        '<?xml version="1.0"?><!DOCTYPE speak [<!ENTITY a "b">]>\n<speak>\n  <p>One <s>two</s> three</p>\n'
        '<p>four<break time="1.5s"/>five <break strength="none"/>six</p></speak>'
    )
    segments = spoken(ssml, "en")
    assert [(s.text, s.ends_paragraph, s.delivery.pause_ms) for s in segments] == [
        ("One", False, None),
        ("two", False, None),
        ("three", True, None),
        ("four", False, 1500),
        ("five six", True, None),
    ]
    text = read_ssml(ssml).text
    assert [text[s.start : s.end].split() for s in segments] == [s.text.split() for s in segments]


def test_pauses_add_up_and_begin_and_end_a_text() -> None:
    ssml = '<speak><break time="300ms"/>One. <break time="1s"/> <break time="200ms"/> Two<break time="99s"/></speak>'
    deliveries = [segment.delivery for segment in spoken(ssml, "en")]
    assert [(d.before_ms, d.pause_ms) for d in deliveries] == [(300, 1200), (0, 10_000)]
    assert spoken('a <break strength="strong"/> b')[0].delivery.pause_ms == 700
    assert spoken("a <break/> b")[0].delivery.pause_ms == spoken('a <break time="soon"/> b')[0].delivery.pause_ms == 400


def test_each_language_is_its_own() -> None:
    ssml = (
        '<speak xml:lang="en-GB">She said <lang xml:lang="fra">bonjour madame</lang> to <s xml:lang="de">dir.</s> '
        "ок</speak>"
    )
    assert [(s.language, s.text) for s in spoken(ssml, "it")] == [
        ("en", "She said"),
        ("fr", "bonjour madame"),
        ("en", "to"),
        ("de", "dir."),
        ("ru", "ок"),
    ]
    (segment,) = spoken('<voice language="nl-NL">De kat.</voice>', "en")
    assert segment.language == "nl"


def test_voices_and_prosody_are_delivered() -> None:
    ssml = (
        '<speak>a <voice name="Ada">b <prosody rate="fast" pitch="+2st" volume="-6dB">c '
        '<prosody rate="50%">d</prosody></prosody></voice> <voice gender="female">e</voice> <prosody volume="silent" '
        'rate="-900%" pitch="300Hz">f</prosody></speak>'
    )
    manners = [segment.delivery.manner for segment in spoken(ssml, "en")]
    assert [(m.voice, m.rate) for m in manners] == [
        ("", 1.0),
        ("Ada", 1.0),
        ("Ada", 1.5),
        ("Ada", 0.75),
        ("female", 1.0),
        ("", 0.34),
    ]
    assert manners[2].pitch == pytest.approx(2 ** (1 / 6))
    assert manners[2].gain == pytest.approx(0.501, abs=0.001)
    assert (manners[5].gain, manners[5].pitch) == (0.0, 1.0)
    assert [segment.delivery.pause_ms for segment in spoken(ssml, "en")] == [0, 0, 0, 0, 0, None]


def test_emphasis_and_bookmarks_have_their_places() -> None:
    ssml = (
        '<speak><mark name="1"/>One <mark name="2"/><emphasis level="strong">two</emphasis><mark name="3"/>. '
        '<mark name="4"/><break/><mark name="5"/>Three<mark name="6"/></speak>'
    )
    marked = read_ssml(ssml)
    assert marked.notes.bookmarks[1] == Bookmark(marked.text.index("two"), "2")
    first, second = spoken(ssml, "en")
    assert [bookmark.name for bookmark in first.delivery.bookmarks] == ["1", "2", "3", "4"]
    assert [bookmark.name for bookmark in second.delivery.bookmarks] == ["5", "6"]
    (emphasis,) = first.delivery.emphases
    assert (marked.text[emphasis.start : emphasis.end], emphasis.gain) == ("two", 1.75)
    assert second.delivery.emphases == ()


SAID = (
    ('<say-as interpret-as="characters">US-b 1</say-as>', "U, S, hyphen, B, 1"),
    ('<say-as interpret-as="spell-out">#</say-as>', "number sign"),
    ('<say-as interpret-as="digits">12.5</say-as>', "1 2 5"),
    ('<say-as interpret-as="cardinal">XIV</say-as> 1,500', "14 1,500"),
    ('<say-as interpret-as="ordinal">21</say-as>', "twenty-first"),
    ('<say-as interpret-as="number" format="ordinal">2nd</say-as>', "second"),
    ('<say-as interpret-as="date" format="dmy">3/5/24</say-as>', "May 3rd, 2024"),
    ('<say-as interpret-as="date" format="md">5-3</say-as>', "May 3rd"),
    ('<say-as interpret-as="date" format="mdy">99/99/24</say-as>', "99/99/24"),
    ('<say-as interpret-as="time">2:05 pm</say-as>', "2 oh 5 pm"),
    ('<say-as interpret-as="telephone">+49 (30) 12</say-as>', "plus, 4 9, 3 0, 1 2"),
    ('It is <say-as interpret-as="unit">5 km</say-as>', "It is 5 kilometres"),
    ('<say-as interpret-as="fraction">3/4</say-as>', "3/4"),
    ('<say-as interpret-as="expletive">Damn</say-as> it', "it"),
    ('<say-as interpret-as="no such">kept</say-as>', "kept"),
    ('<sub alias="World Wide Web. Consortium">W3C</sub> says', "World Wide Web. Consortium says"),
    ('The <sub alias="ampersand"/> sign', "The ampersand sign"),
    ('<sub alias="">kept</sub>', "kept"),
    ('<say-as interpret-as="characters">a<break/>b</say-as>', "A, B"),
)


@pytest.mark.parametrize(("ssml", "said"), SAID, ids=[said for _, said in SAID])
def test_it_is_said_as_it_says(ssml: str, said: str) -> None:
    assert words(f"<speak>{ssml}</speak>") == said


@pytest.mark.parametrize("language", LANGUAGES)
def test_signs_numbers_and_dates_have_names_in_each_language(language: str) -> None:
    names = record_of(language).sign_names
    assert set(string.punctuation) <= names.keys()
    say = '<say-as interpret-as="{}"{}>{}</say-as>'.format
    spelled = words(say("characters", "", "@") + say("characters", "", "_"), language)
    assert names["@"] in spelled
    assert names["_"].replace("_", " ") in spelled
    assert "3" not in words(say("ordinal", "", "3"), language).replace("第3", "").replace("제3", "")
    month = record_of(language).months[4] if record_of(language).months else "5"
    assert month in words(say("date", ' format="ymd"', "2024.5.3"), language)
    assert words(say("time", "", "14:30"), language) != "14:30"


def test_phonemes_are_for_engines_that_take_them() -> None:
    (segment,) = spoken(
        'Say <phoneme alphabet="ipa" ph="/nʊˈjɛn/">Nguyen. Nguyen</phoneme> <phoneme ph="?!">x</phoneme>.'
    )
    assert segment.text == "Say Nguyen. Nguyen x."
    assert [(p.start, p.end, p.ipa) for p in segment.phonemes] == [(4, 18, "nʊˈjɛn")]
    assert spoken('<phoneme alphabet="x-sampa" ph="pIk@n">pecan</phoneme>')[0].phonemes == ()
    assert words('<phoneme ph="nuː"/>') == "nuː"


PASSED_OVER = (
    ("<speak>AT&T costs < 5 & rises</speak>", "AT and T costs less than 5 and rises"),
    ("<speak>bare", "bare"),
    ("no tags at all", "no tags at all"),
    ("<speak><p>open <emphasis>never closed</p> on</speak>", "open never closed on"),
    ("</p></speak>only ends</audio>", "only ends"),
    ("<speak>one</speak><speak>two</speak>", "one two"),
    ("<speak><x:y z='1'>kept</x:y> <mstts:express-as style='sad'>too</mstts:express-as></speak>", "kept too"),
    ('<audio src="http://example.com/a.wav">instead<desc>never</desc></audio>', "instead"),
    ("<metadata>never <x>never</x></metadata>said <!-- never --> <![CDATA[<b> & c]]>", "said <b> & c"),
    ("&lt;break&gt; &#65;&#x42; &eacute;t&eacute; &nope; &#0;", "<break> AB été and nope;"),
    ("<SPEAK>Big <BREAK TIME='0'/>letters</SPEAK>", "Big letters"),
    ("cut <break time=500ms/> off <prosody rate=slow>slow</prosody> <break tim", "cut off slow"),
    ("I <3 you, a<b and c>d", "I less than 3 you, a<b and c>d"),
    ("<speak># not a heading\n- *no* list\n> no quote</speak>", "# not a heading - *no* list > no quote"),
)


@pytest.mark.parametrize(("ssml", "said"), PASSED_OVER, ids=[said[:20] for _, said in PASSED_OVER])
def test_what_is_wrong_is_passed_over(ssml: str, said: str) -> None:
    assert words(ssml).replace(" is ", " ") == said


@pytest.mark.slow
def test_nothing_is_fetched_or_blown_up() -> None:
    entities = '<!ENTITY a "ha"><!ENTITY b "&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">'
    assert read_ssml(f"<!DOCTYPE x [{entities}]><speak>&b;&c; ok").text.strip() == "&b;&c; ok"
    deep = "<p>" * 100_000 + "deep" + "</emphasis>" * 100_000
    assert read_ssml(deep).text == "deep\n\n"
    with pytest.raises(TextError, match="too_long"):
        read_ssml("x" * (MAX_SSML_CHARS + 1))
    assert read_ssml("").text == read_ssml("<speak><break/></speak>").text == ""


def test_a_long_text_is_cut_in_order() -> None:
    one = (
        'Word <emphasis>w</emphasis> <say-as interpret-as="characters">ab</say-as> <mark name="m"/>and '
        '<lang xml:lang="fr">oui</lang>. '
    )
    segments = spoken("<speak>" + 300 * one + "</speak>", "en")
    assert len(segments) >= 600
    assert all(before.end <= after.start for before, after in pairwise(segments))
    assert sum(len(segment.delivery.bookmarks) for segment in segments) == 300
    assert sum("A, B" in segment.text for segment in segments) == 300


def test_notes_of_the_rest_of_a_text() -> None:
    ssml = 'One <break/> <emphasis>two</emphasis> <mark name="m"/> <lang xml:lang="fr">oui</lang> '
    marked = read_ssml(ssml + '<sub alias="x">y</sub>')
    at = marked.text.index("oui")
    rest = marked.notes.after(at)
    assert [(s.start, s.end, s.manner) for s in rest.stretches] == [(0, 3, Manner("fr"))]
    assert (rest.pauses, rest.emphases, rest.bookmarks) == ((), (), (Bookmark(0, "m"),))
    assert marked.text[at:][rest.sayings[0].start] == "y"
    assert marked.notes.after(0) == marked.notes
    assert Pause(4, 400) in marked.notes.pauses


TAGS = st.sampled_from(
    (
        *('<break time="1s"/>', "<p>", "</p>", "<s>", "</s>", '<say-as interpret-as="characters">', "</say-as>", "<"),
        *('<sub alias="al. ias">', "</sub>", '<phoneme ph="nuː">', "</phoneme>", '<lang xml:lang="ru">', "</lang>"),
        *('<prosody rate="fast">', "</prosody>", '<mark name="m"/>', "<emphasis>", "</emphasis>", "&amp;", "&", ">"),
        *(
            "<!--",
            "-->",
            "<![CDATA[",
            "]]>",
            "<?",
            "<!DOCTYPE",
            '"',
            "\n\n",
            "\0",
            "\ud800",
            "<break time='",
            "<speak>",
        ),
    )
)


@pytest.mark.slow
@settings(deadline=None, max_examples=300, derandomize=True)
@given(st.lists(TAGS | st.text("ab1. #é好\u200b", max_size=6), max_size=30).map("".join))
@example('<say-as interpret-as="characters">#<sub alias="x">')
def test_nothing_that_is_sent_is_refused(ssml: str) -> None:
    marked = read_ssml(ssml)
    try:
        segments = list(iter_segments(marked.text, normalise=True, notes=marked.notes))
    except TextError:  # it may hold nothing to speak
        segments = []
    n = len(marked.text)
    assert all(0 <= s.start < s.end <= n and s.text for s in segments)
    assert all(before.end <= after.start for before, after in pairwise(segments))
    named = [bookmark for segment in segments for bookmark in segment.delivery.bookmarks]
    assert named == list(marked.notes.bookmarks) or not segments


def test_a_text_without_notes_is_as_before() -> None:
    assert [s.text for s in iter_segments("# Title\n\nText *here*.", "en", notes=None)] == ["Title", "Text here."]
    assert [s.text for s in iter_segments("a  b", "en", notes=TextNotes())] == ["a b"]
