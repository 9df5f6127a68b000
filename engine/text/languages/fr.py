"""French."""

import re

from engine.text.languages.counting import ROMAN, ordinal, roman_value
from engine.text.languages.forms import UNDER_TWO_OTHER
from engine.text.languages.record import (
    Language,
    Rewriting,
    Rulers,
    listed,
    powers,
    span_of_days,
    table,
    word_set,
)


def _time(hour: int, minute: int) -> str:
    hours = f"{'une' if hour == 1 else hour} heure{'s' if hour > 1 else ''}"
    return f"{hours} {'une' if minute == 1 else minute}" if minute else hours


_QUEENS = word_set("Élisabeth Elisabeth Catherine Isabelle Marie Anne Jeanne Marguerite Victoria Christine")


def _ruler(_before: str, name: str, number: int) -> str:
    first = "première" if name in _QUEENS else "premier"
    return first if number == 1 else str(number)


def _ordinal(number: int, first: str | None, many: str | None) -> str | None:
    if first:
        word = {"er": "premier", "re": "première", "ère": "première"}[first]
        return word + (many or "") if number == 1 else None
    return ordinal(number, "fr") + (many or "") if number > 1 else None


def _second(match: re.Match[str]) -> str | None:
    """Say "2nd" and "2nde", which are no "deuxième"."""
    word = {"d": "second", "nd": "second", "de": "seconde", "nde": "seconde"}.get(match["ending"])
    return f"{word}{match['many'] or ''}" if word else None


def _roman_ordinal(match: re.Match[str]) -> str | None:
    roman, rest = match["roman"].upper(), match.string[match.end() :]
    is_of_century = match["century"] or _BEFORE_CENTURY.match(rest)
    if not re.fullmatch(ROMAN, roman) or (match["roman"].islower() and not is_of_century):
        return None
    said = _ordinal(roman_value(roman), match["first"], match["many"])
    return f"{said} siècle{'' if rest else '.'}" if said and match["century"] else said


_ENDING = r"(?:(?P<first>er|re|ère)|(?:e|i?[èe]me|ᵉ))(?P<many>s)?(?!\w)"
# In small letters, as small capitals come out of a document: "aux xvie et xviie siècles".
_BEFORE_CENTURY = re.compile(
    r"(?:(?:,|\s?[–-]|\s(?:et|ou|au|du|à)(?:\s(?:le|la|fin|début))?)\s?[IVXivx]{1,6}(?:er|e|ème|ᵉ)){0,5}\s(?:siècles?|s\.)"
)
_ORDINALS = (
    Rewriting(r"(?<![\w.,:/-])2(?P<ending>n?de?)(?P<many>s)?(?!\w)", _second),
    Rewriting(
        r"(?<![\w.,:/-])(?P<n>\d{1,3})(?:\s?(?P<first>er|re|ère)|(?:e|i?è?me|ᵉ))(?P<many>s)?(?!\w)",
        lambda match: _ordinal(int(match["n"]), match["first"], match["many"]),
    ),
    Rewriting(rf"(?<!\w)(?P<roman>[XVI]{{1,7}}|[xvi]{{1,7}}){_ENDING}(?P<century>\ss\.)?", _roman_ordinal),
)


LANGUAGE = Language(
    code="fr",
    name="French",
    long_codes=listed("fra fre"),
    frequent_words=word_set(
        "et est dans pour pas avec vous nous sur cette sont elle qu ses aux très être ce au bonjour bonsoir merci "
        "salut beaucoup oui ils elles leur leurs où les chapitre facture aujourd hui après avant même comme était "
        "avait peut faire toujours jamais rien depuis chez donc ça ceci voici deux trois premier première revoir "
        "plaît œuvres une suis quand aussi fait alors sous votre notre tant pis"
    ),
    letters="àâçéèêëîïôùûœæ",
    own_letters="îûœæ",
    never_last=word_set(
        "m mm mme mmes mlle mlles me mgr dr drs pr prof st ste sts av bd env p pp cf chap fig tél éd j.-c "
        "p.ex n no c.-à-d c.à.d max min ex réf trad janv févr fév avr juil juill oct nov déc bât apt boul cdt cne "
        "gal vve nos dép "
        "mr"
    ),
    before_numbers=word_set(
        "art chap chp fig figs tabl réf réfs éq sect vol t n nos al app appt bât ét esc tél p pp env av ann livr fasc"
    ),
    may_be_last=word_set("etc"),
    words_after={"mer": word_set("la en une sa"), "jeu": word_set("un ce mon son")},
    plain_words=word_set("art vol"),
    first_words=word_set(
        "le la les un une des il elle on nous vous ils elles je tu ce c'est cette ces mais et puis donc or si quand "
        "que qui pourquoi dans en à au pour par avec sans son sa ses l'on j'ai oui non"
    ),
    elides=True,
    compound_firsts=word_set("vingt trente quarante cinquante soixante quatre celui celle ceux est peut"),
    one_letter_words="AÀYO",
    after_suspended_hyphen=word_set("et ou"),
    plural=UNDER_TWO_OTHER,
    has_grouping_spaces=True,
    months=listed("janvier février mars avril mai juin juillet août septembre octobre novembre décembre"),
    short_months=listed("janv.|jan. févr.|fév. mars avr. mai juin juil.|juill. août sept. oct. nov. déc."),
    date="{day} {month} {year}",
    day_in_date=lambda day: "premier" if day == 1 else str(day),
    day_month_year="./",
    time=_time,
    hour_words=listed("h"),
    time_words=listed("à"),
    ratio_words=listed(
        "score "
        "échelle ratio rapport proportion cote Genèse Exode Psaume Psaumes Proverbes Isaïe Ésaïe Jérémie Ézéchiel "
        "Daniel Matthieu Marc Luc Jean Actes Romains Corinthiens Galates Éphésiens Philippiens Hébreux Jacques "
        "Pierre Apocalypse sourate"
    ),
    units=table(
        """
        * étoile étoiles
        an an ans
        kWh kilowattheure kilowattheures
        dB décibel décibels
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
    phrases=(
        span_of_days(
            """
            lun lundi
            mar mardi
            mer mercredi
            jeu jeudi
            ven vendredi
            sam samedi
            dim dimanche
            """,
            "à",
        ),
        Rewriting(
            r"(?<![\w.])(?P<written>pl\.)(?=\s(?:d[eu]\s|d['’]|(?:la\s)?[^\W\d_a-zß-ÿ]))", lambda _match: "place"
        ),
        Rewriting(  # "1m80"
            r"(?<![\w.,/-])\d(?P<written>\s?m\s?)(?=\d\d(?!\w|[.,]\d))",
            lambda match: f" mètre{'s' if match[0] > '2' else ''} ",
        ),
        Rewriting(r"(?<![\w.])(?P<written>rte)(?=\sd[eu’'])", lambda _match: "route"),
        Rewriting(r"(?<![\w.])(?P<written>imp\.)(?=\sd[eu’'])", lambda _match: "impasse"),
        Rewriting(r"(?<![\w.,/])24\s?h\s?/\s?24(?![\w/])", lambda _match: "24 heures sur 24"),
        Rewriting(r"(?<![\w.,/])7\s?j(?:ours)?\s?/\s?7(?![\w/])", lambda _match: "7 jours sur 7"),
    ),
    title_abbreviations=table(
        """
        Mgr. Monseigneur
        Mme. Madame
        Mmes. Mesdames
        Mlle. Mademoiselle
        Mr Monsieur
        Mr. Monsieur
        St. Saint
        Ste. Sainte
        Sts Saints
        Me Maître
        Vve Veuve
        Prof. Professeur
        Cdt Commandant
        Cne Capitaine
        Gal Général
        M. Monsieur
        MM. Messieurs
        Mme Madame
        Mmes Mesdames
        Mlle Mademoiselle
        Mlles Mesdemoiselles
        Dr Docteur
        Drs Docteurs
        Dr. Docteur
        Pr Professeur
        Pr. Professeur
        Mgr Monseigneur
        St Saint
        Ste Sainte
        """
    ),
    name_particles=listed("de du des d' d’ la le les l' l’ von van"),
    number_abbreviations=table(
        """
        lun. lundi
        mar. mardi
        mer. mercredi
        jeu. jeudi
        ven. vendredi
        sam. samedi
        dim. dimanche
        ch. chapitre
        al. alinéa
        tél. téléphone
        tél téléphone
        nos numéros
        n°s numéros
        figs. figures
        éd. édition
        réf. référence
        bât. bâtiment
        apt. appartement
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
        vols. volumes
        t. tome
        env. environ
        """
    ),
    abbreviations=table(
        """
        Sté Société
        Ets Établissements
        av. avenue
        bd. boulevard
        boul. boulevard
        ex. exemple
        max. maximum
        min. minimum
        rdv rendez-vous
        RDV rendez-vous
        svp s’il_vous_plaît
        s.v.p. s’il_vous_plaît
        qqn quelqu’un
        qqch quelque_chose
        N.B. nota_bene
        P.-S. post-scriptum
        NB nota_bene
        ndlr note_de_la_rédaction
        dép. département
        c-à-d c’est-à-dire
        c-à-d. c’est-à-dire
        càd c’est-à-dire
        qté quantité
        p.ex. par_exemple
        p._ex. par_exemple
        c.-à-d. c’est-à-dire
        c.à.d. c’est-à-dire
        cf. confer
        env. environ
        bd boulevard
        """
    ),
    closing_abbreviations=table(
        """
        av._J.-C. avant_Jésus-Christ
        apr._J.-C. après_Jésus-Christ
        ap._J.-C. après_Jésus-Christ
        etc. et_cetera
        """
    ),
    scales=listed("mille million millions milliard milliards"),
    of_scale=" de ",
    magnitudes=table(
        """
        k mille
        K mille
        M million millions
        Mio million millions
        Md milliard milliards
        Mds milliard milliards
        Mrd milliard milliards
        """
    ),
    thousand="mille",
    of_scale_before_vowel=" d’",
    cents=table(
        """
        € centime centimes
        $ cent cents
        £ penny pence
        CHF centime centimes
        """
    ),
    per="par",
    powers=powers("au carré", "au cube", "puissance {n}", minus="moins"),
    percent="{n} pour cent",
    range_word="à",
    numbered_words=listed(
        "chapitre chapitres partie parties livre livres tome tomes volume volumes acte actes scène scènes section "
        "annexe figure tableau phase type article an titre chant groupe niveau classe canton arrondissement"
    ),
    rulers=Rulers(
        word_set(
            "Louis Henri Charles François Philippe Napoléon Jean Paul Pie Léon Grégoire Benoît Guillaume Georges "
            "Édouard Élisabeth Elisabeth Richard Jacques Nicolas Alexandre Pierre Catherine Ivan Frédéric Albert "
            "Isabelle Marie Jeanne Christine Margrethe Ramsès Sixte Jules Adrien Célestin Ptolémée Darius "
            "Léopold Baudouin Alphonse Ferdinand Victor-Emmanuel Jean-Paul Clément Innocent Urbain Boniface"
        ),
        say=_ruler,
        endings="er|re|ère",
    ),
    has_numbered_names=True,
    ordinals=_ORDINALS,
    heading_words=listed("chapitre livre partie tome section lettre acte scène annexe"),
    lone_headings=listed("prologue épilogue préface avant-propos introduction postface conclusion"),
    page_words=("page",),
    contents_headings=("table des matières", "sommaire"),
    sign_names=table(
        """
        ! point_d’exclamation
        " guillemet
        # dièse
        $ dollar
        % pour_cent
        & esperluette
        ' apostrophe
        ( parenthèse_ouvrante
        ) parenthèse_fermante
        * astérisque
        + plus
        , virgule
        - trait_d’union
        . point
        / barre_oblique
        : deux-points
        ; point-virgule
        < inférieur_à
        = égal
        > supérieur_à
        ? point_d’interrogation
        @ arobase
        [ crochet_ouvrant
        \\ barre_oblique_inversée
        ] crochet_fermant
        ^ accent_circonflexe
        _ tiret_bas
        ` accent_grave
        { accolade_ouvrante
        | barre_verticale
        } accolade_fermante
        ~ tilde
        € euro
        £ livre
        § paragraphe
        ° degré
        … points_de_suspension
        – tiret_demi-cadratin
        — tiret_cadratin
        „ guillemet_bas
        “ guillemet_ouvrant
        ” guillemet_fermant
        « guillemet_ouvrant
        » guillemet_fermant
        • puce
        """
    ),
    espeak_voice="roa/fr",
    recording_script=(
        "Tôt le matin, le port était encore calme. Quelques mouettes attendaient les bateaux, posées sur le mur. "
        "Entends-tu la cloche ? Elle sonne chaque fois que la brume arrive de la mer. Vite, rentrons à la maison, "
        "mettons de l'eau à chauffer et racontons-nous des histoires jusqu'au retour du soleil !"
    ),
)
