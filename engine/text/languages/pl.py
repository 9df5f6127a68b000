"""Polish."""

from engine.text.languages.forms import POLISH
from engine.text.languages.polish_grammar import PHRASES, SHORT_MONTHS, ordinal
from engine.text.languages.record import Language, OrdinalNouns, listed, powers, table, word_set


def _time(hour: int, minute: int) -> str:
    return f"{hour} {minute:02}" if minute else str(hour)


def _century(number: int, noun: str, before: str) -> str | None:
    match noun:
        case "wiek":
            return ordinal(number, "m", "n")
        case "wieku":
            return ordinal(number, "m", "l" if before in ("w", "we", "o", "po", "przy") else "g")
        case "wiekiem":
            return ordinal(number, "m", "i")
        case _:
            return None


LANGUAGE = Language(
    code="pl",
    name="Polish",
    long_codes=listed("pol"),
    frequent_words=word_set(
        "się nie jest że był tak dla od są było jego który już po jak dziękuję cześć dobry dzień dobranoc proszę "
        "rozdział faktura ulica widzenia gdzie kiedy dlaczego bardzo tylko może jej jeszcze gdy żeby przed przy pod "
        "oraz mnie wszystko teraz potem zawsze nigdy rok lat roku dziś dzisiaj jutro jutra wczoraj pani przez która "
        "które była być czy wiem"
    ),
    letters="ąćęłńóśźż",
    own_letters="ąćęłńśźż",
    encodings=("cp1250", "iso8859_2"),
    never_last=word_set(
        "np tzw tzn m.in ul al pl os św prof hab inż doc hr ks gen płk mjr kpt por godz ok nr s str rys tab zob im "
        "tel wg dz u ww p t tj red wyd pt zw maks min ds dyr dr rozdz ust cz zał poz fot tabl tow woj mld mln tys szt "
        "egz gr r w wz ur zm dol med pow gm kom adw bł cyt lek abp kard bp doc oprac przeł tłum"
    ),
    after_numbers=word_set("r w tys mln mld dol"),
    before_numbers=word_set(
        "godz s str rys tab nr ul rozdz art ust cz zał poz fot tabl ss pkt t z. wyd sygn dz pok lok kl ur zm"
    ),
    may_be_last=word_set("itd itp etc"),
    plain_words=word_set("port rum tur im"),
    first_words=word_set(
        "to ten ta te on ona ono oni my wy ja ale i a potem więc jeśli gdy kiedy co kto jak dlaczego w we na po przed "
        "z ze dla nie tak był była było jego jej jest nigdy zawsze nikt proszę"
    ),
    has_dotted_ordinals=True,
    one_letter_words="AIOUWZ",
    after_suspended_hyphen=word_set("i"),
    plural=POLISH,
    has_grouping_spaces=True,
    months=listed("stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia"),
    short_months=SHORT_MONTHS,
    date="{day} {month} {year}",
    day_month_year=".",
    time=_time,
    time_words=listed("o godz. godzinie godziny od do"),
    has_dotted_times=True,
    ratio_words=listed("skala skali stosunku stosunek Rdz Wj Ps Iz Mt Mk Łk Rz Kor Ap"),
    units=table(
        """
        * gwiazdka gwiazdki gwiazdek gwiazdki
        dB decybel decybele decybeli decybela
        szt sztuka sztuki sztuk sztuki
        godz godzina godziny godzin godziny
        sek sekunda sekundy sekund sekundy
        os osoba osoby osób osoby
        m_kw =m²
        km_kw =km²
        st._C =°C
        dag dekagram dekagramy dekagramów dekagrama
        egz egzemplarz egzemplarze egzemplarzy egzemplarza
        gr grosz grosze groszy grosza
        """
    ),
    currencies=table(
        """
        zł złoty złote złotych złotego
        PLN złoty złote złotych złotego
        dol dolar dolary dolarów dolara
        $ dolar dolary dolarów dolara
        € euro
        £ funt funty funtów funta
        ¥ jen jeny jenów jena
        ₽ rubel ruble rubli rubla
        CHF frank_szwajcarski franki_szwajcarskie franków_szwajcarskich franka_szwajcarskiego
        """
    ),
    cents=table(
        """
        zł grosz grosze groszy grosza
        PLN grosz grosze groszy grosza
        € cent centy centów centa
        $ cent centy centów centa
        """
    ),
    signs=table(
        """
        + plus
        = równa_się
        × razy
        ÷ podzielić_przez
        ± plus_minus
        ≈ około
        < jest_mniejsze_niż
        > jest_większe_niż
        − minus
        & i
        § paragraf
        № numer
        """
    ),
    address_signs=table(
        """
        . kropka
        @ małpa
        _ podkreślnik
        - myślnik
        """
    ),
    title_abbreviations=table(
        """
        dra doktora
        drowi doktorowi
        drem doktorem
        płk pułkownik
        mjr major
        bp biskup
        """
    ),
    number_abbreviations=table(
        """
        tel. telefon
        ok. około
        """
    ),
    abbreviations=table(
        """
        np. na_przykład
        z_o.o. z_ograniczoną_odpowiedzialnością
        tj. to_jest
        tzn. to_znaczy
        m.in. między_innymi
        m._in. między_innymi
        wg według
        ok. około
        p.n.e. przed_naszą_erą
        n.e. naszej_ery
        zob. zobacz
        por. porównaj
        ds. do_spraw
        pw. pod_wezwaniem
        """
    ),
    closing_abbreviations=table(
        """
        itd. i_tak_dalej
        etc. et_cetera
        br. bieżącego_roku
        bm. bieżącego_miesiąca
        ub.r. ubiegłego_roku
        ub._r. ubiegłego_roku
        j.w. jak_wyżej
        itp. i_tym_podobne
        """
    ),
    phrases=PHRASES,
    scales=listed(
        "tysiąc tysiące tysięcy tysiąca milion miliony milionów miliona miliard miliardy miliardów miliarda "
        "bilion biliony bilionów biliona"
    ),
    before_cents=" i ",
    magnitudes=table(
        """
        tys tysiąc tysiące tysięcy tysiąca
        mln milion miliony milionów miliona
        mld miliard miliardy miliardów miliarda
        bln bilion biliony bilionów biliona
        k tysiąc tysiące tysięcy tysiąca
        M milion miliony milionów miliona
        """
    ),
    names_cents=True,
    powers=powers("do kwadratu", "do sześcianu", "do potęgi {n}", minus="minus"),
    percent="{n} procent",
    range_word="do",
    numbered_words=listed("rozdział część księga tom akt scena rysunek tabela faza typ artykuł"),
    ordinal_nouns=(OrdinalNouns("wiek(?:u|iem|i|ów)?", _century),),
    heading_words=listed("rozdział księga część tom list akt scena dodatek"),
    lone_headings=listed("prolog epilog przedmowa wstęp posłowie zakończenie"),
    contents_headings=("spis treści",),
    page_words=("strona",),
    sign_names=table(
        """
        ! wykrzyknik
        " cudzysłów
        # krzyżyk
        $ dolar
        % procent
        & ampersand
        ' apostrof
        ( nawias_otwierający
        ) nawias_zamykający
        * gwiazdka
        + plus
        , przecinek
        - łącznik
        . kropka
        / ukośnik
        : dwukropek
        ; średnik
        < mniejsze_niż
        = równa_się
        > większe_niż
        ? znak_zapytania
        @ małpa
        [ nawias_kwadratowy_otwierający
        \\ ukośnik_wsteczny
        ] nawias_kwadratowy_zamykający
        ^ daszek
        _ podkreślenie
        ` akcent_słaby
        { nawias_klamrowy_otwierający
        | kreska_pionowa
        } nawias_klamrowy_zamykający
        ~ tylda
        € euro
        £ funt
        § paragraf
        ° stopień
        … wielokropek
        – półpauza
        — pauza
        „ cudzysłów_otwierający
        “ cudzysłów_górny
        ” cudzysłów_zamykający
        « cudzysłów_otwierający
        » cudzysłów_zamykający
        • punktor
        """
    ),
    espeak_voice="zlw/pl",
    recording_script=(
        "Wcześnie rano w porcie było jeszcze cicho. Kilka mew siedziało na murze i czekało na łodzie. Słyszysz dzwon?"
        " Bije zawsze, kiedy od morza nadchodzi mgła. Szybko, wracajmy do domu, nastawmy wodę i opowiadajmy sobie "
        "historie, aż wróci słońce!"
    ),
)
