"""Italian."""

from engine.text.languages.counting import ordinal
from engine.text.languages.record import Centuries, Language, Rulers, listed, table, time_of_day, word_set
from engine.text.languages.romance import agreeing, ordinal_signs

_QUEENS = word_set("Caterina Elisabetta")


def _ruler(_before: str, name: str, number: int) -> str | None:
    return agreeing(ordinal(number, "it"), name, _QUEENS) if number < 100 else None


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
        "sig sigg sig.ra sig.na sig.ri dott dott.ssa dr prof prof.ssa avv ing arch geom rag on sen gen col cap mons s "
        "ss san art pag pagg p pp fig es p.es ca n nn vol tel cfr tav fam v"
    ),
    may_be_last=word_set("ecc etc"),
    first_words=word_set(
        "il lo la i gli le un una egli lui lei noi voi loro io tu questo questa ma e poi quindi se quando che chi "
        "perché in nel per con senza suo sua non sì è era si"
    ),
    elides=True,
    after_suspended_hyphen=word_set("e o"),
    has_grouping_spaces=True,
    months=listed("gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre"),
    date="{day} {month} {year}",
    day_month_year="/.",
    time=time_of_day("{hour} e {minute}", "{hour}"),
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
    title_abbreviations=table(
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
    number_abbreviations=table(
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
    abbreviations=table(
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
    closing_abbreviations=table(
        """
        ecc. eccetera
        etc. eccetera
        """
    ),
    before_cents=" e ",
    scales=listed("mila milione milioni miliardo miliardi"),
    of_scale=" di ",
    percent="{n} per cento",
    range_word="a",
    numbered_words=listed(
        "capitolo parte libro tomo volume atto scena sezione appendice figura tabella fase tipo articolo canto"
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
    ordinals=(ordinal_signs("it"),),
    centuries=Centuries("secolo", lambda number, _noun, _before: ordinal(number, "it")),
    heading_words=listed("capitolo libro parte volume sezione lettera atto scena appendice"),
    lone_headings=listed("prologo epilogo prefazione introduzione"),
    contents_headings=("indice", "sommario"),
    page_words=("pagina",),
    espeak_voice="roa/it",
    recording_script=(
        "La mattina presto il porto era ancora silenzioso. Alcuni gabbiani aspettavano le barche seduti sul muro. "
        "Senti la campana? Suona ogni volta che la nebbia arriva dal mare. Presto, torniamo a casa, mettiamo l'acqua "
        "sul fuoco e raccontiamoci delle storie finché non torna il sole!"
    ),
)
