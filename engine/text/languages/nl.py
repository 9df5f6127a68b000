"""Dutch."""

from engine.text.languages.record import Words, listed, table

WORDS = Words(
    months=listed("januari februari maart april mei juni juli augustus september oktober november december"),
    date="{day} {month} {year}",
    day_month_year="-/.",
    clock="{hour} uur {minute}",
    full_hour="{hour} uur",
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
    address=table(
        """
        . punt
        @ apenstaartje
        _ laag_streepje
        - streepje
        """
    ),
    titles=table(
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
    before_numbers=table(
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
    anywhere=table(
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
    closing=table(
        """
        enz. enzovoort
        etc. et_cetera
        e.d. en_dergelijke
        e.a. en_anderen
        """
    ),
    scales=listed("duizend miljoen miljard biljoen"),
    percent="{n} procent",
    to="tot",
    numbered=listed(
        "hoofdstuk deel boek band akte bedrijf scène sectie bijlage figuur tabel fase type artikel wereldoorlog"
    ),
    rulers=frozenset(
        listed(
            "Willem Hendrik Karel Lodewijk Filips Frederik George Eduard Elizabeth Jacob Nicolaas Alexander Peter "
            "Catharina Ivan Pius Leo Gregorius Benedictus Paulus Napoleon Leopold Albert Boudewijn Richard Otto "
            "Johannes"
        )
    ),
    other_names=True,
)
