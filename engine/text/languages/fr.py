"""French."""

from engine.text.languages.counting import ordinal, roman_value
from engine.text.languages.forms import UNDER_TWO_OTHER
from engine.text.languages.record import Language, Rewriting, Rulers, listed, table, word_set


def _time(hour: int, minute: int) -> str:
    if minute:
        return f"{hour} heure{'s' if hour != 1 else ''} {minute}"
    return f"{hour} heure{'s' if hour > 1 else ''}"


def _ruler(_before: str, _name: str, number: int) -> str:
    return "premier" if number == 1 else str(number)


def _ordinal(number: int, first: str | None, many: str | None) -> str | None:
    if first:
        return {"er": "premier", "re": "première", "ère": "première"}[first] if number == 1 else None
    return ordinal(number, "fr") + (many or "") if number > 1 else None


_ORDINALS = (
    Rewriting(
        r"(?<![\w.,:/-])(?P<n>\d{1,3})(?:\s?(?P<first>er|re|ère)|(?:e|è?me|ᵉ)(?P<many>s)?)(?!\w)",
        lambda match: _ordinal(int(match["n"]), match["first"], match["many"]),
    ),
    Rewriting(
        r"(?<!\w)(?P<roman>[XVI]{1,7})(?:(?P<first>er|re)|(?:e|ème|ᵉ)(?P<many>s)?)(?!\w)",
        lambda match: _ordinal(roman_value(match["roman"]), match["first"], match["many"]),
    ),
)


LANGUAGE = Language(
    code="fr",
    name="French",
    long_codes=listed("fra fre"),
    frequent_words=word_set(
        "et est dans pour pas avec vous nous sur cette sont elle qu ses aux très être ce au bonjour bonsoir merci "
        "salut beaucoup oui ils elles leur leurs où les chapitre facture aujourd hui après avant même comme était "
        "avait peut faire toujours jamais rien depuis chez donc ça ceci voici deux trois premier première revoir "
        "plaît œuvres une suis quand aussi fait alors sous votre notre"
    ),
    letters="àâçéèêëîïôùûœæ",
    own_letters="îûœæ",
    never_last=word_set(
        "m mm mme mmes mlle mlles me mgr dr drs pr prof st ste sts av bd env p pp art cf chap fig tél vol éd j.-c "
        "p.ex n no c.-à-d c.à.d max min ex réf trad"
    ),
    may_be_last=word_set("etc"),
    first_words=word_set(
        "le la les un une des il elle on nous vous ils elles je tu ce c'est cette ces mais et puis donc or si quand "
        "que qui pourquoi dans en à au pour par avec sans son sa ses l'on j'ai oui non"
    ),
    elides=True,
    compound_firsts=word_set("celui celle ceux est peut"),
    after_suspended_hyphen=word_set("et ou"),
    plural=UNDER_TWO_OTHER,
    has_grouping_spaces=True,
    months=listed("janvier février mars avril mai juin juillet août septembre octobre novembre décembre"),
    date="{day} {month} {year}",
    day_month_year="./",
    time=_time,
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
    has_ordinal_rings=True,
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
    address_signs=table(
        """
        . point
        @ arobase
        _ tiret_bas
        - tiret
        """
    ),
    title_abbreviations=table(
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
    number_abbreviations=table(
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
    abbreviations=table(
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
    closing_abbreviations=table(
        """
        etc. et_cetera
        """
    ),
    scales=listed("mille million millions milliard milliards"),
    of_scale=" de ",
    percent="{n} pour cent",
    range_word="à",
    numbered_words=listed(
        "chapitre partie livre tome volume acte scène section annexe figure tableau phase type article"
    ),
    rulers=Rulers(
        word_set(
            "Louis Henri Charles François Philippe Napoléon Jean Paul Pie Léon Grégoire Benoît Guillaume Georges "
            "Édouard Élisabeth Elisabeth Richard Jacques Nicolas Alexandre Pierre Catherine Ivan Frédéric Albert "
            "Léopold Baudouin Alphonse Ferdinand Victor-Emmanuel Jean-Paul Clément Innocent Urbain Boniface"
        ),
        say=_ruler,
        endings="er|re|ère",
    ),
    has_numbered_names=True,
    ordinals=_ORDINALS,
    heading_words=listed("chapitre livre partie tome section lettre acte scène annexe"),
    lone_headings=listed("prologue épilogue préface avant-propos introduction postface conclusion"),
    contents_headings=("table des matières", "sommaire"),
    espeak_voice="roa/fr",
    recording_script=(
        "Tôt le matin, le port était encore calme. Quelques mouettes attendaient les bateaux, posées sur le mur. "
        "Entends-tu la cloche ? Elle sonne chaque fois que la brume arrive de la mer. Vite, rentrons à la maison, "
        "mettons de l'eau à chauffer et racontons-nous des histoires jusqu'au retour du soleil !"
    ),
)
