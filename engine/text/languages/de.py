"""German."""

from engine.text.languages.record import Words, listed, table

WORDS = Words(
    months=listed("Januar Februar März April Mai Juni Juli August September Oktober November Dezember"),
    date="{day}. {month} {year}",
    day_month_year=".",
    clock="{hour} Uhr {minute}",
    full_hour="{hour} Uhr",
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
    address=table(
        """
        . Punkt
        @ ät
        _ Unterstrich
        - Bindestrich
        """
    ),
    titles=table(
        """
        Dr. Doktor
        Prof. Professor
        Hr. Herr
        Hrn. Herrn
        Fr. Frau
        St. Sankt
        """
    ),
    before_numbers=table(
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
    anywhere=table(
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
    closing=table(
        """
        usw. und_so_weiter
        etc. et_cetera
        usf. und_so_fort
        u.s.w. und_so_weiter
        """
    ),
    scales=listed("Tausend Million Millionen Milliarde Milliarden Billion Billionen Mio. Mrd."),
    percent="{n} Prozent",
    to="bis",
    numbered=listed(
        "Kapitel Teil Band Buch Akt Szene Abschnitt Anhang Abbildung Tabelle Phase Typ Artikel Klasse Weltkrieg"
    ),
    rulers=frozenset(
        listed(
            "Heinrich Heinrichs Friedrich Friedrichs Wilhelm Wilhelms Karl Karls Ludwig Ludwigs Otto Ottos Leopold "
            "Leopolds Franz Georg Georgs Eduard Eduards Johann Johannes Maximilian Maximilians Ferdinand Ferdinands "
            "Rudolf Rudolfs Joseph Josephs Philipp Philipps Nikolaus Alexander Alexanders Peter Peters Iwan Iwans Pius "
            "Leo Leos Gregor Gregors Benedikt Benedikts Paul Pauls Napoleon Napoleons Jakob Jakobs Richard Richards "
            "Konrad Konrads Albrecht Albrechts August Augusts Christian Christians Gustav Gustavs"
        )
    ),
    other_names=True,
)
