"""Russian abbreviations and ordinals in their cases, and the words that tell these."""

from __future__ import annotations

import re

from engine.text.languages.counting import roman_value
from engine.text.languages.forms import RUSSIAN
from engine.text.languages.record import Rewriting, table
from engine.text.languages.slavic import (
    ROMAN,
    Grammar,
    before_names,
    before_numbers,
    capitalised_as,
    named_after,
    shared_stop,
)
from engine.text.languages.slavic_numbers import (
    centuries,
    century_before_another,
    century_lists,
    in_short_month,
    ordinal_before,
    roman_after,
    scales,
    with_cents,
    without_stop,
    years,
)

_PREPOSITIONS = {
    **dict.fromkeys(("в", "во", "на"), "la"),
    **dict.fromkeys(("с", "со"), "gi"),
    **dict.fromkeys(("за", "под"), "ia"),
    **dict.fromkeys(("о", "об", "обо", "при"), "l"),
    **dict.fromkeys(("к", "ко", "благодаря", "согласно", "вопреки", "навстречу"), "d"),
    "по": "da",
    **dict.fromkeys(("через", "сквозь", "про", "см", "смотри", "смотрите", "ср", "сравни", "см также"), "a"),
    **dict.fromkeys(("над", "перед", "между"), "i"),
    **dict.fromkeys(("в соответствии с", "соответствии с", "соответствии со", "вместе с", "наряду с", "связи с"), "i"),
    **dict.fromkeys(
        (
            *("из", "изо", "от", "ото", "до", "у", "без", "для", "около", "ок", "возле", "против", "вокруг", "после"),
            *("кроме", "ради", "среди", "вместо", "напротив", "вдоль", "мимо", "близ", "вблизи", "относительно"),
            *("из-за", "из-под", "более", "менее", "свыше", "больше", "меньше", "начала", "начало", "конца", "конец"),
        ),
        "g",
    ),
}
_GRAMMAR = Grammar(
    prepositions=_PREPOSITIONS,
    times={"в": "l", "во": "l", "на": "a", "за": "a", "с": "g", "со": "g", "по": "a", "под": "a"},
    places=frozenset(("в", "во", "на")),
    conjunctions="и|или|либо",
    motion=r"\b(?:\w{0,4}(?:шёл|шел|шла|шли|ехал\w?|ходил\w?|езжа\w+)|\w{0,4}(?:йд|ед)[её]\w{1,3}|\w*верну\w+|\w*отправ\w+|"
    r"\w*направ\w+|прибы\w+|попа\w+|выш\w+)\b",
    imperatives="[йиь]те",
    attributed="ни[ея]|ни[ию]|нием|ниям|ний|ость|ости|кст|кста|ции|ция|цию",
    chains_in_genitive=True,
)

_PEOPLE = (
    ("ого|его", "ga"),
    ("ому|ему", "d"),
    ("ым|им", "i"),
    ("ом|ем|ём", "il"),
    ("ой|ей", "ngdil"),
    ("ую|юю", "a"),
    ("(?<!л)ая|яя|ий|ый", "n"),
    ("[ую]", "da"),
    ("е", "dl"),
    ("[ыи]", "g"),
    ("[ая]", "nga"),
    ("[бвгджзйклмнпрстфхцчшщ]", "n"),
)
_PLACES = _PEOPLE[:-1]
_SAINTS = (("[ую]", "d"), ("фома|лука|никита|илья", "n"), ("[ая]", "ga"), *_PEOPLE)
_STREETS = (("ая|яя", "n"), ("ую|юю", "a"), ("ой|ей", "gdil"), ("[ыи]й", "na"), ("ым|им", "i"))

_TITLES = table(
    """
    проф. профессор профессора профессору профессора профессором профессоре
    акад. академик академика академику академика академиком академике
    доц. доцент доцента доценту доцента доцентом доценте
    тов. товарищ товарища товарищу товарища товарищем товарище
    гр. гражданин гражданина гражданину гражданина гражданином гражданине
    ген. генерал генерала генералу генерала генералом генерале
    """
)
_SAINT = {"св.": "святой святого святому святого святым святом"}
_SAINT_WOMAN = {"св.": "святая святой святой святую святой святой"}
_WOMEN = (
    "(?:анн|ольг|варвар|екатерин|ирин|нин|татьян|людмил|елен|надежд|вер|любов|софи|мари|марин|тамар|терез|клар|лу[кч]и|"
    "юли|магдалин|агаф|матрон|ксени|параскев|цецили|бригит|урсул|троиц)(?:а|я|ы|и|е|у|ю|ой|ей|ь)"
)
_WOMAN = (("[ая]", "n"), ("[ыи]", "g"), ("е", "dl"), ("[ую]", "a"), ("[оеё]й", "i"))

_CITIES = table(
    """
    г. город города городу город городом городе
    гор. город города городу город городом городе
    р. река реки реке реку рекой реке
    оз. озеро озера озеру озеро озером озере
    о-в остров острова острову остров островом острове
    пос. посёлок посёлка посёлку посёлок посёлком посёлке
    дер. деревня деревни деревне деревню деревней деревне
    """
)
_ROADS = table(
    """
    ул. улица улицы улице улицу улицей улице
    пер. переулок переулка переулку переулок переулком переулке
    пл. площадь площади площади площадь площадью площади
    пр. проспект проспекта проспекту проспект проспектом проспекте
    пр-т проспект проспекта проспекту проспект проспектом проспекте
    просп. проспект проспекта проспекту проспект проспектом проспекте
    наб. набережная набережной набережной набережную набережной набережной
    бул. бульвар бульвара бульвару бульвар бульваром бульваре
    б-р бульвар бульвара бульвару бульвар бульваром бульваре
    ш. шоссе
    """
)
_NUMBERED = table(
    """
    стр. страница страницы странице страницу страницей странице
    с. страница страницы странице страницу страницей странице
    гл. глава главы главе главу главой главе
    рис. рисунок рисунка рисунку рисунок рисунком рисунке
    табл. таблица таблицы таблице таблицу таблицей таблице
    ст. статья статьи статье статью статьёй статье
    п. пункт пункта пункту пункт пунктом пункте
    пп. пункты пунктов пунктам пункты пунктами пунктах
    ч. часть части части часть частью части
    разд. раздел раздела разделу раздел разделом разделе
    т. том тома тому том томом томе
    кн. книга книги книге книгу книгой книге
    вып. выпуск выпуска выпуску выпуск выпуском выпуске
    прил. приложение приложения приложению приложение приложением приложении
    ил. иллюстрация иллюстрации иллюстрации иллюстрацию иллюстрацией иллюстрации
    д. дом дома дому дом домом доме
    корп. корпус корпуса корпусу корпус корпусом корпусе
    кв. квартира квартиры квартире квартиру квартирой квартире
    оф. офис офиса офису офис офисом офисе
    каб. кабинет кабинета кабинету кабинет кабинетом кабинете
    ауд. аудитория аудитории аудитории аудиторию аудиторией аудитории
    эт. этаж этажа этажу этаж этажом этаже
    """
)
_NUMBERED_RANGES = table(
    """
    стр. страницы страниц страницам страницы страницами страницах
    с. страницы страниц страницам страницы страницами страницах
    гл. главы глав главам главы главами главах
    рис. рисунки рисунков рисункам рисунки рисунками рисунках
    табл. таблицы таблиц таблицам таблицы таблицами таблицах
    ст. статьи статей статьям статьи статьями статьях
    п. пункты пунктов пунктам пункты пунктами пунктах
    т. тома томов томам тома томами томах
    """
)
_ADDRESS = frozenset(("д.", "корп.", "кв.", "оф.", "эт.", "каб."))
_YEARS = table(
    """
    г. год года году год годом году
    гг. годы годов годам годы годами годах
    """
)
_CENTURIES = table(
    """
    в. век века веку век веком веке
    вв. века веков векам века веками веках
    """
)
_SCALES = table(
    """
    тыс тысяча тысячи тысяч
    млн миллион миллиона миллионов
    млрд миллиард миллиарда миллиардов
    трлн триллион триллиона триллионов
    """
)
_UNITS = {
    **dict.fromkeys(("ст. л", "ч. л", "гр", "руб", "долл", "коп", "мин", "сек", "ч", "см", "мм"), ""),
    **{"шт": "штук", "чел": "человек", "экз": "экземпляров", "км": "километров", "м": "метров", "кг": "килограммов"},
    **{"л": "литров", "га": "гектаров", "т": "тонн", "кв. м": "квадратных метров", "кв. км": "квадратных километров"},
}
_CLOCK = r"(?:[01]?\d|2[0-4]):[0-5]\d"
_NOUNS = """
f мировая мировой мировой мировую мировой мировой
f половина половины половине половину половиной половине
f четверть четверти четверти четверть четвертью четверти
n тысячелетие тысячелетия тысячелетию тысячелетие тысячелетием тысячелетии
n полугодие полугодия полугодию полугодие полугодием полугодии
m квартал квартала кварталу квартал кварталом квартале
m съезд съезда съезду съезд съездом съезде
m этап этапа этапу этап этапом этапе
m тур тура туру тур туром туре
m рейх рейха рейху рейх рейхом рейхе
m Интернационал Интернационала Интернационалу Интернационал Интернационалом Интернационале
f группа группы группе группу группой группе
f степень степени степени степень степенью степени
m конгресс конгресса конгрессу конгресс конгрессом конгрессе
"""
SHORT_MONTHS = (
    "янв.",
    "февр.|фев.",
    "мар.",
    "апр.",
    "мая",
    "июн.",
    "июл.",
    "авг.",
    "сент.|сен.",
    "окт.",
    "нояб.|ноя.",
    "дек.",
)
_MEN = (
    "Александр Людовик Генрих Карл Фридрих Вильгельм Эдуард Ричард Георг Наполеон Франциск Филипп Фердинанд Леопольд "
    "Иван Иоанн Константин Оттон Альфонс Густав Август Яков Максимилиан Бенедикт Климент Урбан Роберт Рудольф Рамзес "
    "Михаил Стефан Вацлав Эрик Харальд Франц Владислав Болеслав Казимир Альберт Эммануил Христиан"
)
_SOFT_MEN = "Николай Алексей Андрей"


def _rulers() -> list[str]:
    women = (("Екатерин", "а ы е у ой е"), ("Елизавет", "а ы е у ой е"), ("Изабелл", "а ы е у ой е"))
    return [
        *(f"m {name} {name}а {name}у {name}а {name}ом {name}е" for name in _MEN.split()),
        *(f"m {name} {stem}я {stem}ю {stem}я {stem}ем {stem}е" for name in _SOFT_MEN.split() for stem in [name[:-1]]),
        *(f"f {' '.join(stem + ending for ending in endings.split())}" for stem, endings in women),
        "m Пётр Петра Петру Петра Петром Петре",
        "m Павел Павла Павлу Павла Павлом Павле",
        "m Лев Льва Льву Льва Львом Льве",
        "m Василий Василия Василию Василия Василием Василии",
        "m Григорий Григория Григорию Григория Григорием Григории",
        "m Пий Пия Пию Пия Пием Пии",
        "f Мария Марии Марии Марию Марией Марии",
        "f Анна Анны Анне Анну Анной Анне",
    ]


def ordinal(number: int, gender: str, case: str, *, plural: bool = False) -> str:
    """Return `number` as an ordinal in words; an accusative is that of a thing."""
    from num2words import num2words  # 20 ms, when a text first has an ordinal

    case = {"l": "p", "a": "a"}.get(case, case)
    if case == "a" and (plural or gender == "m"):
        case = "n"
    return num2words(number, lang="ru", to="ordinal", case=case, gender=gender, plural=plural)


_ENDINGS = {
    **dict.fromkeys(("я", "ая"), ("f", "n")),
    **dict.fromkeys(("ю", "ую"), ("f", "a")),
    **dict.fromkeys(("го", "ого"), ("m", "g")),
    **dict.fromkeys(("му", "ому"), ("m", "d")),
    **dict.fromkeys(("х", "ых", "их"), ("plural", "g")),
    "ми": ("plural", "i"),
}
_SEVERAL = {2: "двух", 3: "трёх", 4: "четырёх"}
_PLURAL_WORDS = re.compile(r"год[ыа]|.+[ыи]\Z")


def _written_ordinal(match: re.Match[str]) -> str | None:
    """Say "5-й роман", "в 90-х": by the letters that are written, and by the next word where they leave a choice."""
    number, ending, following = (
        roman_value(match["n"]) if match["n"].isalpha() else int(match["n"]),
        match["end"],
        (match["next"] or "").lower(),
    )
    gender, case = _ENDINGS.get(ending, ("", ""))
    if ending == "х" and number in _SEVERAL:
        return _SEVERAL[number]
    if ending in ("й", "ый", "ой", "ий"):
        if following and following[-1] in "ьаоуэюя":
            return None
        gender, case = ("f", "g") if following and following[-1] in "ыие" else ("m", "n")
    elif ending in ("е", "ое", "ые", "ье"):
        many = ending == "ые" or (number % 10 == 0 and number >= 20) or _PLURAL_WORDS.match(following)
        neuter = ending != "ые" and following.endswith(("о", "е"))
        gender, case = ("plural" if many and not neuter else "n"), "n"
    elif ending in ("м", "ом"):
        asked = _GRAMMAR.cases_after(match.string[: match.start("written")])
        gender, case = "m", asked[:1] if asked in ("i", "l", "la") else ""
    if not case:
        return None
    return ordinal(number, "m" if gender == "plural" else gender, case, plural=gender == "plural")


def _before_adjective(match: re.Match[str]) -> str:
    """Say "II Всемирный конгресс" in the form of the adjective."""
    end = match["end"]
    gender, case = (
        _ENDINGS.get(end)
        or {
            **dict.fromkeys(("ый", "ий"), ("m", "n")),
            **dict.fromkeys(("ое", "ее"), ("n", "n")),
            **dict.fromkeys(("ые", "ие"), ("plural", "n")),
            **dict.fromkeys(("ой", "ей"), ("f", "g")),
            **dict.fromkeys(("ом", "ем"), ("m", "l")),
            **dict.fromkeys(("ым", "им"), ("m", "i")),
        }[end]
    )
    return ordinal(
        roman_value(match["written"]), "m" if gender == "plural" else gender, case, plural=gender == "plural"
    )


def _so_called(match: re.Match[str]) -> str | None:
    """Say "т. н. холодная": with the ending of the adjective behind."""
    endings = "ый|ая|ое|ые|ого|ую|ых|ым|ыми|ий|яя|ее|ие|его|юю|их|им|ими"
    ending = re.search(rf"(?:{endings})\Z", match["adjective"])
    if not ending:
        return None
    hard = {"и": "ы", "я": "а", "ю": "у", "е": "о"}
    said = hard.get(ending[0][0], ending[0][0]) + ending[0][1:]
    return capitalised_as(match["written"], f"так называем{said} ")


def _opening_hours(match: re.Match[str]) -> str:
    """Say "9:00–17:00" as "с 9:00 до 17:00"."""
    return f"{'' if match['before'] else 'с '}{match['written'].rstrip(' –—-')} до "


def _distance(match: re.Match[str]) -> str:
    """Say "в 40 км от города" in the prepositional."""
    is_one = re.search(r"(?<!1)1\Z", match["n"])
    return {"км": "километр", "м": "метр"}[match["unit"]] + ("е" if is_one else "ах")


def _years_of_decade(match: re.Match[str]) -> str:
    """Say "в 20-х гг.", "90-е гг."."""
    if match["end"].endswith("е"):
        return "годы" + shared_stop(match)
    asked = _GRAMMAR.cases_after(match.string[: match.start()].rstrip("0123456789"))
    return ("годах" if asked.startswith("l") else "годов") + shared_stop(match)


def _region(match: re.Match[str]) -> str:
    """Say "Московская обл.", "в Московской обл.": by the adjective."""
    return ("область" if match["end"] in ("ая", "ую") else "области") + shared_stop(match)


PHRASES = (
    years(_GRAMMAR, _YEARS, era=r"\s?гг?\.\s?(?:до\s)?н\.\s?э"),
    centuries(_GRAMMAR, _CENTURIES, ordinal),
    Rewriting(
        rf"(?<!\w)[Сс]о?\s(?P<written>{ROMAN})(?=\sпо\s{ROMAN}\sв(?:в|ек|ека)?(?!\w))",
        lambda match: ordinal(roman_value(match["written"]), "m", "g"),
    ),
    in_short_month(
        "в",
        SHORT_MONTHS,
        "январе феврале марте апреле мае июне июле августе сентябре октябре ноябре декабре",
    ),
    century_before_another(_GRAMMAR, "кон(?:ец|ц[аеу])|начал[аоеу]|середин[аеуы]", "век|в\\.", ordinal),
    century_lists(_GRAMMAR, {"веков": "g", "веках": "l", "векам": "d", "веками": "i", "века": "n"}, ordinal),
    with_cents(RUSSIAN, {"руб": "рубль рубля рублей"}, {"коп": "копейка копейки копеек"}),
    scales(_GRAMMAR, _SCALES, RUSSIAN),
    Rewriting(
        r"(?<!\w)[Вв]о?\s(?P<n>\d{1,5})\s?(?P<written>(?P<unit>к?м)\.?)(?=\s(?:от|к|южн|северн|западн|восточн|выше|ниже))",
        _distance,
    ),
    without_stop(_UNITS, _SCALES.values()),
    Rewriting(r"(?<=\d\.\d\d\.\d\d\d\d)(?P<written>\s?г\.)", shared_stop),  # the date has the word
    Rewriting(rf"(?<!\w)(?P<before>с\s)?(?P<written>{_CLOCK}\s?[–—-]\s?(?={_CLOCK}(?!\w)))", _opening_hours),
    Rewriting(r"(?<!\w)[Нн]а\s(?P<written>о\.\s?)(?=[А-ЯЁ])", lambda _match: "острове "),
    before_numbers(_GRAMMAR, _NUMBERED, _NUMBERED_RANGES, in_addresses=_ADDRESS),
    before_names(_GRAMMAR, _TITLES, _PEOPLE, of_people=True),
    before_names(_GRAMMAR, _SAINT_WOMAN, _WOMAN, of_people=True, only=_WOMEN),
    before_names(_GRAMMAR, _SAINT, _SAINTS, of_people=True),
    before_names(_GRAMMAR, _CITIES, _PLACES),
    named_after("им.", "имени", "(?<!л)[аи]|я|ы|[ое]го|[оеё]й|[ыи]х"),
    before_names(_GRAMMAR, _ROADS, _STREETS),
    ordinal_before(_NOUNS, ordinal),
    roman_after(_rulers(), ordinal),
    Rewriting(
        rf"(?:\A|(?<!\w)(?:[Вв]о?|[Нн]а|[Сс]о?|[Оо]|[Кк]о?|[Дд]о|[Пп]осле|[Дд]ля|[Вв]о время)\s)(?P<written>{ROMAN})"
        r"(?=\s[А-ЯЁ][а-яё]+(?:н|ск|льн|йск|ов)(?P<end>ый|ий|ая|ое|ее|ые|ие|ого|ому|ом|ым|ой|ей|ую|ых|их)(?!\w))",
        _before_adjective,
    ),
    Rewriting(
        r"(?<![\w.,:/-])\d{1,3}(?P<written>\s?%-)(?=н(?:ый|ая|ое|ые|ого|ой|ому|ом|ым|ую|ых|ыми)(?!\w))",
        lambda _match: "-процент",
    ),
    Rewriting(r"(?<!\w)(?P<written>[Тт]\.\s?н\.\s?)(?=[«\"]?(?P<adjective>[^\W\d_]+))", _so_called),
    Rewriting(r"(?<!\w)(?P<adjective>[А-ЯЁ][а-яё]+(?P<end>ая|ую|ой))\s(?P<written>обл\.)(?!\w)", _region),
    Rewriting(r"\d0-(?P<end>[ыи]?х|[ыоь]?е)\s(?P<written>гг?\.)", _years_of_decade),
    Rewriting(
        r"(?<![\w.,:/-])(?P<written>(?P<n>\d{1,4}|(?=[XVI])X{0,3}(?:IX|IV|V?I{0,3}))-(?P<end>[ыио]?й|а?я|[оыь]?е|о?го|о?му|о?м|у?ю|[ыи]?х|ми))(?!\w|-)"
        r"(?=\s?(?P<next>[^\W\d_]+)?)",
        _written_ordinal,
    ),
)
"""What is said by what stands around it, in the order in which it is applied."""
