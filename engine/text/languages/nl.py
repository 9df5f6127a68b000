"""Dutch."""

import re

from engine.text.languages.counting import ordinal, roman_value
from engine.text.languages.record import (
    Centuries,
    Language,
    Rewriting,
    Rulers,
    listed,
    table,
    time_of_day,
    word_set,
)


def _ruler(_before: str, _name: str, number: int) -> str | None:
    return f"de {ordinal(number, 'nl')}" if number < 100 else None


def _ordinal(match: re.Match[str]) -> str | None:
    return ordinal(int(match["n"]), "nl") if int(match["n"]) else None


_ORDINALS = (
    Rewriting(r"(?<![\w.,:/-])(?P<n>\d{1,3})(?:ste|de|e)(?!\w)", _ordinal),
    Rewriting(r"(?<!\w)(?P<roman>[XVI]{1,6})e(?=\seeuw)", lambda match: ordinal(roman_value(match["roman"]), "nl")),
)


LANGUAGE = Language(
    code="nl",
    name="Dutch",
    long_codes=listed("nld dut"),
    frequent_words=word_set(
        "het een van niet dat zijn voor ook naar maar wordt deze hij wij aan heeft werd nog ik jij zij geen "
        "goedemorgen goedenavond goedemiddag welterusten hoofdstuk alstublieft bedankt dank ziens hun zou kunnen "
        "moet mijn straat factuur uur jaar vandaag gisteren waar hoe waarom wanneer omdat worden hebben zei huis "
        "niets iets iemand niemand altijd kwam ging goed goede onze uw wel op bij"
    ),
    letters="éëïöüèê",
    never_last=word_set(
        "dhr mevr mw mej dr drs ir ing mr prof st bijv b.v bv d.w.z o.a m.n i.p.v t.a.v t.o.v n.a.v m.b.t i.v.m e.d "
        "a.u.b m.a.w t.g.v z.g ca nr nrs blz pag p art fig tel afb hfst max min resp incl excl vgl ds"
    ),
    may_be_last=word_set("enz etc"),
    first_words=word_set(
        "de het een hij zij ze we wij jij je ik dit dat deze die maar en toen dan dus als wanneer wat wie hoe waarom "
        "in op bij na voor met zijn haar er daar niet geen ja nee ook"
    ),
    clitics="snt",
    after_suspended_hyphen=word_set("en of"),
    has_grouping_spaces=True,
    months=listed("januari februari maart april mei juni juli augustus september oktober november december"),
    date="{day} {month} {year}",
    day_month_year="-/.",
    time=time_of_day("{hour} uur {minute}", "{hour} uur"),
    hour_words=listed("uur"),
    units=table(
        """
        km kilometer
        m meter
        cm centimeter
        mm millimeter
        kg kilogram
        g gram
        mg milligram
        l liter
        ml milliliter
        km² vierkante_kilometer
        m² vierkante_meter
        km/h kilometer_per_uur
        m/s meter_per_seconde
        °C graden_Celsius
        °F graden_Fahrenheit
        ° graden
        min minuut minuten
        s seconde seconden
        h uur
        ms milliseconde milliseconden
        GB gigabyte
        MB megabyte
        kB kilobyte
        TB terabyte
        GHz gigahertz
        MHz megahertz
        kHz kilohertz
        Hz hertz
        kW kilowatt
        kWh kilowattuur
        W watt
        V volt
        dB decibel
        t ton
        ha hectare
        mph mijl_per_uur
        ft voet
        lb pond
        oz ounce
        """
    ),
    currencies=table(
        """
        $ dollar
        € euro
        £ pond
        ¥ yen
        ₽ roebel
        ₩ won
        ₹ roepie
        CHF Zwitserse_frank
        zł zloty
        """
    ),
    signs=table(
        """
        + plus
        = is
        × maal
        ÷ gedeeld_door
        ± plusminus
        ≈ ongeveer
        < kleiner_dan
        > groter_dan
        ≤ hoogstens
        ≥ minstens
        − min
        & en
        § paragraaf
        № nummer
        """
    ),
    address_signs=table(
        """
        . punt
        @ apenstaartje
        _ laag_streepje
        - streepje
        """
    ),
    title_abbreviations=table(
        """
        dhr. de_heer
        Dhr. De_heer
        mevr. mevrouw
        Mevr. Mevrouw
        mw. mevrouw
        Mw. Mevrouw
        dr. doctor
        Dr. Doctor
        prof. professor
        Prof. Professor
        drs. doctorandus
        Drs. Doctorandus
        ir. ingenieur
        ing. ingenieur
        mr. meester
        ds. dominee
        St. Sint
        """
    ),
    number_abbreviations=table(
        """
        nr. nummer
        nrs. nummers
        blz. bladzijde
        p. pagina
        pag. pagina
        hfst. hoofdstuk
        art. artikel
        afb. afbeelding
        fig. figuur
        tel. telefoon
        ca. circa
        """
    ),
    abbreviations=table(
        """
        bijv. bijvoorbeeld
        bv. bijvoorbeeld
        b.v. bijvoorbeeld
        d.w.z. dat_wil_zeggen
        o.a. onder_andere
        m.a.w. met_andere_woorden
        t.a.v. ter_attentie_van
        i.p.v. in_plaats_van
        n.a.v. naar_aanleiding_van
        t.o.v. ten_opzichte_van
        i.v.m. in_verband_met
        m.b.t. met_betrekking_tot
        a.u.b. alstublieft
        ca. circa
        v.Chr. voor_Christus
        v._Chr. voor_Christus
        n.Chr. na_Christus
        n._Chr. na_Christus
        incl. inclusief
        excl. exclusief
        resp. respectievelijk
        vgl. vergelijk
        max. maximaal
        min. minimaal
        """
    ),
    closing_abbreviations=table(
        """
        enz. enzovoort
        etc. et_cetera
        e.d. en_dergelijke
        e.a. en_anderen
        """
    ),
    scales=listed("duizend miljoen miljard biljoen"),
    percent="{n} procent",
    range_word="tot",
    numbered_words=listed(
        "hoofdstuk deel boek band akte bedrijf scène sectie bijlage figuur tabel fase type artikel wereldoorlog"
    ),
    rulers=Rulers(
        word_set(
            "Willem Hendrik Karel Lodewijk Filips Frederik George Eduard Elizabeth Jacob Nicolaas Alexander Peter "
            "Catharina Ivan Pius Leo Gregorius Benedictus Paulus Napoleon Leopold Albert Boudewijn Richard Otto "
            "Johannes"
        ),
        say=_ruler,
    ),
    has_numbered_names=True,
    ordinals=_ORDINALS,
    centuries=Centuries("eeuw(?:en)?", lambda number, _noun, _before: ordinal(number, "nl")),
    heading_words=listed("hoofdstuk boek deel band brief bedrijf akte scène bijlage"),
    lone_headings=listed("proloog epiloog voorwoord inleiding nawoord"),
    contents_headings=("inhoud(?:sopgave)?",),
    page_words=("pagina",),
    espeak_voice="gmw/nl",
    recording_script=(
        "Vroeg in de ochtend was de haven nog stil. Een paar meeuwen zaten op de muur en wachtten op de boten. Hoor "
        "je de bel? Die luidt altijd wanneer de mist van zee komt. Vlug, laten we teruggaan naar huis, water opzetten"
        " en elkaar verhalen vertellen tot de zon terugkomt!"
    ),
)
