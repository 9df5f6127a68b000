"""Polish abbreviations and ordinals in their cases, and the words that tell these."""

from __future__ import annotations

import re

from engine.text.languages.counting import ordinal as dictionary_ordinal
from engine.text.languages.counting import roman_value
from engine.text.languages.forms import POLISH
from engine.text.languages.record import Rewriting, listed, table
from engine.text.languages.slavic import (
    CASES,
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
    **dict.fromkeys(("w", "we", "na"), "la"),
    **dict.fromkeys(("o", "po"), "la"),
    "przy": "l",
    **dict.fromkeys(("z", "ze"), "gi"),
    **dict.fromkeys(("za", "pod", "nad", "przed", "poza"), "ia"),
    "między": "i",
    **dict.fromkeys(("zgodnie z", "związku z", "wraz z", "razem z", "porównaniu z", "zgodny z", "zgodna z"), "i"),
    **dict.fromkeys(("ku", "dzięki", "przeciw", "wbrew"), "d"),
    **dict.fromkeys(
        ("przez", "zob", "zobacz", "por", "porównaj", "patrz", "vide", "zob też", "zob także", "por też"), "a"
    ),
    **dict.fromkeys(
        (
            *("do", "od", "ode", "dla", "bez", "u", "koło", "obok", "wokół", "spod", "znad", "podczas", "według", "wg"),
            *(
                "oprócz",
                "zamiast",
                "naprzeciw",
                "wzdłuż",
                "około",
                "ok",
                "ponad",
                "powyżej",
                "poniżej",
                "prócz",
                "spoza",
            ),
            *(
                "podstawie",
                "treści",
                "myśl",
                "rozumieniu",
                "koniec",
                "końca",
                "końcu",
                "początek",
                "początku",
                "połowie",
            ),
        ),
        "g",
    ),
}
_GRAMMAR = Grammar(
    prepositions=_PREPOSITIONS,
    times={"w": "l", "we": "l", "na": "a", "za": "a", "z": "g", "ze": "g", "przed": "i", "po": "l", "o": "l"},
    places=frozenset(("w", "we", "na")),
    conjunctions="i|oraz|lub|albo",
    motion=r"\b(?:skręc\w+|wjech\w+|wszed\w+|weszł\w+|wyszed\w+|wyszł\w+|wchodz\w+|wyjech\w+|trafi\w+|przenio\w+|wróc\w+)\b",
    imperatives="[aiy]j|[aiy]jcie|órz|órzcie",
    attributed="ni[ea]|niu|niem|ść|ści|cja|cji|cję|kst|kstu|mocą|mocy",
    chains_in_genitive=False,
)

_PEOPLE = (
    ("iego|ego", "ga"),
    ("emu", "d"),
    ("owi", "d"),
    ("[iy]m", "il"),
    ("em", "i"),
    ("u", "l"),
    ("[^aeiouyąęó]ie|ze|le|że", "l"),
    ("a", "nga"),
)
_WOMEN = (
    "ann|mari|barbar|katarzyn|teres|jadwig|king|elżbiet|małgorzat|magdalen|agat|łucj|cecyli|klar|rit|weronik|helen|"
    "faustyn|agnieszk|zofi|brygid|monik|urszul|ew|mart|dorot|joann|krystyn|ewelin|juli|karolin|natali|aleksandr|alicj|"
    "bożen|danut|beat|iren|janin|halin|hann|izabel|justyn|lucyn|ol|pauli?n|renat|sylwi|wand|zuzann"
)
_STREETS = (("ą", "ai"), ("ej", "gdl"), ("[iy]m", "il"), ("emu", "d"))

_FIRST_FORM = rf"[ąyę]|(?<!ow)i|ej|[bcćdfghjklłnńpqrsśtvwxzźż]|[^eiy]m|[sc]ka|zka|(?:{_WOMEN})(?:a|ie|ze|o)"
_TITLES = table(
    """
    prof. profesor profesora profesorowi profesora profesorem profesorze
    dr. doktor doktora doktorowi doktora doktorem doktorze
    inż. inżynier inżyniera inżynierowi inżyniera inżynierem inżynierze
    gen. generał generała generałowi generała generałem generale
    doc. docent docenta docentowi docenta docentem docencie
    red. redaktor redaktora redaktorowi redaktora redaktorem redaktorze
    dyr. dyrektor dyrektora dyrektorowi dyrektora dyrektorem dyrektorze
    por. porucznik porucznika porucznikowi porucznika porucznikiem poruczniku
    hab. habilitowany habilitowanego habilitowanemu habilitowanego habilitowanym habilitowanym
    ks. ksiądz księdza księdzu księdza księdzem księdzu
    płk. pułkownik pułkownika pułkownikowi pułkownika pułkownikiem pułkowniku
    mjr. major majora majorowi majora majorem majorze
    kpt. kapitan kapitana kapitanowi kapitana kapitanem kapitanie
    bp. biskup biskupa biskupowi biskupa biskupem biskupie
    dr doktor
    mgr magister
    """
)
_MALE = ("[bcćdfghjklłmnńpqrsśtvwxzźż]|[sc]k[i]|dzki|zki|y|o", "n")
_SAINT = {"św.": "święty świętego świętemu świętego świętym świętym"}
_SAINT_WOMAN = {"św.": "święta świętej świętej świętą świętą świętej"}
_WOMAN = (("ą", "i"), ("ę", "a"), ("[yi]", "g"), ("ie|ze|dzie|cie|le", "dl"), ("a", "n"))

_ROADS = table(
    """
    ul. ulica ulicy ulicy ulicę ulicą ulicy
    pl. plac placu placowi plac placem placu
    al. aleja alei alei aleję aleją alei
    os. osiedle osiedla osiedlu osiedle osiedlem osiedlu
    """
)
_AVENUES = {"al.": "Aleje Alej Alejom Aleje Alejami Alejach"}
_AVENUE_NAMES = (("kie|ie|e", "na"), ("imi|ymi", "i"), ("[iy]ch", "gl"), ("[iy]m", "d"))
_NUMBERED = table(
    """
    str. strona strony stronie stronę stroną stronie
    s. strona strony stronie stronę stroną stronie
    ss. strony stron stronom strony stronami stronach
    rozdz. rozdział rozdziału rozdziałowi rozdział rozdziałem rozdziale
    art. artykuł artykułu artykułowi artykuł artykułem artykule
    ust. ustęp ustępu ustępowi ustęp ustępem ustępie
    pkt punkt punktu punktowi punkt punktem punkcie
    rys. rysunek rysunku rysunkowi rysunek rysunkiem rysunku
    tab. tabela tabeli tabeli tabelę tabelą tabeli
    tabl. tablica tablicy tablicy tablicę tablicą tablicy
    fot. fotografia fotografii fotografii fotografię fotografią fotografii
    t. tom tomu tomowi tom tomem tomie
    cz. część części części część częścią części
    dn. dnia dnia dniowi dzień dniem dniu
    zał. załącznik załącznika załącznikowi załącznik załącznikiem załączniku
    poz. pozycja pozycji pozycji pozycję pozycją pozycji
    godz. godzina godziny godzinie godzinę godziną godzinie
    nr numer numeru numerowi numer numerem numerze
    """
)
_NUMBERED_RANGES = table(
    """
    str. strony stron stronom strony stronami stronach
    s. strony stron stronom strony stronami stronach
    rozdz. rozdziały rozdziałów rozdziałom rozdziały rozdziałami rozdziałach
    art. artykuły artykułów artykułom artykuły artykułami artykułach
    ust. ustępy ustępów ustępom ustępy ustępami ustępach
    rys. rysunki rysunków rysunkom rysunki rysunkami rysunkach
    tab. tabele tabel tabelom tabele tabelami tabelach
    t. tomy tomów tomom tomy tomami tomach
    godz. godziny godzin godzinom godziny godzinami godzinach
    """
)
_YEARS = table(
    """
    r. rok roku rokowi rok rokiem roku
    """
)
_CENTURIES = table(
    """
    w. wiek wieku wiekowi wiek wiekiem wieku
    """
)
_SCALES = table(
    """
    tys tysiąc tysiące tysięcy tysiąca
    mln milion miliony milionów miliona
    mld miliard miliardy miliardów miliarda
    bln bilion biliony bilionów biliona
    """
)
_UNITS = {
    **dict.fromkeys(("dol", "m kw", "km kw", "min", "sek", "godz", "gr", "zł", "cm", "mm"), ""),
    **{"szt": "sztuk", "os": "osób", "egz": "egzemplarzy", "km": "kilometrów", "m": "metrów", "kg": "kilogramów"},
    **{"t": "ton", "ha": "hektarów", "l": "litrów"},
}
_NOUNS = """
f wojna_światowa wojny_światowej wojnie_światowej wojnę_światową wojną_światową wojnie_światowej
f wojna wojny wojnie wojnę wojną wojnie
f Rzeczpospolita Rzeczypospolitej Rzeczypospolitej Rzeczpospolitą Rzecząpospolitą Rzeczypospolitej
f Rzesza Rzeszy Rzeszy Rzeszę Rzeszą Rzeszy
f połowa połowy połowie połowę połową połowie
f klasa klasy klasie klasę klasą klasie
f edycja edycji edycji edycję edycją edycji
f liga ligi lidze ligę ligą lidze
f grupa grupy grupie grupę grupą grupie
f część części części część częścią części
f tura tury turze turę turą turze
m etap etapu etapowi etap etapem etapie
m kwartał kwartału kwartałowi kwartał kwartałem kwartale
m tom tomu tomowi tom tomem tomie
m rozbiór rozbioru rozbiorowi rozbiór rozbiorem rozbiorze
m sobór soboru soborowi sobór soborem soborze
m kongres kongresu kongresowi kongres kongresem kongresie
m zjazd zjazdu zjazdowi zjazd zjazdem zjeździe
n tysiąclecie tysiąclecia tysiącleciu tysiąclecie tysiącleciem tysiącleciu
n półrocze półrocza półroczu półrocze półroczem półroczu
n miejsce miejsca miejscu miejsce miejscem miejscu
m rozdział rozdziału rozdziałowi rozdział rozdziałem rozdziale
m dzień dnia dniowi dzień dniem dniu
f rocznica rocznicy rocznicy rocznicę rocznicą rocznicy
f minuta minuty minucie minutę minutą minucie
n piętro piętra piętru piętro piętrem piętrze
"""
SHORT_MONTHS = (
    *("sty.|stycz.", "lut.", "mar.", "kwi.|kwiec.", "maj.", "cze.|czerw.", "lip.", "sie.|sierp.", "wrz.|wrześ."),
    *("paź.|paźdz.", "lis.|listop.", "gru.|grudz."),
)
_RULERS = (
    "m Jan Jana Janowi Jana Janem Janie",
    "m Paweł Pawła Pawłowi Pawła Pawłem Pawle",
    "m Piotr Piotra Piotrowi Piotra Piotrem Piotrze",
    "m Zygmunt Zygmunta Zygmuntowi Zygmunta Zygmuntem Zygmuncie",
    "m Kazimierz Kazimierza Kazimierzowi Kazimierza Kazimierzem Kazimierzu",
    "m Władysław Władysława Władysławowi Władysława Władysławem Władysławie",
    "m Bolesław Bolesława Bolesławowi Bolesława Bolesławem Bolesławie",
    "m Stanisław Stanisława Stanisławowi Stanisława Stanisławem Stanisławie",
    "m Mieszko Mieszka Mieszkowi Mieszka Mieszkiem Mieszku",
    "m Henryk Henryka Henrykowi Henryka Henrykiem Henryku",
    "m Ludwik Ludwika Ludwikowi Ludwika Ludwikiem Ludwiku",
    "m Karol Karola Karolowi Karola Karolem Karolu",
    "m August Augusta Augustowi Augusta Augustem Auguście",
    "m Fryderyk Fryderyka Fryderykowi Fryderyka Fryderykiem Fryderyku",
    "m Wilhelm Wilhelma Wilhelmowi Wilhelma Wilhelmem Wilhelmie",
    "m Aleksander Aleksandra Aleksandrowi Aleksandra Aleksandrem Aleksandrze",
    "m Mikołaj Mikołaja Mikołajowi Mikołaja Mikołajem Mikołaju",
    "m Napoleon Napoleona Napoleonowi Napoleona Napoleonem Napoleonie",
    "m Edward Edwarda Edwardowi Edwarda Edwardem Edwardzie",
    "m Ryszard Ryszarda Ryszardowi Ryszarda Ryszardem Ryszardzie",
    "m Filip Filipa Filipowi Filipa Filipem Filipie",
    "m Franciszek Franciszka Franciszkowi Franciszka Franciszkiem Franciszku",
    "m Ferdynand Ferdynanda Ferdynandowi Ferdynanda Ferdynandem Ferdynandzie",
    "m Leopold Leopolda Leopoldowi Leopolda Leopoldem Leopoldzie",
    "m Otton Ottona Ottonowi Ottona Ottonem Ottonie",
    "m Iwan Iwana Iwanowi Iwana Iwanem Iwanie",
    "m Jerzy Jerzego Jerzemu Jerzego Jerzym Jerzym",
    "m Jakub Jakuba Jakubowi Jakuba Jakubem Jakubie",
    "m Pius Piusa Piusowi Piusa Piusem Piusie",
    "m Benedykt Benedykta Benedyktowi Benedykta Benedyktem Benedykcie",
    "m Grzegorz Grzegorza Grzegorzowi Grzegorza Grzegorzem Grzegorzu",
    "m Urban Urbana Urbanowi Urbana Urbanem Urbanie",
    "m Innocenty Innocentego Innocentemu Innocentego Innocentym Innocentym",
    "m Ramzes Ramzesa Ramzesowi Ramzesa Ramzesem Ramzesie",
    "m Leon Leona Leonowi Leona Leonem Leonie",
    "f Elżbieta Elżbiety Elżbiecie Elżbietę Elżbietą Elżbiecie",
    "f Katarzyna Katarzyny Katarzynie Katarzynę Katarzyną Katarzynie",
    "f Maria Marii Marii Marię Marią Marii",
    "f Małgorzata Małgorzaty Małgorzacie Małgorzatę Małgorzatą Małgorzacie",
    "f Izabela Izabeli Izabeli Izabelę Izabelą Izabeli",
)
_ENDINGS = {"m": "y ego emu y ym ym", "f": "a ej ej ą ą ej", "n": "e ego emu e ym ym"}
_DECADES = dict(
    zip(
        "23456789",
        listed(
            "dwudziest trzydziest czterdziest pięćdziesiąt sześćdziesiąt siedemdziesiąt osiemdziesiąt dziewięćdziesiąt"
        ),
        strict=True,
    )
)
_DECADE_ENDINGS = {"lata": "e", "lat": "ych", "latach": "ych", "latom": "ym", "latami": "ymi"}


def ordinal(number: int, gender: str, case: str) -> str:
    """Return `number`, below 100, as an ordinal in words; an accusative is that of a thing."""
    ending = _ENDINGS[gender].split()[CASES.index(case)]
    return " ".join(_declined(word, ending) for word in dictionary_ordinal(number, "pl").split())


def _declined(word: str, ending: str) -> str:
    """Decline "dwudziesty", "trzeci" and "drugi": the last two are soft, and "drugi" only before e and y."""
    if word.endswith("y"):
        return word[:-1] + ending
    if ending[0] == "y":
        return word + ending[1:]
    return (word[:-1] if word == "drugi" and ending[0] in "aą" else word) + ending


def _so_called(match: re.Match[str]) -> str | None:
    """Say "tzw. dom": by the ending of the word behind."""
    word, before = match["word"].lower(), match.string[: match.start("written")]
    endings = (
        ("ego", "ego"), ("emu", "emu"), ("ych|ich", "ych"), ("ymi|imi", "ymi"), ("ej", "ej"), ("[ym]m|im", "ym"),
        ("ą", "ą"), ("ę", "ą"), ("ów", "ych"),
    )  # fmt: skip
    found = next((ending for pattern, ending in endings if re.search(f"(?:{pattern})\\Z", word)), "")
    if not found and not _GRAMMAR.cases_after(before):
        nominative = (("[bcćdfghjklłmnńpqrsśtvwxzźżyi]", "y"), ("a", "a"), ("[eo]", "e"))
        found = next((ending for pattern, ending in nominative if re.search(f"{pattern}\\Z", word)), "")
    return capitalised_as(match["written"], f"tak zwan{found} ") if found else None


_WRITTEN_ENDINGS = (
    ("go", "m", "g"),
    ("mu", "m", "d"),
    ("m", "m", "l"),
    ("j", "f", "g"),
    ("a", "f", "n"),
    ("ą", "f", "a"),
)


def _written_ordinal(match: re.Match[str]) -> str:
    """Say "5-go maja", "80-ty" by the letters that are written."""
    gender, case = next(((g, c) for end, g, c in _WRITTEN_ENDINGS if match["end"].endswith(end)), ("m", "n"))
    return ordinal(int(match["n"]), gender, case)


def _before_adjective(match: re.Match[str]) -> str:
    """Say "II Międzynarodowy Kongres" in the form of the adjective."""
    endings = {"y": "mn", "i": "mn", "a": "fn", "e": "nn", "ego": "mg", "emu": "md", "ym": "ml", "im": "ml"}
    gender, case = {**endings, "ej": "fg", "ą": "fa"}[match["end"]]
    return ordinal(roman_value(match["written"]), gender, case)


_VOIVODESHIPS = (("kie", "województwo"), ("kiego", "województwa"), ("kiemu", "województwu"), ("kim", ""))


def _voivodeship(match: re.Match[str]) -> str:
    """Say "woj. mazowieckie": in the case of the adjective."""
    form = dict(_VOIVODESHIPS)[match["ending"]]
    asked = _GRAMMAR.cases_after(match.string[: match.start("written")])
    return capitalised_as(match["written"], form or ("województwie" if asked[:1] == "l" else "województwem")) + " "


def _decades(match: re.Match[str]) -> str:
    """Say "w latach 20. i 30."."""
    ending = _DECADE_ENDINGS[match["years"].lower()]
    return re.sub(r"([2-9])0\.", lambda tens: _DECADES[tens[1]] + ending, match["written"]) + shared_stop(match)


PHRASES = (
    years(_GRAMMAR, _YEARS, era=r"\s?r\.\s?(?:p\.?\s?)?n\.\s?e"),
    centuries(_GRAMMAR, _CENTURIES, ordinal),
    in_short_month(
        "we?",
        SHORT_MONTHS,
        "styczniu lutym marcu kwietniu maju czerwcu lipcu sierpniu wrześniu październiku listopadzie grudniu",
    ),
    century_before_another(_GRAMMAR, "ko(?:niec|ńc[aeu])|począt(?:ek|k[aieu]+)|połow[aęyie]+", "wiek|w\\.", ordinal),
    century_lists(_GRAMMAR, {"wieku": "gl", "wieków": "g", "wiekach": "l", "wiekiem": "i", "wieki": "n"}, ordinal),
    with_cents(POLISH, {"zł": "złoty złote złotych złotego"}, {"gr": "grosz grosze groszy grosza"}),
    scales(_GRAMMAR, _SCALES, POLISH),
    Rewriting(
        r"(?<!\w)(?:[Uu]l|[Aa]l|[Pp]l|[Oo]s)\.\s?(?:[^\W\d_]+\s){1,3}\d{1,4}[a-zA-Z]?,?\s(?P<written>m\.\s?)(?=\d)",
        lambda _match: "mieszkania ",
    ),
    without_stop(_UNITS, _SCALES.values()),
    Rewriting(r"(?<=\d\.\d\d\.\d\d\d\d)\s?(?P<written>r\.)", lambda match: f"roku{shared_stop(match)}"),
    before_numbers(_GRAMMAR, _NUMBERED, _NUMBERED_RANGES, first_form=frozenset(("nr", "Nr"))),
    Rewriting(
        r"(?<!\w)[Gg]odzin(?:[ayęą]|ie|om|ami|ach)?\s(?P<written>\d{1,2}\.[0-5]\d(?:\s?[–-]\s?\d{1,2}\.[0-5]\d)?)(?!\d|\.\d)",
        lambda match: re.sub(r"\s?[–-]\s?", " do ", match["written"].replace(".00", "").replace(".", " ")),
    ),
    before_names(_GRAMMAR, _TITLES, _PEOPLE, of_people=True, first_form=_FIRST_FORM),
    before_names(_GRAMMAR, _SAINT_WOMAN, _WOMAN, of_people=True, only=rf"(?:{_WOMEN})(?:\w{{1,3}})"),
    before_names(_GRAMMAR, _SAINT, (("barnaba|kosma|sawa", "n"), ("a", "ga"), *_PEOPLE, _MALE), of_people=True),
    before_names(_GRAMMAR, _AVENUES, _AVENUE_NAMES, only=r"\w+(?:kie|ie|imi|ymi|[iy]ch|skim)"),
    Rewriting(r"(?<!\w)(?P<written>[Ww]oj\.\s?)(?=[^\W\d_]+[sc](?P<ending>kie|kiego|kiemu|kim)(?!\w))", _voivodeship),
    before_names(_GRAMMAR, _ROADS, _STREETS),
    named_after("im.", "imienia", "(?<!ł)[ay]|(?<!l)i|ego|ej|ów|[iy]ch"),
    ordinal_before(_NOUNS, ordinal, i_is_a_word=True),
    roman_after(_RULERS, ordinal),
    Rewriting(
        rf"(?:\A|(?<!\w)(?:[Ww]|[Nn]a|[Zz]|[Oo]|[Pp]o|[Dd]o|[Zz]a|[Pp]odczas)\s)(?P<written>(?!I\s){ROMAN})"
        r"(?=\s[A-ZĆŁŚŹŻ]\w+(?:sk|ck|ow|zn|dn|jn|ln)(?P<end>y|i|a|e|ego|emu|ym|im|ej|ą)(?!\w))",
        _before_adjective,
    ),
    Rewriting(
        r"(?<![\w.,:/-])(?P<written>(?P<n>[1-9]\d?)-(?P<end>(?:t|sz|d?m|w)(?:y|ego|emu|ym|ej|a|ą)|[ei]?go|e?mu|ej|[cg]i|cia|y))(?![\w-])",
        _written_ordinal,
    ),
    Rewriting(r"(?<!\w)(?P<written>[Tt]zw\.\s?)(?=[«„\"”]?(?P<word>[^\W\d_]+))", _so_called),
    Rewriting(
        r"(?<!\w)(?P<years>[Ll]at(?:a|ach|om|ami)?)\s(?P<written>[2-9]0\.(?:(?:\si|,|\s?–)\s?[2-9]0\.)*)", _decades
    ),
)
"""What is said by what stands around it, in the order in which it is applied."""
