"""Japanese comes to espeak-ng in kana: it says of kanji that they are Chinese letters."""

from array import array

import pytest

from engine.builtin.kana import in_kana
from engine.builtin.voice import BuiltInVoice
from engine.types import CancelToken, PcmChunk, SegmentStarted, SourceMap, SpeechOptions, SpeechRequest


def kana(text: str) -> tuple[str, SourceMap]:
    return in_kana(text, SourceMap(array("I", range(len(text))), array("I", range(1, len(text) + 1))))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("朝早く、港は静かだった。", "あさはやく、 みなとわ しずかだった。"),
        ("彼は昨日、東京へ行った。", "かれわ きのう、 とうきょうえ いった。"),
        ("母は花を見る。", "ははわ はなを みる。"),
        ("今日は天気がいい。", "きょうわ てんきがいい。"),
        ("5月3日に2人で会った。", "5がつみっかにふたりで あった。"),
        ("2024年5月12日です。", "2024ねん5がつ12にちです。"),
        ("人々の声がした。", "ひとびとの こえがした。"),
        ("名前はまだ無い。", "なまえわまだ ない。"),
        ("きょうは いい てんき です。", "きょうは いい てんき です。"),
        ("はい、ほんとう？", "はい、ほんとう？"),
        ("Wordで書く。", "Wordで かく。"),
        ("", ""),
    ],
)
def test_kanji_become_kana(written: str, said: str) -> None:
    found, source = kana(written)
    assert found == said
    assert len(found) == len(source.starts) == len(source.ends)
    assert list(source.starts) == sorted(source.starts)


def test_each_reading_stands_for_its_word() -> None:
    written = "朝早く、港は静かだった。"
    said, source = kana(written)
    start, end = source.span(said.index("みなと"), said.index("みなと") + 3)
    assert written[start:end].startswith("港")


def test_the_voice_says_kanji_as_it_says_their_kana() -> None:
    def spoken(text: str) -> tuple[int, list[str]]:
        request = SpeechRequest(text, options=SpeechOptions(language="ja"))
        events = list(BuiltInVoice().speak(request, CancelToken()))
        words = [text[word.start : word.end] for event in events if isinstance(event, PcmChunk) for word in event.words]
        assert isinstance(events[0], SegmentStarted)
        return sum(len(event.samples) for event in events if isinstance(event, PcmChunk)), words

    n_kanji, words = spoken("彼は昨日、東京へ行った。")
    n_kana, _ = spoken("かれわ きのう、 とうきょうえ いった。")
    assert n_kanji == n_kana
    assert words == ["彼は", "昨日", "東京へ", "行った"]
