"""Italian."""

from engine.text.languages.record import Words, listed, table

WORDS = Words(
    months=listed("gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre"),
    date="{day} {month} {year}",
    day_month_year="/.",
    clock="{hour} e {minute}",
    full_hour="{hour}",
    units=table(
        """
        km chilometro chilometri
        m metro metri
        cm centimetro centimetri
        mm millimetro millimetri
        kg chilogrammo chilogrammi
        g grammo grammi
        mg milligrammo milligrammi
        l litro litri
        ml millilitro millilitri
        km² chilometro_quadrato chilometri_quadrati
        m² metro_quadrato metri_quadrati
        km/h chilometro_orario chilometri_orari
        m/s metro_al_secondo metri_al_secondo
        °C grado_Celsius gradi_Celsius
        °F grado_Fahrenheit gradi_Fahrenheit
        ° grado gradi
        min minuto minuti
        s secondo secondi
        h ora ore
        ms millisecondo millisecondi
        GB gigabyte
        MB megabyte
        kB kilobyte
        TB terabyte
        GHz gigahertz
        MHz megahertz
        kHz kilohertz
        Hz hertz
        kW chilowatt
        kWh chilowattora
        W watt
        V volt
        dB decibel
        t tonnellata tonnellate
        ha ettaro ettari
        mph miglio_orario miglia_orarie
        ft piede piedi
        lb libbra libbre
        oz oncia once
        """
    ),
    currencies=table(
        """
        $ dollaro dollari
        € euro
        £ sterlina sterline
        ¥ yen
        ₽ rublo rubli
        ₩ won
        ₹ rupia rupie
        CHF franco_svizzero franchi_svizzeri
        zł zloty
        """
    ),
    signs=table(
        """
        + più
        = uguale_a
        × per
        ÷ diviso
        ± più_o_meno
        ≈ circa
        < minore_di
        > maggiore_di
        ≤ al_massimo
        ≥ almeno
        − meno
        & e
        § paragrafo
        № numero
        """
    ),
    address=table(
        """
        . punto
        @ chiocciola
        _ trattino_basso
        - trattino
        """
    ),
    titles=table(
        """
        Sig. Signor
        sig. signor
        Sig.ra Signora
        sig.ra signora
        Sig.na Signorina
        Sigg. Signori
        Dott. Dottor
        dott. dottor
        Dott.ssa Dottoressa
        dott.ssa dottoressa
        Prof. Professor
        prof. professor
        Prof.ssa Professoressa
        Avv. Avvocato
        avv. avvocato
        Ing. Ingegner
        ing. ingegner
        Arch. Architetto
        On. Onorevole
        Mons. Monsignor
        Geom. Geometra
        Rag. Ragionier
        """
    ),
    before_numbers=table(
        """
        n. numero
        N. numero
        nn. numeri
        p. pagina
        pag. pagina
        pagg. pagine
        pp. pagine
        cap. capitolo
        art. articolo
        fig. figura
        vol. volume
        tel. telefono
        """
    ),
    anywhere=table(
        """
        p.es. per_esempio
        p._es. per_esempio
        ad_es. ad_esempio
        a.C. avanti_Cristo
        a._C. avanti_Cristo
        d.C. dopo_Cristo
        d._C. dopo_Cristo
        cfr. confronta
        es. esempio
        ca. circa
        """
    ),
    closing=table(
        """
        ecc. eccetera
        etc. eccetera
        """
    ),
    before_cents=" e ",
    scales=listed("mila milione milioni miliardo miliardi"),
    of_scale=" di ",
    percent="{n} per cento",
    to="a",
    numbered=listed(
        "capitolo parte libro tomo volume atto scena sezione appendice figura tabella fase tipo articolo canto"
    ),
    rulers=frozenset(
        listed(
            "Vittorio Emanuele Umberto Carlo Luigi Enrico Federico Filippo Giovanni Paolo Pio Leone Gregorio Benedetto "
            "Napoleone Guglielmo Giorgio Edoardo Elisabetta Riccardo Giacomo Nicola Alessandro Pietro Caterina Ivan "
            "Alfonso Ferdinando Francesco Leopoldo Amedeo Cosimo Clemente Innocenzo Urbano Bonifacio Sisto Giulio"
        )
    ),
    other_names=True,
)
