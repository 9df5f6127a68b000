"""What is written short is said as a reader of each of the 13 languages would say it; the rest stays to the letter."""

import random
import subprocess
import sys

import pytest

from engine.text import iter_segments
from engine.types import LANGUAGES, SpeechOptions, SpeechRequest

SAID: dict[str, tuple[tuple[str, str], ...]] = {
    "en": (
        ("Dr. Smith paid $3.50 and €1 million.", "Doctor Smith paid 3 dollars and 50 cents and 1 million euros."),
        ("It cost £0.99 or $1,200.", "It cost 99 pence or 1,200 dollars."),
        ("Walk 1 km or 2.5 km at 5 km/h.", "Walk 1 kilometre or 2.5 kilometres at 5 kilometres per hour."),
        ("It was -5 °C on 2024-05-12.", "It was minus 5 degrees Celsius on May 12th, 2024."),
        ("At 14:05, 9:30 and 12:00.", "At 14 oh 5, 9 30 and 12 o’clock."),
        ("Henry VIII and World War II.", "Henry the Eighth and World War 2."),
        ("See Chapter IV, p. 5, e.g. No. 7.", "See Chapter 4, page 5, for example number 7."),
        ("In the 1990s, 50% of pp. 3–5.", "In the 19 nineties, 50 percent of pages 3 to 5."),
        ("Write to a.b@example.com.", "Write to a dot b at example dot com."),
        ("R&D, 2+2=4, §5, etc.", "R and D, 2 plus 2 equals 4, section 5, et cetera."),
        ("On May 3, 2024, St. John came.", "On May 3rd, 2024, Saint John came."),
    ),
    "zh": (
        ("他付了$5。", "他付了5美元。"),
        ("50%的人走了5km。", "百分之50的人走了5公里。"),
        ("会议在2024-05-12的14:30开始。", "会议在2024年5月12日的14点30分开始。"),
        ("请看example.com网站。", "请看example 点 com网站。"),
    ),
    "ja": (
        ("彼は$5を払った。", "彼は5ドルを払った。"),
        ("50%の人が5km歩いた。", "50パーセントの人が5キロメートル歩いた。"),
        ("会議は2024-05-12の14:30に始まる。", "会議は2024年5月12日の14時30分に始まる。"),
    ),
    "de": (
        ("Dr. Müller zahlte 3,50 € und 1 Mio. Euro.", "Doktor Müller zahlte 3 Euro 50 und 1 Million Euro."),
        ("Im 19. Jahrhundert, am 12. Mai.", "Im neunzehnten Jahrhundert, am zwölften Mai."),
        ("Der 5. Mann kam in der 3. Woche.", "Der fünfte Mann kam in der dritten Woche."),
        (
            "Wilhelm II. regierte mit Friedrich II. lange.",
            "Wilhelm der Zweite regierte mit Friedrich dem Zweiten lange.",
        ),
        ("Die Zeit Heinrichs VIII. endete.", "Die Zeit Heinrichs des Achten endete."),
        ("Um 14:30 Uhr, z. B. am 12.05.2024.", "Um 14 Uhr 30, zum Beispiel am zwölften Mai 2024."),
        ("Er lief 5 km, d. h. 20 % usw.", "Er lief 5 Kilometer, das heißt 20 Prozent und so weiter."),
        ("Bei −3 °C, S. 5, Nr. 7.", "Bei minus 3 Grad Celsius, Seite 5, Nummer 7."),
    ),
    "fr": (
        ("M. Dupont a payé 3,50 €.", "Monsieur Dupont a payé 3 euros 50."),
        ("Au XIXe siècle, le 1er mai à 14h30.", "Au dix-neuvième siècle, le premier mai à 14 heures 30."),
        ("Louis XIV et François Ier.", "Louis 14 et François premier."),
        ("C'est à 1'234,5 km et 0,5 km d’ici.", "C'est à 1'234,5 kilomètres et 0,5 kilomètre d’ici."),
        ("1,5 km, 12 345 km et 20 %.", "1,5 kilomètre, 12345 kilomètres et 20 pour cent."),
        ("La 2e fois, chap. 3, etc.", "La deuxième fois, chapitre 3, et cetera."),
        ("Le 12/05/2024 ou 2024-05-12.", "Le 12 mai 2024 ou 12 mai 2024."),
    ),
    "es": (
        ("El Sr. García pagó 3,50 €.", "El Señor García pagó 3 euros con 50."),
        ("En el siglo XIX, Felipe II y Alfonso XIII.", "En el siglo 19, Felipe segundo y Alfonso 13."),
        ("El 12/05/2024 a las 14:30.", "El 12 de mayo de 2024 a las 14 30."),
        (
            "El 1.º, p. ej. 5 % de 3 kg en EE. UU.",
            "El primero, por ejemplo 5 por ciento de 3 kilogramos en Estados Unidos.",
        ),
    ),
    "ko": (
        ("그는 $5를 냈다.", "그는 5달러를 냈다."),
        ("50%가 5km를 걸었다.", "50퍼센트가 5킬로미터를 걸었다."),
        ("회의는 2024-05-12 14:30에 시작한다.", "회의는 2024년 5월 12일 14시 30분에 시작한다."),
    ),
    "ar": (
        ("دفع د. أحمد 5 $ أمس.", "دفع الدكتور أحمد 5 دولار أمس."),
        ("نجح 50% منهم في 12/05/2024.", "نجح 50 بالمئة منهم في 12 مايو 2024."),
        ("مشى 5 كم إلى المدرسة.", "مشى 5 كيلومتر إلى المدرسة."),
    ),
    "ru": (
        ("Он заплатил 1 руб., 2 ₽ и 5 руб.", "Он заплатил 1 рубль, 2 рубля и 5 рублей."),
        (
            "Он прошёл 21 км, 22 км, 11 км и 1,5 км.",
            "Он прошёл 21 километр, 22 километра, 11 километров и 1,5 километра.",
        ),
        ("В XIX веке, конец XX века.", "В девятнадцатом веке, конец двадцатого века."),
        ("Глава IV, 12.05.2024, в 14:00.", "Глава 4, 12 мая 2024 года, в 14 часов."),
        ("Это 5 %, т. е. мало, и т. д.", "Это 5 процентов, то есть мало, и так далее."),
    ),
    "nl": (
        ("Dhr. Jansen betaalde € 3,50.", "De heer Jansen betaalde 3 euro 50."),
        ("In de 19e eeuw om 14:30 uur.", "In de negentiende eeuw om 14 uur 30."),
        (
            "Willem III liep bijv. 5 km, d.w.z. 20%.",
            "Willem de derde liep bijvoorbeeld 5 kilometer, dat wil zeggen 20 procent.",
        ),
        ("Op 12-05-2024, enz.", "Op 12 mei 2024, enzovoort."),
    ),
    "it": (
        ("Il dott. Rossi pagò 3,50 €.", "Il dottor Rossi pagò 3 euro e 50."),
        ("Nel XIX secolo, Vittorio Emanuele II.", "Nel diciannovesimo secolo, Vittorio Emanuele secondo."),
        ("Il 1º maggio alle 14:30, 5% ecc.", "Il primo maggio alle 14 e 30, 5 per cento eccetera."),
        ("Il 12/05/2024, cap. IV, 3 kg.", "Il 12 maggio 2024, capitolo 4, 3 chilogrammi."),
    ),
    "pl": (
        ("Kupił za 1 zł, 2 zł, 5 zł i 2,50 zł.", "Kupił za 1 złoty, 2 złote, 5 złotych i 2 złote i 50 groszy."),
        ("Przeszedł 22 km, 12 km i 1,5 km.", "Przeszedł 22 kilometry, 12 kilometrów i 1,5 kilometra."),
        ("W XIX wieku, do XX wieku.", "W dziewiętnastym wieku, do dwudziestego wieku."),
        ("Dr Nowak, np. 12.05.2024 itd.", "Doktor Nowak, na przykład 12 maja 2024 i tak dalej."),
    ),
    "pt": (
        ("O Sr. Silva pagou R$ 3,50.", "O Senhor Silva pagou 3 reais e 50 centavos."),
        ("No século XIX, D. Pedro II.", "No século 19, Dom Pedro segundo."),
        ("A 2ª vez, às 14h30, em 12/05/2024.", "A segunda vez, às 14 e 30, em 12 de maio de 2024."),
        ("Foram 3 km, i.e. 5 % etc.", "Foram 3 quilômetros, isto é 5 por cento et cetera."),
    ),
}
CASES = [(language, written, said) for language, pairs in SAID.items() for written, said in pairs]


def say(text: str, language: str) -> str:
    return " ".join(segment.text for segment in iter_segments(text, language, normalise=True))


def test_no_language_is_forgotten() -> None:
    assert set(SAID) == set(LANGUAGES)
    assert all(len(pairs) >= 3 for pairs in SAID.values())


@pytest.mark.parametrize(("language", "written", "said"), CASES, ids=[f"{case[0]}-{i}" for i, case in enumerate(CASES)])
def test_what_is_heard_is_what_a_reader_would_say(language: str, written: str, said: str) -> None:
    assert say(written, language) == said


UNTOUCHED = (
    ("en", "The part I like, an IV drip, size XL, Malcolm X and Windows XP."),
    ("en", "It was the end. It went on. J.Smith said so."),
    ("en", "F-16, B-52, 3D, 5G, MP3, A4, 2x4, v1.2.3, 192.168.1.1 and 978-3-16-148410-0."),
    ("en", "Call 555-1234 or +49 30 1234; J. D. Salinger; ratio 4:3; 1984 and 12,345."),
    ("de", "Es waren 19. Danach kam er. 1. Einleitung. An 3 Tagen, J. S. Bach."),
    ("fr", "Il y a 25 ans, en 1995, à Aix; J.-C. Dupont; 3 fois."),
    ("es", "J. D. Salinger, 25 años, 1995."),
    ("ru", "В 1984 году было 25 человек, а потом 100."),
    ("pl", "Jan Sobieski miał 25 lat w 1683 roku."),
    ("zh", "他有25本书，1984年买的。"),
    ("ja", "彼は25冊の本を1984年に買った。"),
    ("ko", "그는 1984년에 책 25권을 샀다."),
    ("ar", "كان عنده 25 كتابا في 1984."),
)


@pytest.mark.parametrize(("language", "text"), UNTOUCHED)
def test_what_every_voice_reads_rightly_stays(language: str, text: str) -> None:
    assert say(text, language) == text


def test_offsets_lead_to_what_is_written() -> None:
    text = "First,  Dr. Who paid $3.50 for **5 km** in Chapter IV of Henry VIII."
    (segment,) = iter_segments(text, "en", normalise=True)
    for said, written in (
        ("Doctor", "Dr. "),
        ("3 dollars and 50 cents", "$3.50"),
        ("5 kilometres", "5 km"),
        ("Chapter", "Chapter"),
        ("4", "IV"),
        ("Henry", "Henry"),
        ("the Eighth", "VIII"),
        ("paid", "paid"),
    ):
        start = segment.text.index(said)
        assert text[slice(*segment.source.span(start, start + len(said)))] == written
    assert (segment.start, segment.end) == (0, len(text))


def test_the_map_always_fits() -> None:
    dice = random.Random(5)
    pieces = [word for pairs in SAID.values() for written, _ in pairs for word in written.split()]
    for _ in range(400):
        language = dice.choice(LANGUAGES)
        text = " ".join(dice.choices(pieces, k=14))
        for segment in iter_segments(text, language, normalise=True):
            assert len(segment.text) == len(segment.source.starts) == len(segment.source.ends)
            assert list(segment.source.starts) == sorted(segment.source.starts)
            assert list(segment.source.ends) == sorted(segment.source.ends)
            assert segment.start <= segment.source.starts[0]
            assert segment.source.ends[-1] <= segment.end


def test_it_can_be_switched_off() -> None:
    from engine.text import request_segments

    def said(options: SpeechOptions) -> str:
        return next(request_segments(SpeechRequest("It is 5 km.", options=options))).text

    assert said(SpeechOptions()) == "It is 5 kilometres."
    assert said(SpeechOptions(normalise=False)) == "It is 5 km."


def test_a_plain_sentence_needs_no_library() -> None:
    program = (
        "import sys; from engine.text import iter_segments;"
        "print(next(iter_segments('It was plain, and it cost $5.', 'en', normalise=True)).text);"
        "print([name for name in ('num2words', 'regex') if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout == "It was plain, and it cost 5 dollars.\n[]\n"


def test_numbers_without_end_cost_no_more_than_their_length() -> None:
    for text in (
        "1" * 20_000,
        "1," * 10_000,
        "1 000 " * 4000,
        "XVI" * 5000,
        "a.b" * 7000,
        "$" * 9000 + "5",
        "5 " * 9000,
    ):
        for language in ("en", "fr", "de", "zh"):
            assert say(f"a {text} b", language)
