"""Dutch."""

import re

from engine.text.languages.counting import ordinal, roman_value
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


def _ruler(_before: str, _name: str, number: int) -> str | None:
    return f"de {ordinal(number, 'nl')}" if number < 100 else None


def _ordinal(match: re.Match[str]) -> str | None:
    return ordinal(int(match["n"]), "nl") if int(match["n"]) else None


_ORDINALS = (
    Rewriting(r"(?<![\w.,:/-])(?P<n>\d{1,3})(?:ste|de|e)(?!\w)", _ordinal),
    Rewriting(
        r"(?<!\w)(?P<roman>[XVI]{1,6})e(?=(?:\s(?:en|of|tot)\s[XVI]{1,6}e)?\s(?:eeuw|wereldoorlog|Wereldoorlog))",
        lambda match: ordinal(roman_value(match["roman"]), "nl"),
    ),
)


LANGUAGE = Language(
    code="nl",
    name="Dutch",
    long_codes=listed("nld dut"),
    frequent_words=word_set(
        "het een van niet dat zijn voor ook naar maar wordt deze hij wij aan heeft werd nog ik jij zij geen "
        "goedemorgen goedenavond goedemiddag welterusten hoofdstuk alstublieft bedankt dank ziens hun zou kunnen "
        "moet mijn straat factuur uur jaar vandaag gisteren waar hoe waarom wanneer omdat worden hebben zei huis "
        "niets iets iemand niemand altijd kwam ging goed goede onze uw wel op bij wereld houden zullen"
    ),
    letters="éëïöüèê",
    never_last=word_set(
        "dhr mevr mw mej dr drs ir ing mr prof st bijv b.v bv d.w.z o.a m.n i.p.v t.a.v t.o.v n.a.v m.b.t i.v.m "
        "a.u.b m.a.w t.g.v z.g ca nr nrs blz pag p fig tel afb hfst max min resp incl excl vgl ds"
        " ong gem evt hst plm bijl feb mrt apr aug sept sep okt nov dec"
    ),
    before_numbers=word_set(
        "art artt hfdst hfst fig figg afb tab vgl ref refs par pag blz nrs nr dl dln vol tel app lid ca bijl ed opl nt"
    ),
    may_be_last=word_set("enz etc e.d e.a o.i.d"),
    plain_words=word_set("al bel dat hand mand me tom ver volt pas pan top lat hert bul form trim pers best art"),
    first_words=word_set(
        "de het een hij zij ze we wij jij je ik dit dat deze die maar en toen dan dus als wanneer wat wie hoe waarom "
        "in op bij na voor met zijn haar er daar niet geen ja nee ook"
    ),
    clitics="snt",
    one_letter_words="UO",
    after_suspended_hyphen=word_set("en of"),
    has_grouping_spaces=True,
    months=listed("januari februari maart april mei juni juli augustus september oktober november december"),
    short_months=listed("jan. feb.|febr. mrt. apr. mei jun. jul. aug. sept.|sep. okt. nov. dec."),
    date="{day} {month} {year}",
    day_month_year="-/.",
    time=time_of_day("{hour} uur {minute}", "{hour} uur"),
    hour_words=listed("uur u. u"),
    time_words=listed("om"),
    ratio_words=listed(
        "verhouding schaal Genesis Exodus Psalm Spreuken Jesaja Jeremia Matteüs Mattheüs Marcus Lucas Johannes "
        "Handelingen Romeinen Korintiërs Galaten Efeziërs Filippenzen Hebreeën Jakobus Petrus Openbaring"
    ),
    units=table(
        """
        ° graden
        °C graden_Celsius
        °F graden_Fahrenheit
        t ton
        lb pond
        dB decibel
        km/u kilometer_per_uur
        sec. seconde seconden
        sec seconde seconden
        min. minuut minuten
        mAh milliampère-uur
        pk paardenkracht
        el eetlepel eetlepels
        tl theelepel theelepels
        u. uur
        pers. persoon personen
        wk. week weken
        * ster sterren
        """
    ),
    joins_units="-",
    phrases=(
        span_of_days(
            """
            ma maandag
            di dinsdag
            wo woensdag
            do donderdag
            vr vrijdag
            za zaterdag
            zo zondag
            """,
            "tot en met",
        ),
        Rewriting(r"\b(?:[Dd]e|[Dd]eze|[Ee]en)\s(?P<written>b\.v\.)", lambda _match: "B.V."),
    ),
    per="per",
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
        ct cent
        """
    ),
    cents=table(
        """
        $ cent
        € cent
        £ penny pence
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
        §§ paragrafen
        № nummer
        """
    ),
    powers=powers("kwadraat", "tot de macht 3", "tot de macht {n}", minus="min"),
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
        Mr. Meester
        ds. dominee
        St. Sint
        """
    ),
    name_particles=listed("van de den der ten ter von"),
    number_abbreviations=table(
        """
        nr. nummer
        nrs. nummers
        hst. hoofdstuk
        par. paragraaf
        ong. ongeveer
        plm. ongeveer
        bijl. bijlage
        no. nummer
        gem. gemiddeld
        geb. geboren
        blz. bladzijde
        p. pagina
        pag. pagina
        hfst. hoofdstuk
        hfdst. hoofdstuk
        dl. deel
        hs. hoofdstuk
        art. artikel
        afb. afbeelding
        fig. figuur
        tel. telefoon
        ca. circa
        di. dinsdag
        wo. woensdag
        do. donderdag
        vr. vrijdag
        za. zaterdag
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
        t.a.v. ten_aanzien_van
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
        ong. ongeveer
        gem. gemiddeld
        evt. eventueel
        t/m tot_en_met
        d.m.v. door_middel_van
        a.d.h.v. aan_de_hand_van
        i.t.t. in_tegenstelling_tot
        z.s.m. zo_snel_mogelijk
        m.u.v. met_uitzondering_van
        o.l.v. onder_leiding_van
        t.b.v. ten_behoeve_van
        o.v.v. onder_vermelding_van
        o.b.v. op_basis_van
        i.h.b. in_het_bijzonder
        m.n. met_name
        t.g.v. ten_gevolge_van
        i.s.m. in_samenwerking_met
        zgn. zogenaamde
        z.g. zogenaamde
        blz. bladzijde
        nl. namelijk
        mln. miljoen
        mld. miljard
        """
    ),
    closing_abbreviations=table(
        """
        enz. enzovoort
        etc. et_cetera
        e.d. en_dergelijke
        o.i.d. of_iets_dergelijks
        e.a. en_anderen
        e.v. en_verder
        jl. jongstleden
        jr. junior
        sr. senior
        a.s. aanstaande
        """
    ),
    scales=listed("duizend miljoen miljard biljoen"),
    magnitudes=table(
        """
        k duizend
        K duizend
        dzd. duizend
        M miljoen
        m miljoen
        mln miljoen
        mio miljoen
        mld miljard
        mrd miljard
        bn miljard
        B miljard
        """
    ),
    counted_nouns=listed(
        "seconden minuten uur uren dagen nachten weken maanden jaar jaren keer personen mensen kinderen bladzijden "
        "euro dollar cent procent graden meter kilometer kilo gram liter eetlepels theelepels stuks punten miljoen "
        "miljard"
    ),
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
    ordinal_nouns=(OrdinalNouns("eeuw(?:en)?", lambda number, _noun, _before: ordinal(number, "nl")),),
    heading_words=listed("hoofdstuk boek deel band brief bedrijf akte scène bijlage"),
    lone_headings=listed("proloog epiloog voorwoord inleiding nawoord"),
    contents_headings=("inhoud(?:sopgave)?",),
    page_words=("pagina", "bladzijde"),
    sign_names=table(
        """
        ! uitroepteken
        " aanhalingsteken
        # hekje
        $ dollar
        % procent
        & en-teken
        ' apostrof
        ( haakje_openen
        ) haakje_sluiten
        * sterretje
        + plus
        , komma
        - koppelteken
        . punt
        / schuine_streep
        : dubbele_punt
        ; puntkomma
        < kleiner_dan
        = is_gelijk_aan
        > groter_dan
        ? vraagteken
        @ apenstaartje
        [ vierkant_haakje_openen
        \\ backslash
        ] vierkant_haakje_sluiten
        ^ dakje
        _ liggend_streepje
        ` accent_grave
        { accolade_openen
        | verticale_streep
        } accolade_sluiten
        ~ tilde
        € euro
        £ pond
        § paragraaf
        ° graden
        … beletselteken
        – half_kastlijntje
        — kastlijntje
        „ aanhalingsteken_laag
        “ aanhalingsteken_openen
        ” aanhalingsteken_sluiten
        « aanhalingsteken_openen
        » aanhalingsteken_sluiten
        • opsommingsteken
        """
    ),
    espeak_voice="gmw/nl",
    recording_script=(
        "Vroeg in de ochtend was de haven nog stil. Een paar meeuwen zaten op de muur en wachtten op de boten. Hoor "
        "je de bel? Die luidt altijd wanneer de mist van zee komt. Vlug, laten we teruggaan naar huis, water opzetten"
        " en elkaar verhalen vertellen tot de zon terugkomt!"
    ),
)
