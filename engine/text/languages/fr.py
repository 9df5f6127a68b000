"""French."""

from engine.text.languages.record import Words, listed, table

WORDS = Words(
    plural="zero_one_other",
    months=listed("janvier février mars avril mai juin juillet août septembre octobre novembre décembre"),
    date="{day} {month} {year}",
    day_month_year="./",
    clock="{hour} heures {minute}",
    full_hour="{hour} heures",
    hour_words=listed("h"),
    units=table(
        """
        km kilomètre kilomètres
        m mètre mètres
        cm centimètre centimètres
        mm millimètre millimètres
        kg kilogramme kilogrammes
        g gramme grammes
        mg milligramme milligrammes
        l litre litres
        ml millilitre millilitres
        km² kilomètre_carré kilomètres_carrés
        m² mètre_carré mètres_carrés
        km/h kilomètre_par_heure kilomètres_par_heure
        m/s mètre_par_seconde mètres_par_seconde
        °C degré_Celsius degrés_Celsius
        °F degré_Fahrenheit degrés_Fahrenheit
        ° degré degrés
        min minute minutes
        s seconde secondes
        h heure heures
        ms milliseconde millisecondes
        GB gigaoctet gigaoctets
        MB mégaoctet mégaoctets
        kB kilooctet kilooctets
        TB téraoctet téraoctets
        GHz gigahertz
        MHz mégahertz
        kHz kilohertz
        Hz hertz
        kW kilowatt kilowatts
        kWh kilowattheure kilowattheures
        W watt watts
        V volt volts
        dB décibel décibels
        t tonne tonnes
        ha hectare hectares
        mph mile_par_heure miles_par_heure
        ft pied pieds
        lb livre livres
        oz once onces
        """
    ),
    currencies=table(
        """
        $ dollar dollars
        € euro euros
        £ livre livres
        ¥ yen yens
        ₽ rouble roubles
        ₩ won wons
        ₹ roupie roupies
        CHF franc_suisse francs_suisses
        zł zloty zlotys
        """
    ),
    signs=table(
        """
        + plus
        = égale
        × fois
        ÷ divisé_par
        ± plus_ou_moins
        ≈ environ
        < inférieur_à
        > supérieur_à
        ≤ au_plus
        ≥ au_moins
        − moins
        & et
        § paragraphe
        № numéro
        """
    ),
    address=table(
        """
        . point
        @ arobase
        _ tiret_bas
        - tiret
        """
    ),
    titles=table(
        """
        M. Monsieur
        MM. Messieurs
        Mme Madame
        Mmes Mesdames
        Mlle Mademoiselle
        Mlles Mesdemoiselles
        Dr Docteur
        Dr. Docteur
        Pr Professeur
        Pr. Professeur
        Mgr Monseigneur
        St Saint
        Ste Sainte
        """
    ),
    before_numbers=table(
        """
        n° numéro
        N° numéro
        no numéro
        nº numéro
        p. page
        pp. pages
        chap. chapitre
        art. article
        fig. figure
        vol. volume
        t. tome
        env. environ
        """
    ),
    anywhere=table(
        """
        p.ex. par_exemple
        p._ex. par_exemple
        c.-à-d. c’est-à-dire
        c.à.d. c’est-à-dire
        av._J.-C. avant_Jésus-Christ
        apr._J.-C. après_Jésus-Christ
        ap._J.-C. après_Jésus-Christ
        cf. confer
        env. environ
        bd boulevard
        """
    ),
    closing=table(
        """
        etc. et_cetera
        """
    ),
    scales=listed("mille million millions milliard milliards"),
    of_scale=" de ",
    percent="{n} pour cent",
    to="à",
    numbered=listed("chapitre partie livre tome volume acte scène section annexe figure tableau phase type article"),
    rulers=frozenset(
        listed(
            "Louis Henri Charles François Philippe Napoléon Jean Paul Pie Léon Grégoire Benoît Guillaume Georges "
            "Édouard Élisabeth Elisabeth Richard Jacques Nicolas Alexandre Pierre Catherine Ivan Frédéric Albert "
            "Léopold Baudouin Alphonse Ferdinand Victor-Emmanuel Jean-Paul Clément Innocent Urbain Boniface"
        )
    ),
    other_names=True,
)
