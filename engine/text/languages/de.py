"""German."""

import re

from engine.text.languages.counting import ordinal
from engine.text.languages.record import (
    Language,
    OrdinalNouns,
    Rewriting,
    Rulers,
    listed,
    powers,
    span_of_days,
    table,
    time_of_day,
    word_set,
)

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


_QUEENS = word_set("Elisabeth Elisabeths Katharina Katharinas Margarethe Margarethes Isabella Isabellas Christina")


def _ruler(before: str, name: str, number: int) -> str:
    word = ordinal(number, "de").capitalize()
    if name in _QUEENS:
        is_dative = name.endswith("s") or before.lower() in _DATIVE
        return f"der {word}n" if is_dative else f"die {word}"
    if name.endswith("s") and name not in ("Johannes", "Pius", "Nikolaus", "Clemens", "Bonifatius"):  # a genitive
        return f"des {word}n"
    if before.lower() in _DATIVE:
        return f"dem {word}n"
    return f"den {word}n" if before.lower() in _ACCUSATIVE else f"der {word}"


_NAMES = {  # nouns whose number is part of a name, and the ending that it has without an article
    **dict.fromkeys(("Weltkrieg", "Kreuzzug"), "r"),
    **dict.fromkeys(("Internationale", "Republik", "Liga"), ""),
    **dict.fromkeys(("Reich", "Vatikanum", "Vatikanische", "Punische", "Schlesische"), "s"),
}


def _before_noun(number: int, noun: str, before: str) -> str | None:
    """Say "II. Weltkrieg" with a capital and the ending that the word before asks for; others become "19."."""
    name = next((name for name in _NAMES if noun.startswith(name)), None)
    if name is None:
        return f"{number}."
    word = ordinal(number, "de").capitalize()
    if not before or before == "ein":
        return word + _NAMES[name]
    is_feminine_case = before == "der" and (not _NAMES[name] or noun != name)
    is_plain = _ending(before, "", False) == "" and not is_feminine_case and not (noun != name and noun.endswith("s"))
    return word if is_plain else f"{word}n"


def _ordinal(match: re.Match[str]) -> str | None:
    """Say "im 19. Jahrhundert", "der 5. Mann", "12. Mai" by the word before; where that does not tell, leave it.

    Those of a list agree: "vom 1. bis 3. Mai", "am 1., 2. und 3. Mai".
    """
    if match["noun"] and match["noun"].islower():
        return None
    ending = _ending((match["one"] or "").lower(), (match["two"] or "").lower(), match["month"] is not None)
    if ending is None or (ending == "r" and match["more"]):
        return None
    spoken = re.sub(r"(\d+)\.", lambda number: ordinal(int(number[1]), "de") + ending, match["written"])
    return re.sub(r"\s?[–-]\s?", " bis ", spoken)


def _ending(one: str, two: str, is_month: bool) -> str | None:
    if one in ("jeder", "dieser", "jener") and two not in _PREPOSITIONS:
        return ""
    if _N_ENDINGS.match(one) or (one == "der" and two in _PREPOSITIONS):
        return "n"
    if _E_ENDINGS.match(one) or one == "der":
        return ""
    if is_month:
        return "m" if one in ("ab", "seit", "vor", "nach", "von") else "r"
    return None


_DAY = r"[1-9]\d?\."
_ORDINALS = (
    Rewriting(
        rf"(?:(?P<two>[^\W\d_]+)\s)?(?:(?P<one>[^\W\d_]+)\s|(?P<none>\A|,\s|\())"
        rf"(?P<written>(?P<more>(?:{_DAY}(?:,\s|\s?[–-]\s?|/|\s(?:und|oder|bis|sowie|bzw\.|beziehungsweise)"
        rf"(?:\s(?:zum|zur|im|am|der|die|das|den|dem))?\s)){{0,6}}){_DAY})\s"
        rf"(?=(?P<month>(?:{'|'.join(_MONTHS)})(?!\w))|(?P<century>Jhd?s?\.)|„?(?P<noun>[^\W\d_]))",
        _ordinal,
    ),
)


def _following(match: re.Match[str]) -> str:
    stop = "." if match[0].endswith(".") and match.end() == len(match.string) else ""
    return f" {'fortfolgende' if 'ff' in match['written'] else 'folgende'}{stop}"


_PHRASES = (
    span_of_days(
        """
            Mo Montag
            Di Dienstag
            Mi Mittwoch
            Do Donnerstag
            Fr Freitag
            Sa Samstag
            So Sonntag
        """,
        "bis",
    ),
    Rewriting(r"\bAbs(?:\.|atz)\s\d{1,3}\s(?P<written>S\.)(?=\s\d)", lambda _match: "Satz"),
    Rewriting(  # "um 18 h"
        r"\b(?:[Uu]m|[Aa]b|[Gg]egen)\s(?:[01]?\d|2[0-4])(?::[0-5]\d)?(?P<written>\s?h)(?!\w)", lambda _match: " Uhr"
    ),
    Rewriting(r"\bdes\s\d{1,2}\.\s(?P<written>Jhd?\.)", lambda _match: "Jahrhunderts"),
    Rewriting(r"(?<=\d)(?P<written>,[-–—]{1,2})(?=\s(?:Euro|Franken|Mark)\b)", lambda _match: ""),
    Rewriting(  # "Hauptstr. 5"
        r"(?<=[^\W\d_])(?P<written>(?P<short>s|S)tr\.(?P<last>\Z)?)(?!\w)",
        lambda match: f"{match['short']}traße{'.' if match['last'] is not None else ''}",
    ),
    Rewriting(r"(?<![\w.])(?P<written>Str\.)(?=\s\d|\sde[rs]\s)", lambda _match: "Straße"),
    # "S. 5 f.", "§ 7 ff."
    Rewriting(r"(?<=\d)(?P<written>\s?ff\.?)(?!\w)", _following),
    Rewriting(r"(?<=\d)(?P<written>\s?f\.)(?!\w)", _following),
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
        "eines kann geht gibt steht dieses diese dieser bei mit sagte sagt welt"
    ),
    letters="äöüß",
    own_letters="äß",
    never_last=word_set(
        "dr prof hr hrn fa fr frl med phil jur rer nat mult inh ing dipl st z.b d.h u.a i.d.r s.o s.u bzw vgl ca nr bd "
        "abs abb tab kap str sog geb gest ggf evtl inkl exkl zzgl bspw z d i u s o max min mind ziff jh jhd "
        "aufl hrsg tel tsd gem lt gegr urspr verw dkfm anh pr z.hd i.v abschn hbf bhf"
    ),
    before_numbers=word_set(
        "abs art kap nrn bd bde abb tab taf anm bsp gl rn rdnr ziff lit ver tel aufl jg ss s f ff zi whg "
        "apt hs ca etwa ggf zzgl inkl bj st mind max"
    ),
    may_be_last=word_set("usw etc usf u.s.w"),
    plain_words=word_set("mag ok art"),
    first_words=word_set(
        "danach darauf damals deshalb trotzdem jedoch gestern später "
        "der die das ein eine er sie es wir ihr ich man dies diese dieser dieses dann da dort doch aber und so wenn "
        "was wer wie warum in im am an auf bei nach vor mit zu zum seit als auch nicht nur kein keine ja nein heute "
        "sein seine ihre alle danach daraufhin dabei deshalb nun jetzt trotzdem bald plötzlich später"
    ),
    has_dotted_ordinals=True,
    after_suspended_hyphen=word_set("und oder bzw bis"),
    has_grouping_spaces=True,
    capitalises_nouns=True,
    months=_MONTHS,
    short_months=listed("Jan.|Jän. Feb.|Febr. Mär.|Mrz. Apr. Mai Jun. Jul. Aug. Sept.|Sep. Okt. Nov. Dez."),
    date="{day}. {month} {year}",
    day_month_year=".",
    time=time_of_day("{hour} Uhr {minute}", "{hour} Uhr"),
    hour_words=listed("Uhr"),
    time_words=listed("um"),
    ratio_words=listed(
        "Verhältnis Maßstab Quote Genesis Exodus Mose Samuel Könige Psalm Sprüche Jesaja Jeremia Ezechiel Daniel "
        "Matthäus Markus Lukas Johannes Apostelgeschichte Römer Korinther Galater Epheser Philipper Kolosser "
        "Thessalonicher Timotheus Hebräer Jakobus Petrus Offenbarung Sure"
    ),
    units=table(
        """
        dB Dezibel
        Std. Stunde Stunden
        Std Stunde Stunden
        Stdn. Stunden
        Min. Minute Minuten
        Min Minute Minuten
        Sek. Sekunde Sekunden
        Sek Sekunde Sekunden
        sec Sekunde Sekunden
        Stk. Stück
        Stck. Stück
        EL Esslöffel
        TL Teelöffel
        Msp. Messerspitze Messerspitzen
        Pr. Prise Prisen
        Pck. Päckchen
        qm Quadratmeter
        mAh Milliamperestunde Milliamperestunden
        PS PS
        Pers. Person Personen
        Wo. Woche Wochen
        * Stern Sterne
        """
    ),
    joins_units="-",
    per="pro",
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
        ct Cent
        """
    ),
    cents=table(
        """
        $ Cent
        € Cent
        £ Penny Pence
        CHF Rappen
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
        §§ Paragrafen
        № Nummer
        """
    ),
    powers=powers("Quadrat", "hoch 3", "hoch {n}", minus="minus"),
    phrases=_PHRASES,
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
        Frl. Fräulein
        St. Sankt
        Fa. Firma
        Dipl.-Ing. Diplomingenieur
        Dipl.-Inf. Diplominformatiker
        Dipl.-Kfm. Diplomkaufmann
        Ing. Ingenieur
        Mag. Magister
        """
    ),
    name_particles=listed("von vom zu zur van de med. phil. jur. rer. nat. oec. h. h.c."),
    number_abbreviations=table(
        """
        Nr. Nummer
        Nrn. Nummern
        Ziff. Ziffer
        Rn. Randnummer
        Rdnr. Randnummer
        Anm. Anmerkung
        Abschn. Abschnitt
        Anl. Anlage
        Anh. Anhang
        Bsp. Beispiel
        gegr. gegründet
        Aufl. Auflage
        Kl. Klasse
        Gl. Gleichung
        mind. mindestens
        geb. geboren
        gest. gestorben
        S. Seite
        Bd. Band
        Kap. Kapitel
        Abb. Abbildung
        Tab. Tabelle
        Abs. Absatz
        Art. Artikel
        Art.-Nr. Artikelnummer
        ca. circa
        Tel. Telefon
        Mo. Montag
        Di. Dienstag
        Mi. Mittwoch
        Do. Donnerstag
        Sa. Samstag
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
        Mio. Millionen
        Mrd. Milliarden
        max. maximal
        min. minimal
        mind. mindestens
        tägl. täglich
        wöchentl. wöchentlich
        monatl. monatlich
        jährl. jährlich
        Hbf. Hauptbahnhof
        Bhf. Bahnhof
        z._Hd. zu_Händen
        z.Hd. zu_Händen
        i._V. in_Vertretung
        i.V. in_Vertretung
        v._a. vor_allem
        v.a. vor_allem
        u._U. unter_Umständen
        u.U. unter_Umständen
        z._T. zum_Teil
        z.T. zum_Teil
        z._Zt. zur_Zeit
        z.Zt. zur_Zeit
        o._g. oben_genannte
        o.g. oben_genannte
        s._o. siehe_oben
        s._u. siehe_unten
        i._A. im_Auftrag
        i.A. im_Auftrag
        lt. laut
        gem. gemäß
        bzgl. bezüglich
        bezgl. bezüglich
        einschl. einschließlich
        exkl. exklusive
        insb. insbesondere
        insbes. insbesondere
        urspr. ursprünglich
        gegr. gegründet
        verh. verheiratet
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
        o._ä. oder_Ähnliches
        o.ä. oder_Ähnliches
        u._ä. und_Ähnliches
        u.ä. und_Ähnliches
        o._Ä. oder_Ähnliches
        o.Ä. oder_Ähnliches
        u._Ä. und_Ähnliches
        u.Ä. und_Ähnliches
        u.v.m. und_vieles_mehr
        u._v._m. und_vieles_mehr
        u.v.a. und_viele_andere
        jr. junior
        jun. junior
        sen. senior
        Jh. Jahrhundert
        Jhd. Jahrhundert
        Jhs. Jahrhunderts
        Jt. Jahrtausend
        """
    ),
    scales=listed("Tausend tausend Million Millionen Milliarde Milliarden Billion Billionen"),
    magnitudes=table(
        """
        k Tausend
        K Tausend
        T Tausend
        Tsd Tausend
        Tsd. Tausend
        tsd. Tausend
        Mio Million Millionen
        Mio. Million Millionen
        Mill. Million Millionen
        M Million Millionen
        Mrd Milliarde Milliarden
        Mrd. Milliarde Milliarden
        Bio. Billion Billionen
        bn Milliarde Milliarden
        B Milliarde Milliarden
        """
    ),
    counted_nouns=listed(
        "Uhr Sekunden Minuten Stunden Tage Tagen Wochen Monate Monaten Jahre Jahren Mal Personen Leute Kinder Seiten "
        "Euro Dollar Cent Prozent Grad Meter Kilometer Kilo Gramm Liter Esslöffel Teelöffel Stück Punkte Millionen "
        "Milliarden"
    ),
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
            "Elisabeth Elisabeths Katharina Katharinas Margarethe Margarethes Isabella Isabellas Christina Innozenz "
            "Clemens Bonifatius Viktor Viktors Sigismund Sigismunds Philippe Baudouin Harald Haralds "
            "Konrad Konrads Albrecht Albrechts August Augusts Christian Christians Gustav Gustavs"
        ),
        say=_ruler,
        ranks=listed("König Königin Kaiser Kaiserin Papst Zar Zarin Herzog Fürst Prinz Kurfürst"),
        has_stop=True,
    ),
    ordinal_nouns=(
        OrdinalNouns(
            "Weltkrieg(?:es|s|e|en)?|Jahrhunderts?|Jahrtausends?|Akt(?:es|s)?|Kapitels?|Teil(?:es|s)?|Band(?:es|s)?|"
            "Abschnitts?|Quartals?|Republik|Zivilsenats?|Strafsenats?|Senats?|Bataillons?|Armeekorps|Klasse|Liga|"
            "Internationale|Dynastie|Gesangs?|Reich(?:es|s)?|Kreuzzug(?:es|s)?|Vatikan\\w+|Punische[nrs]?|Schlesische[nrs]?|"
            "Programms?|Korps|Armee|Koalition|Akademie|Internats?",
            _before_noun,
            has_stop=True,
        ),
    ),
    has_numbered_names=True,
    ordinals=_ORDINALS,
    heading_words=listed("kapitel buch teil band abschnitt brief akt aufzug szene"),
    lone_headings=listed("prolog epilog vorwort einleitung nachwort anhang vorrede"),
    contents_headings=("inhalt(?:sverzeichnis)?",),
    page_words=("seite",),
    sign_names=table(
        """
        ! Ausrufezeichen
        " Anführungszeichen
        # Raute
        $ Dollar
        % Prozent
        & Und-Zeichen
        ' Apostroph
        ( Klammer_auf
        ) Klammer_zu
        * Sternchen
        + plus
        , Komma
        - Bindestrich
        . Punkt
        / Schrägstrich
        : Doppelpunkt
        ; Semikolon
        < kleiner_als
        = gleich
        > größer_als
        ? Fragezeichen
        @ At-Zeichen
        [ eckige_Klammer_auf
        \\ Backslash
        ] eckige_Klammer_zu
        ^ Zirkumflex
        _ Unterstrich
        ` Gravis
        { geschweifte_Klammer_auf
        | senkrechter_Strich
        } geschweifte_Klammer_zu
        ~ Tilde
        € Euro
        £ Pfund
        § Paragraf
        ° Grad
        … Auslassungspunkte
        – Halbgeviertstrich
        — Gedankenstrich
        „ Anführungszeichen_unten
        “ Anführungszeichen_oben
        ” Anführungszeichen_oben_rechts
        « Guillemet_links
        » Guillemet_rechts
        • Aufzählungspunkt
        """
    ),
    espeak_voice="gmw/de",
    recording_script=(
        "Früh am Morgen war der Hafen noch still. Ein paar Möwen saßen auf der Mauer und warteten auf die Boote. "
        "Hörst du die Glocke? Sie läutet immer, wenn der Nebel vom Meer hereinzieht. Schnell, gehen wir zurück ins "
        "Haus, setzen Wasser auf und erzählen uns Geschichten, bis die Sonne wiederkommt!"
    ),
)
