"""Each case is what a text must be cut into; the text is the pieces joined, with spaces where the script has them."""

import pytest

from engine.text import iter_segments

CASES: dict[str, tuple[tuple[str, ...], ...]] = {
    "en": (
        ("See Eqs. 4 and Refs. 6.", "See Secs. 3 and 4, Vol. 5, Rm. 12 and Apt. 4B."),
        ("Yahoo! and Google merged.", "Oh! what a day.", "He said no.", "5 people left.", "No.", "I won't."),
        ("He left at 6 P.M.", "Mr. Smith then went home.", "Meet me at 3 p.m. Eastern time."),
        ("I live on Main St.", "Then we left for St. Louis.", "See no. 5."),
        ("this is all lower case.", "it has two sentences.", "see e.g. page 5, approx. ten lines.", "is it?", "yes."),
        ("He went to see J. Smith.", "It was mr. Smith, not Dr. Who."),
        ("Dr. Smith met Mr. Jones at 5 p.m. on Friday.", "They talked."),
        ("We live in the U.S.", "We like it."),
        ("The U.S. Government is here.", "J. R. R. Tolkien wrote it."),
        ("It weighs 3.5 kg, i.e. a lot, e.g. for a cat.", "Is that so?", "Yes."),
        ('"Go away!" she cried.', 'He said "No."', "Then he left."),
        ("(It was late.)", "Nobody came."),
        ("Wait...", "What?", "I... I don't know.", "No!?", "Yes."),
        ("Bring milk, eggs etc. and go home.", "See Fig. 3 and No. 5.", "Done."),
        ("“I know.”", "“Do you?”", "He smiled."),
        ("Rock 'n' roll isn't dead.", "'Tis here."),
    ),
    "de": (
        ("Vgl. Kap. 5, Abs. 3 und Bd. 2.", "Er sagte nein.", "5 Leute gingen."),
        ("das ist klein geschrieben.", "es hat z. B. zwei Sätze."),
        ("Ach! wie schön.", "„Halt!“ rief er laut."),
        ("Wir essen z. B. Brot und d. h. viel.", "Dr. Müller kommt am 5. Mai."),
        ("Das ist Nr. 5.", "Es war im 19. Jahrhundert."),
        ("Er ist 40.", "Das ist alt.", "Die Fa. Meyer hat's.", "Das geht nicht!"),
        ("„Ja!“, sagte er.", "„Nein.“", "Sie ging."),
        ("»Ja.«", "»Nein.«", "Prof. Dr. med. Meyer schwieg."),
        ("Äpfel, Birnen usw. sind da.", "Vgl. Abb. 3 bzw. Tab. 4."),
        ("Das ist ... Quatsch.", "Wirklich?", "Am 24.12.2020 um 7:45 Uhr."),
    ),
    "fr": (
        ("— Qui est là ? demanda-t-il.", "— Moi ! dit Marie."),
        ("Cf. chap. 5, art. 3 et fig. 2.", "Hélas ! il est parti."),
        ("c'est écrit en minuscules.", "il y a deux phrases."),
        ("M. Dupont est là.", "Mme Durand aussi."),
        ("Le livre de M. J. Durand, p. ex. celui-ci, est bon.", "Oui."),
        ("C'est fini !", "Vraiment ?", "Oui."),
        ("« Bien sûr. » dit-il.", "« Oui. »", "Il part."),
        ("J.-P. Sartre est né en 1905.", "Il est mort."),
        ("Des pommes, des poires, etc. sont là.", "Cf. p. 5."),
    ),
    "es": (
        ("Véase cap. 5, art. 3 y fig. 2.", "Quiero más.", "5 personas vinieron."),
        ("esto va en minúsculas.", "son dos frases."),
        ("¿Qué?", "¡No!", "¡Hola!", "¿Cómo estás?"),
        ("El Sr. López y la Sra. Gómez viven aquí.", "Bien."),
        ("EE. UU. es grande.", "D. Juan vino."),
        ("—¿Qué? —dijo Juan.", "—Nada."),
        ("Véase la pág. 5 y el núm. 3.", "Gracias."),
        ("Ud. es bueno, p. ej. con los niños.", "Sí."),
    ),
    "it": (
        ("Cfr. cap. 5, art. 3 e fig. 2.", "Ahimè! disse lui."),
        ("tutto è minuscolo.", "sono due frasi."),
        ("Il sig. Rossi è qui.", "La dott.ssa Bianchi no."),
        ("S. Francesco nacque ad Assisi.", "Perché?", "Così!"),
        ("La Fiat S.p.A. è grande.", "Nel 50 a.C. era piccola."),
        ("Pane, vino ecc. sono pronti.", "Vedi pag. 5 e n. 7."),
        ("«Sì.»", "Poi tacque."),
        ("Costa 3,50 euro.", "L'art. 5 lo dice."),
    ),
    "pt": (
        ("Veja cap. 5, art. 3 e fig. 2.", "Ai! disse ela."),
        ("tudo em minúsculas.", "são duas frases."),
        ("O Sr. Silva e a Sra. Ana chegaram.", "Bem."),
        ("Veja a pág. 5 e o n.º 7.", "Obrigado."),
        ("O Dr. João mora na Av. Brasil.", "A D. Maria também."),
        ("São frutas, p. ex. maçãs, etc. e tal.", "Fim."),
        ("“Não sei.”", "Ele saiu."),
        ("Custa 3,50 euros!", "Quem paga?"),
    ),
    "nl": (
        ("Zie hfst. 5, art. 3 en afb. 2.", "Ach! zei hij."),
        ("alles is klein.", "het zijn twee zinnen."),
        ("Dhr. Jansen komt o.a. morgen.", "Prof. dr. Smit niet."),
        ("Hij ging.", "'s Avonds is het koud."),
        ("Neem fruit, bijv. appels, d.w.z. gezond eten.", "Goed."),
        ("Mevr. De Boer woont op nr. 5.", "Zie blz. 3."),
        ("“Ja!” riep hij.", "Nee?"),
        ("Appels, peren enz. zijn op.", "Het is ca. 5 uur."),
    ),
    "pl": (
        ("Prof. Nowak i dr Kowalski są tu.", "Ul. Długa 5, m.in. dom."),
        ("To jest tzw. dom.", "W 1999 r. był mały."),
        ("Był tu w XX w. i w XXI w.", "Tak."),
        ("Kupił np. chleb itd.", "Potem poszedł."),
        ("„Tak.”", "Wyszedł.", "Św. Jan też."),
        ("Jest godz. 7.45.", "Cena to ok. 3,50 zł!"),
    ),
    "ru": (
        ("Мы живём, т.е. существуем.", "Да."),
        ("Хлеб, соль и т. д.", "Он ушёл."),
        ("А. С. Пушкин родился в 1799 г. в Москве.", "Он поэт."),
        ("Он сказал: «Привет!» и ушёл.", "«Нет.»", "Она осталась."),
        ("Ул. Ленина, д. 5, кв. 7.", "См. рис. 3 на стр. 5."),
        ("Это стоит 20 тыс. руб. в год.", "Что?!", "Да…", "Вот так."),
        ("— Что? — спросил он.", "— Ничего."),
    ),
    "ar": (
        ("مرحبا.", "كيف حالك؟", "أنا بخير!"),
        ("د. أحمد هنا.", "نعم؛ هو هنا."),
        ("أ.د. محمد في البيت.", "لا."),
        ("قال: «مرحبا.»", "ثم ذهب."),
        ("الثمن 3.5 دينار.", "حسنا۔", "شكرا."),
        ("هل تعرف؟!", "لا أعرف..."),
    ),
    "ko": (
        ("안녕하세요.", "오늘은 3.5도입니다!", "정말요?", "네."),
        ("그는 Dr. Kim입니다.", "반갑습니다."),
        ('"정말?"', "그가 물었다."),
        ("음... 글쎄요.", "모르겠어요."),
        ("“갑시다.”", "그가 말했다."),
        ("뭐라고요?!", "(웃음) 아니에요."),
    ),
    "zh": (
        ("他说：“你好。”", "然后走了。"),
        ("「真的吗？」", "她问。"),
        ("好…吧。", "价格是3.5元。"),
        ("真的?", "我不知道!", "走吧。"),
        ('他说:"你好。"', "然后走了。"),
        ("（完。）", "《红楼梦》很长！？", "对。"),
    ),
    "ja": (
        ("「行こう。」と彼は言った。", "彼は来た！"),
        ("本当？", "はい。", "（笑）そうです。"),
        ("「はい。」", "彼は笑った。"),
        ("Ver. 2.0です。", "3.5円です。"),
        ("『終わり。』", "えっ！？", "うそ。"),
        ("彼（山田）は来た。", "待って…ください。"),
    ),
}
UNSPACED = ("zh", "ja")


@pytest.mark.parametrize(
    ("language", "sentences"), [(language, case) for language, cases in CASES.items() for case in cases]
)
def test_text_is_cut_at_sentence_ends(language: str, sentences: tuple[str, ...]) -> None:
    text = ("" if language in UNSPACED else " ").join(sentences)
    segments = list(iter_segments(text, language))
    assert [segment.text for segment in segments] == list(sentences)
    assert [text[segment.start : segment.end] for segment in segments] == list(sentences)
    assert [segment.ends_paragraph for segment in segments] == [False] * (len(segments) - 1) + [True]
    assert {segment.language for segment in segments} == {language}


@pytest.mark.parametrize(
    ("language", "text", "sentences"),
    [
        ("en", "Second one.Third one. Fourth.", ["Second one.", "Third one.", "Fourth."]),
        ("en", "Hello.How are you?I am fine.", ["Hello.", "How are you?", "I am fine."]),
        ("en", "It ended (at last).Then he left.", ["It ended (at last).", "Then he left."]),
        ("en", "That was in 1990.Then he left.", ["That was in 1990.", "Then he left."]),
        ("es", "¡Hola!¿Cómo estás?", ["¡Hola!", "¿Cómo estás?"]),
        ("de", "Er kam.Dann ging er.", ["Er kam.", "Dann ging er."]),
        ("fr", "Il vint.Elle partit.", ["Il vint.", "Elle partit."]),
        ("ru", "Он ушёл.Она осталась.", ["Он ушёл.", "Она осталась."]),
        ("ar", "ذهب إلى البيت.ثم نام.", ["ذهب إلى البيت.", "ثم نام."]),
        ("ko", "비가 왔다.추웠다.", ["비가 왔다.", "추웠다."]),
        *(
            (code, text, [text])
            for code, text in [
                ("en", "Visit example.com, Node.js or ASP.NET with J.Smith and System.Out.println now."),
                ("en", "Ph.D. students at St.John wrote file.Name() and v1.2.Final today."),
                ("de", "Er kommt am 3.Mai um 5 Uhr z.B. mit Dr.Müller und Prof.Meier."),
                ("ru", "Живёт на ул.Ленина с проф.Ивановым и А.С.Пушкиным."),
                ("ar", "جاء أ.د.محمد أمس."),
            ]
        ),
    ],
)
def test_a_blank_may_lack_after_a_sentence(language: str, text: str, sentences: list[str]) -> None:
    assert [segment.text for segment in iter_segments(text, language, clean=False)] == sentences


def test_every_language_has_its_cases() -> None:
    assert len(CASES) == 13
    assert all(len(cases) >= 6 for cases in CASES.values())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(angry) Go away. (laughing) I was joking.", ["(angry) Go away.", "(laughing) I was joking."]),
        ("Go away. (laughing) i was joking.", ["Go away.", "(laughing) i was joking."]),
        ("I was joking. (laughing)", ["I was joking. (laughing)"]),
        ("(sad) (whispering) No. Yes.", ["(sad) (whispering) No.", "Yes."]),
        ("(angry). Go away.", ["(angry). Go away."]),
        ("(laughing)", ["(laughing)"]),
        ("Hello.\n\n(laughing)\n\nBye.", ["Hello.", "(laughing)", "Bye."]),
        ("Well (laughing) that is it. （ Sighing ）No.", ["Well (laughing) that is it.", "(sighing)No."]),
        ("你好。(angry)走开！(sighing)", ["你好。", "(angry)走开！(sighing)"]),
        ("**(In a  hurry tone)** Run!", ["(in a hurry tone) Run!"]),
    ],
)
def test_markers_stay_with_their_sentence(text: str, expected: list[str]) -> None:
    assert [segment.text for segment in iter_segments(text)] == expected


def test_paragraphs_headings_and_items_end_segments() -> None:
    text = "# Title\nOne line\nof two. More\n\n- first\n- second\n\n1. Introduction\n2. End\n\n😀"
    assert [(segment.text, segment.ends_paragraph) for segment in iter_segments(text)] == [
        ("Title", True),
        ("One line of two.", False),
        ("More", True),
        ("first", False),
        ("second", True),
        ("1. Introduction", False),
        ("2. End", True),
    ]


def test_long_sentence_is_split_at_clauses() -> None:
    clause = "the rain came down on the roof of the old house"
    text = ", ".join([clause] * 12) + "."
    pieces = [segment.text for segment in iter_segments(text)]
    assert len(pieces) == 2
    assert all(piece.endswith((",", ".")) for piece in pieces)
    assert " ".join(pieces) == text


def test_long_chinese_sentence_is_split_at_clauses() -> None:
    text = "，".join(["雨一直下到天亮才停下来"] * 15) + "。"
    pieces = [segment.text for segment in iter_segments(text)]
    assert len(pieces) == 2
    assert all(len(piece) <= 100 and piece[-1] in "，。" for piece in pieces)
    assert "".join(pieces) == text


def test_text_without_spaces_is_split_between_graphemes() -> None:
    text = "e\u0323\u0302x\u0308" * 500  # the first composes to one code point, the second to two
    segments = list(iter_segments(text))
    assert "".join(segment.text for segment in segments) == "ệẍ" * 500
    assert all(len(segment.text) <= 300 for segment in segments)
    assert [segment.start for segment in segments[1:]] == [segment.end for segment in segments[:-1]]
    assert all(text[segment.start] in "ex" for segment in segments)


def test_markers_are_never_split() -> None:
    text = "(in a hurry tone)" * 100 + "run"
    assert "".join(segment.text for segment in iter_segments(text)) == text


def test_long_paragraph_comes_in_whole_sentences() -> None:
    sentence = "The quick brown fox jumps over the lazy dog."
    segments = list(iter_segments(" ".join([sentence] * 2000)))
    assert [segment.text for segment in segments] == [sentence] * 2000
    assert [segment.ends_paragraph for segment in segments] == [False] * 1999 + [True]
