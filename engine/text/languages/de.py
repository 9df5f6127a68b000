"""German."""

import re

from engine.text.languages.counting import ordinal
from engine.text.languages.record import Language, Rewriting, Rulers, listed, table, time_of_day, word_set

_MONTHS = listed("Januar Februar März April Mai Juni Juli August September Oktober November Dezember")

_DATIVE = word_set("von mit bei zu nach seit aus unter gegenüber dem")
_ACCUSATIVE = word_set("für gegen durch ohne um den")
_PREPOSITIONS = word_set(
    "in an auf aus bei mit nach seit von vor unter über hinter neben zwischen während trotz wegen gegenüber ab"
)
_N_ENDINGS = re.compile(
    r"(?:im|am|vom|zum|beim|zur|dem|den|des|(?:k?ein|mein|dein|sein|ihr|unser|euer|dies|jed|jen)e[mnrs])\Z"
)
_E_ENDINGS = re.compile(r"(?:die|das|(?:k?ein|mein|dein|sein|ihr|unser|euer|dies|jed|jen)e)\Z")


def _ruler(before: str, name: str, number: int) -> str:
    word = ordinal(number, "de").capitalize()
    if name.endswith("s") and name not in ("Johannes", "Pius", "Nikolaus"):  # a genitive
        return f"des {word}n"
    if before.lower() in _DATIVE:
        return f"dem {word}n"
    return f"den {word}n" if before.lower() in _ACCUSATIVE else f"der {word}"


def _ordinal(match: re.Match[str]) -> str | None:
    """Say "im 19. Jahrhundert", "der 5. Mann", "12. Mai" by the word before; where that does not tell, leave it."""
    ending = _ending((match["one"] or "").lower(), (match["two"] or "").lower(), match["month"] is not None)
    return None if ending is None else ordinal(int(match["d"]), "de") + ending


def _ending(one: str, two: str, is_month: bool) -> str | None:
    if _N_ENDINGS.match(one) or (one == "der" and two in _PREPOSITIONS):
        return "n"
    if _E_ENDINGS.match(one) or one == "der":
        return ""
    if is_month:
        return "m" if one in ("ab", "seit", "vor", "nach", "von") else "r"
    return None


_ORDINALS = (
    Rewriting(
        r"(?:(?P<two>[^\W\d_]+)\s)?(?:(?P<one>[^\W\d_]+)\s|(?P<none>\A|,\s|\())(?P<written>(?P<d>[1-9]\d?)\.)\s"
        rf"(?=(?P<month>(?:{'|'.join(_MONTHS)})(?!\w))|[A-ZÄÖÜ„])",
        _ordinal,
    ),
)


LANGUAGE = Language(
    code="de",
    name="German",
    long_codes=listed("deu ger"),
    frequent_words=word_set(
        "und ist nicht ich ein eine auf sie dem zu für sich auch wird wir einen einer oder sind der ihr mein meine "
        "dein haben hatte waren werden wurde wenn weil aber durch gegen ohne zwischen nach über noch nur schon sehr "
        "mehr kein keine guten danke bitte tschüss tschüß abend straße kapitel vorwort rechnung uhr jahr jahre heute "
        "gestern warum dass beim zum zur vom im herr frau wiedersehen können müssen schön nichts etwas dort einem "
        "eines kann geht gibt steht dieses diese dieser bei mit"
    ),
    letters="äöüß",
    own_letters="äß",
    never_last=word_set(
        "dr prof hr hrn fa fr frl med phil jur rer nat ing dipl st z.b d.h u.a i.d.r s.o s.u o.ä u.ä bzw vgl ca nr bd "
        "abs abb tab kap str sog geb gest ggf evtl inkl exkl zzgl bspw z d i u s o max min mind art ziff jh jhd aufl "
        "hrsg tel"
    ),
    may_be_last=word_set("usw etc usf"),
    first_words=word_set(
        "der die das ein eine er sie es wir ihr ich man dies diese dieser dieses dann da dort doch aber und so wenn "
        "was wer wie warum in im am an auf bei nach vor mit zu zum seit als auch nicht nur kein keine ja nein heute "
        "sein seine ihre alle"
    ),
    has_dotted_ordinals=True,
    after_suspended_hyphen=word_set("und oder bzw bis"),
    has_grouping_spaces=True,
    months=_MONTHS,
    date="{day}. {month} {year}",
    day_month_year=".",
    time=time_of_day("{hour} Uhr {minute}", "{hour} Uhr"),
    hour_words=listed("Uhr"),
    units=table(
        """
        km Kilometer
        m Meter
        cm Zentimeter
        mm Millimeter
        kg Kilogramm
        g Gramm
        mg Milligramm
        l Liter
        ml Milliliter
        km² Quadratkilometer
        m² Quadratmeter
        km/h Kilometer_pro_Stunde
        m/s Meter_pro_Sekunde
        °C Grad_Celsius
        °F Grad_Fahrenheit
        ° Grad
        min Minute Minuten
        s Sekunde Sekunden
        h Stunde Stunden
        ms Millisekunde Millisekunden
        GB Gigabyte
        MB Megabyte
        kB Kilobyte
        TB Terabyte
        GHz Gigahertz
        MHz Megahertz
        kHz Kilohertz
        Hz Hertz
        kW Kilowatt
        kWh Kilowattstunde Kilowattstunden
        W Watt
        V Volt
        dB Dezibel
        t Tonne Tonnen
        ha Hektar
        mph Meile_pro_Stunde Meilen_pro_Stunde
        ft Fuß
        lb Pfund
        oz Unze Unzen
        """
    ),
    currencies=table(
        """
        $ Dollar
        € Euro
        £ Pfund
        ¥ Yen
        ₽ Rubel
        ₩ Won
        ₹ Rupie Rupien
        CHF Franken
        zł Zloty
        """
    ),
    signs=table(
        """
        + plus
        = gleich
        × mal
        ÷ geteilt_durch
        ± plus_minus
        ≈ etwa
        < kleiner_als
        > größer_als
        ≤ höchstens
        ≥ mindestens
        − minus
        & und
        § Paragraf
        № Nummer
        """
    ),
    address_signs=table(
        """
        . Punkt
        @ ät
        _ Unterstrich
        - Bindestrich
        """
    ),
    title_abbreviations=table(
        """
        Dr. Doktor
        Prof. Professor
        Hr. Herr
        Hrn. Herrn
        Fr. Frau
        St. Sankt
        """
    ),
    number_abbreviations=table(
        """
        Nr. Nummer
        S. Seite
        Bd. Band
        Kap. Kapitel
        Abb. Abbildung
        Tab. Tabelle
        Abs. Absatz
        Art. Artikel
        ca. circa
        Tel. Telefon
        """
    ),
    abbreviations=table(
        """
        z.B. zum_Beispiel
        z._B. zum_Beispiel
        d.h. das_heißt
        d._h. das_heißt
        u.a. unter_anderem
        u._a. unter_anderem
        bzw. beziehungsweise
        vgl. vergleiche
        ca. circa
        ggf. gegebenenfalls
        evtl. eventuell
        inkl. inklusive
        sog. sogenannte
        i.d.R. in_der_Regel
        i._d._R. in_der_Regel
        s.o. siehe_oben
        s.u. siehe_unten
        bspw. beispielsweise
        zzgl. zuzüglich
        v.Chr. vor_Christus
        v._Chr. vor_Christus
        n.Chr. nach_Christus
        n._Chr. nach_Christus
        1_Mio. 1_Million
        Mio. Millionen
        1_Mrd. 1_Milliarde
        Mrd. Milliarden
        max. maximal
        min. minimal
        m.E. meines_Erachtens
        m._E. meines_Erachtens
        """
    ),
    closing_abbreviations=table(
        """
        usw. und_so_weiter
        etc. et_cetera
        usf. und_so_fort
        u.s.w. und_so_weiter
        """
    ),
    scales=listed("Tausend Million Millionen Milliarde Milliarden Billion Billionen Mio. Mrd."),
    percent="{n} Prozent",
    range_word="bis",
    numbered_words=listed(
        "Kapitel Teil Band Buch Akt Szene Abschnitt Anhang Abbildung Tabelle Phase Typ Artikel Klasse Weltkrieg"
    ),
    rulers=Rulers(
        word_set(
            "Heinrich Heinrichs Friedrich Friedrichs Wilhelm Wilhelms Karl Karls Ludwig Ludwigs Otto Ottos Leopold "
            "Leopolds Franz Georg Georgs Eduard Eduards Johann Johannes Maximilian Maximilians Ferdinand Ferdinands "
            "Rudolf Rudolfs Joseph Josephs Philipp Philipps Nikolaus Alexander Alexanders Peter Peters Iwan Iwans Pius "
            "Leo Leos Gregor Gregors Benedikt Benedikts Paul Pauls Napoleon Napoleons Jakob Jakobs Richard Richards "
            "Konrad Konrads Albrecht Albrechts August Augusts Christian Christians Gustav Gustavs"
        ),
        say=_ruler,
        ranks=listed("König Königin Kaiser Kaiserin Papst Zar Zarin Herzog Fürst Prinz Kurfürst"),
        has_stop=True,
    ),
    has_numbered_names=True,
    ordinals=_ORDINALS,
    heading_words=listed("kapitel buch teil band abschnitt brief akt aufzug szene"),
    lone_headings=listed("prolog epilog vorwort einleitung nachwort anhang vorrede"),
    contents_headings=("inhalt(?:sverzeichnis)?",),
    page_words=("seite",),
    espeak_voice="gmw/de",
    recording_script=(
        "Früh am Morgen war der Hafen noch still. Ein paar Möwen saßen auf der Mauer und warteten auf die Boote. "
        "Hörst du die Glocke? Sie läutet immer, wenn der Nebel vom Meer hereinzieht. Schnell, gehen wir zurück ins "
        "Haus, setzen Wasser auf und erzählen uns Geschichten, bis die Sonne wiederkommt!"
    ),
)
