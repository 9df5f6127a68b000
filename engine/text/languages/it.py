"""Italian."""

import re

from engine.text.languages.counting import ordinal
from engine.text.languages.record import Language, Rewriting, Rulers, listed, powers, table, word_set
from engine.text.languages.romance import agreeing, degrees, ordinal_nouns, ordinal_signs, roman_signs

_QUEENS = word_set("Caterina Elisabetta")


def _ruler(_before: str, name: str, number: int) -> str | None:
    return agreeing(ordinal(number, "it"), name, _QUEENS) if number < 100 else None


def _time(hour: int, minute: int) -> str:
    number = "una" if hour == 1 else str(hour)
    return f"{number} e {minute}" if minute else number


_SAINTS = (
    "Francesco Antonio Giovanni Giuseppe Pietro Paolo Marco Matteo Luca Martino Giorgio Lorenzo Michele Nicola Siro "
    "Benedetto Bernardo Carlo Gennaro Vincenzo Vito Rocco Leonardo Domenico Donato Giacomo Gregorio Marino Remo Pio",
    "Maria Chiara Caterina Lucia Rita Teresa Cecilia Croce Margherita Monica Marta Giulia Rosalia Barbara Cristina",
)


def _saint(match: re.Match[str]) -> str:
    name = match["name"]
    if name in _SAINTS[1].split():
        return "Santa"
    return "Sant’" if name[0] in "AEIOU" else "San"


_MONTHS = listed("gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre")

_PHRASES = (
    Rewriting(
        r"(?<!\w)(?:i|I|[DdNnAaSs]?[ae]i|tra|fra)\s(?P<written>sec\.\s?)(?=[XVI]+(?:\s?[-–]\s?|\se\s|,\s)[XVI]+(?!\w))",
        lambda _match: "secoli ",
    ),
    Rewriting(r"(?<!\w)(?P<written>[hH])(?=\s?\d{1,2}[.:]\d\d(?!\d))", lambda _match: "ore"),
    Rewriting(rf"(?<![\w.,])(?P<written>1°)(?=\s(?i:{'|'.join(_MONTHS)})(?!\w))", lambda _match: "primo"),
    *roman_signs("it", _MONTHS, lambda number: ordinal(number, "it")),  # an initial is no saint: "A. S. Paolo"
    degrees(
        "gradi",
        "meno ",
        "a|fa|fanno|di|fino a|tra|e|oggi|circa|i|segna|segnava|sono",
        "a|all|in|di|con|e|per|durante|sotto|sopra|oggi|domani|ieri",
    ),
    ordinal_signs(
        "it",
        "il lo l' l’ un uno del dello dell' dell’ al allo all' all’ nel nello nell' nell’ dal dall' dall’ sul ogni",
        "la l' l’ una della dell' dell’ alla all' all’ nella nell' nell’ dalla dall' dall’ sulla ogni",
    ),
    Rewriting(
        rf"(?<![\w.])(?<!\b\w\.\s)(?P<written>S\.\s?)(?=(?P<name>{'|'.join(' '.join(_SAINTS).split())})(?!\w))",
        lambda match: _saint(match) if _saint(match).endswith("’") else f"{_saint(match)} ",
    ),
)


LANGUAGE = Language(
    code="it",
    name="Italian",
    long_codes=listed("ita"),
    frequent_words=word_set(
        "di che è sono della gli nel anche più questo alla dei perché nella degli delle nei dal ciao scusi stai grazie "
        "buongiorno buonasera buona buono sera arrivederci prego signor signora capitolo fattura favore cosa dove "
        "molto molti tutto tutti ancora però già oggi ieri domani anni giorno giorni notte uomo donna hanno aveva "
        "erano stato stata essere avere detto disse dopo loro noi voi questa questi quello quella vecchio niente "
        "nessuno"
    ),
    letters="àèéìòù",
    own_letters="ìò",
    never_last=word_set(
        "sig sigg sig.ra sig.na sig.ri dott dott.ssa dr prof prof.ssa avv ing arch geom rag on sen gen col cap mons "
        "s ss san sec secc capp artt voll art pag pagg p pp fig es p.es ca n nn vol tel cfr tav fam v gen genn feb "
        "febbr apr mag giu lug sett ott nov dic ten card egr spett proff int all nr n.ro tab figg v.le p.za p.zza "
        "c.so l.go f.lli gent.mo gent.ma ill.mo preg.mo dr.ssa dott.ri max min vs "
        "rev chiar.mo spett.le gent.mi gent.li s.e"
    ),
    before_numbers=word_set(
        "art artt cap capp fig figg eq eqq rif sez vol voll tab tel int sc nn pagg par lett cit ca all app n c"
    ),
    may_be_last=word_set("ecc etc"),
    plain_words=word_set("me re ore ala la lo le al no"),
    first_words=word_set(
        "il lo la i gli le un una egli lui lei noi voi loro io tu questo questa ma e poi quindi se quando che chi "
        "perché in nel per con senza suo sua non sì è era si"
    ),
    sentencex_code="en",  # its own list has a thousand acronyms and words
    elides=True,
    one_letter_words="AEÈIO",
    after_suspended_hyphen=word_set("e o"),
    has_grouping_spaces=True,
    months=_MONTHS,
    short_months=listed("gen.|genn. feb.|febbr. mar. apr. mag. giu. lug. ago. set.|sett. ott. nov. dic."),
    date="{day} {month} {year}",
    day_in_date=lambda day: "primo" if day == 1 else str(day),
    day_month_year="/.",
    time=_time,
    time_words=listed("alle dalle ore le delle all' all’ dall' dall’"),
    has_dotted_times=True,
    ratio_words=listed(
        "scala rapporto proporzione Genesi Esodo Salmo Salmi Proverbi Isaia Geremia Ezechiele Daniele Matteo "
        "Marco Luca Giovanni Atti Romani Corinzi Galati Efesini Filippesi Ebrei Giacomo Pietro Apocalisse sura"
    ),
    units=table(
        """
        * stella stelle
        gr =g
        mq =m²
        kmq =km²
        sec =s
        kW chilowatt
        dB decibel
        t tonnellata tonnellate
        mph miglio_orario miglia_orarie
        """
    ),
    has_ordinal_rings=True,
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
    address_signs=table(
        """
        . punto
        @ chiocciola
        _ trattino_basso
        - trattino
        """
    ),
    phrases=_PHRASES,
    title_abbreviations=table(
        """
        Spett.le Spettabile
        Gent.mi Gentilissimi
        Gent.li Gentili
        Chiar.mo Chiarissimo
        Rev. Reverendo
        S.E. Sua_Eccellenza
        sig.na signorina
        sigg. signori
        Sig.ri Signori
        sig.ri signori
        dott.sse dottoresse
        Dott.ri Dottori
        dott.ri dottori
        Dr. Dottor
        dr. dottor
        Dr Dottor
        Dr.ssa Dottoressa
        dr.ssa dottoressa
        prof.ssa professoressa
        proff. professori
        Proff. Professori
        Avv.to Avvocato
        arch. architetto
        geom. geometra
        on. onorevole
        mons. monsignor
        rag. ragionier
        Gen. Generale
        gen. generale
        Col. Colonnello
        col. colonnello
        Ten. Tenente
        Card. Cardinal
        card. cardinal
        Egr. Egregio
        Spett. Spettabile
        Gent.mo Gentilissimo
        Gent.ma Gentilissima
        Ill.mo Illustrissimo
        Sen. Senatore
        sen. senatore
        D.ssa Dottoressa
        SS. Santi
        Fr. Fra
        Ss. Santi
        Preg.mo Pregiatissimo
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
    name_particles=listed("di de del della dei d' d’ da"),
    number_abbreviations=table(
        """
        lun. lunedì
        mer. mercoledì
        gio. giovedì
        ven. venerdì
        sab. sabato
        dom. domenica
        n° numero
        N° numero
        nr. numero
        n.ro numero
        n.ri numeri
        figg. figure
        tab. tabella
        all. allegato
        int. interno
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
        voll. volumi
        capp. capitoli
        artt. articoli
        par. paragrafo
        rif. riferimento
        km chilometro
        tel. telefono
        """
    ),
    abbreviations=table(
        """
        cap. capitolo
        v.le viale
        V.le Viale
        p.za piazza
        P.za Piazza
        p.zza piazza
        P.zza Piazza
        c.so corso
        C.so Corso
        L.go Largo
        F.lli Fratelli
        max. massimo
        min. minimo
        N.B. nota_bene
        c.a. corrente_anno
        c.m. corrente_mese
        p.v. prossimo_venturo
        u.s. ultimo_scorso
        s.l.m. sul_livello_del_mare
        f.to firmato
        prov. provincia
        vs. versus
        ed. edizione
        trad. traduzione
        art. articolo
        p.es. per_esempio
        p._es. per_esempio
        ad_es. ad_esempio
        cfr. confronta
        es. esempio
        ca. circa
        sec. secolo
        secc. secoli
        """
    ),
    closing_abbreviations=table(
        """
        a.C. avanti_Cristo
        a._C. avanti_Cristo
        d.C. dopo_Cristo
        d._C. dopo_Cristo
        ecc. eccetera
        etc. eccetera
        """
    ),
    before_cents=" e ",
    scales=listed("mila milione milioni miliardo miliardi"),
    of_scale=" di ",
    magnitudes=table(
        """
        k mila
        K mila
        M milione milioni
        mln milione milioni
        mio milione milioni
        mld miliardo miliardi
        mrd miliardo miliardi
        """
    ),
    thousand="mila",
    cents=table(
        """
        € centesimo centesimi
        $ centesimo centesimi
        £ penny pence
        """
    ),
    per="per",
    powers=powers("al quadrato", "al cubo", "alla {n}", minus="meno"),
    percent="{n} per cento",
    range_word="a",
    numbered_words=listed(
        "capitolo capitoli parte parti libro libri tomo tomi volume volumi atto atti scena scene sezione appendice "
        "allegato figura tabella fase tipo articolo anno canto titolo livello gruppo"
    ),
    rulers=Rulers(
        word_set(
            "Vittorio Emanuele Umberto Carlo Luigi Enrico Federico Filippo Giovanni Paolo Pio Leone Gregorio Benedetto "
            "Napoleone Guglielmo Giorgio Edoardo Elisabetta Riccardo Giacomo Nicola Alessandro Pietro Caterina Ivan "
            "Alfonso Ferdinando Francesco Leopoldo Amedeo Cosimo Clemente Innocenzo Urbano Bonifacio Sisto Giulio"
        ),
        say=_ruler,
    ),
    has_numbered_names=True,
    century_words=listed("secolo secoli sec. secc."),
    number_after_word=lambda word, number: ordinal(number, "it") if word.startswith("sec") else str(number),
    ordinal_nouns=ordinal_nouns(
        "it",
        r"secolo|sec\.|congresso|centenario|anniversario|concorso|concilio|millennio|municipio|reggimento|battaglione|"
        "convegno|festival|piano|emendamento|campionato|reich|girone|grado|premio|quadrimestre|trimestre",
        "guerra|edizione|repubblica|dinastia|legislatura|internazionale|giornata|settimana|olimpiade|circoscrizione|"
        "divisione|armata|crociata|domenica|conferenza|assemblea|classe|elementare|biennale|commissione",
    ),
    has_word_i=True,
    heading_words=listed("capitolo libro parte volume sezione lettera atto scena appendice"),
    lone_headings=listed("prologo epilogo prefazione introduzione"),
    contents_headings=("indice", "sommario"),
    page_words=("pagina",),
    sign_names=table(
        """
        ! punto_esclamativo
        " virgolette
        # cancelletto
        $ dollaro
        % percento
        & e_commerciale
        ' apostrofo
        ( parentesi_aperta
        ) parentesi_chiusa
        * asterisco
        + più
        , virgola
        - trattino
        . punto
        / barra
        : due_punti
        ; punto_e_virgola
        < minore_di
        = uguale
        > maggiore_di
        ? punto_interrogativo
        @ chiocciola
        [ parentesi_quadra_aperta
        \\ barra_rovesciata
        ] parentesi_quadra_chiusa
        ^ accento_circonflesso
        _ trattino_basso
        ` accento_grave
        { parentesi_graffa_aperta
        | barra_verticale
        } parentesi_graffa_chiusa
        ~ tilde
        € euro
        £ sterlina
        § paragrafo
        ° grado
        … puntini_di_sospensione
        – trattino_medio
        — trattino_lungo
        „ virgolette_basse
        “ virgolette_aperte
        ” virgolette_chiuse
        « virgolette_aperte
        » virgolette_chiuse
        • punto_elenco
        """
    ),
    espeak_voice="roa/it",
    recording_script=(
        "La mattina presto il porto era ancora silenzioso. Alcuni gabbiani aspettavano le barche seduti sul muro. "
        "Senti la campana? Suona ogni volta che la nebbia arriva dal mare. Presto, torniamo a casa, mettiamo l'acqua "
        "sul fuoco e raccontiamoci delle storie finché non torna il sole!"
    ),
)
