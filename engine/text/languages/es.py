"""Spanish."""

import re

from engine.text.languages.counting import ordinal
from engine.text.languages.record import Language, Rewriting, Rulers, listed, powers, table, word_set
from engine.text.languages.romance import degrees, ordinal_nouns, ordinal_signs, roman_signs, ruler_up_to_ten

_MONTHS = listed("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre")


def _spelled_ordinal(match: re.Match[str]) -> str | None:
    """Say "2.do" and "3ra", as they are written in America."""
    word = ordinal(int(match["n"]), "es") if int(match["n"]) else ""
    return f"{word[:-1]}{match['ending'][1]}" if word.endswith(f"{match['ending'][0]}o") else None


_SHORT = {"primero": "primer", "tercero": "tercer"}
"""Ordinals before a masculine noun."""


def _time(hour: int, minute: int) -> str:
    if minute:
        return f"{'una' if hour == 1 else hour} {minute:02}"
    return "una hora" if hour == 1 else f"{hour} horas"


LANGUAGE = Language(
    code="es",
    name="Spanish",
    long_codes=listed("spa"),
    frequent_words=word_set(
        "el los las pero muy está más hay cuando yo fue donde eran él había sus hola gracias adiós buenos buenas "
        "días tardes noches hasta luego señor señora factura sí usted ustedes nosotros ellos ella eso esto qué cómo "
        "dónde cuándo quién también después mucho mucha bien aunque según hombre mujer años hoy ayer mañana calle "
        "primero tú tiene hace nadie sé"
    ),
    letters="áéíóúüñ¿¡",
    own_letters="ñ¿¡",
    never_last=word_set(
        "sr sra srta sres sras d dña d.ª ud uds dr dra prof profa lic ing arq av avda c pág págs p pp núm núms nº "
        "art cap caps fig figs tel p.ej ej aprox vol vols s ss ee depto gral cnel gdor fco mª sto sta ene feb abr "
        "jun jul ago sept oct nov dic rr jj ff cc aa.vv pza plza ctra urb dpto lcdo lcda mtro hnos tte sgto mons "
        "excmo excma ilmo ilma dres dras srtas apdo inc nro nros tfno teléf máx mín vid prov "
        "rvdo fr"
    ),
    before_numbers=word_set(
        "art arts cap caps fig figs ec ecs ref refs sec vol vols tel apdo apto ap núms núm n nº pág págs "
        "t tab aprox párr inc esc ed"
    ),
    may_be_last=word_set("etc"),
    plain_words=word_set("bien no nos con de da di en para sobre un ante auto mar vid ex"),
    first_words=word_set(
        "el la los las un una él ella ellos yo tú nosotros esto este esta eso pero y luego entonces si cuando qué "
        "quién cómo por para en con sin su sus no sí hay era es se"
    ),
    one_letter_words="AEOUY",
    after_suspended_hyphen=word_set("y o"),
    has_grouping_spaces=True,
    months=_MONTHS,
    short_months=listed("ene. feb. mar. abr. may. jun. jul. ago. sept.|sep. oct. nov. dic."),
    date="{day} de {month} de {year}",
    day_month_year="/.",
    time=_time,
    hour_words=listed("h horas hrs hs"),
    time_words=listed("las la"),
    has_dotted_times=True,
    half_days=r"[ap]\.?\s?m(?!\w)|[AP]\.?\s?M(?!\w)|de la (?:mañana|tarde|noche|madrugada)|en punto",
    ratio_words=listed(
        "escala razón proporción ratio relación Génesis Éxodo Salmo Salmos Proverbios Isaías Jeremías Ezequiel "
        "Daniel Mateo Marcos Lucas Juan Hechos Romanos Corintios Gálatas Efesios Filipenses Hebreos Santiago "
        "Pedro Apocalipsis sura"
    ),
    units=table(
        """
        * estrella estrellas
        gr =g
        seg =s
        dB decibelio decibelios
        """
    ),
    has_ordinal_rings=True,
    currencies=table(
        """
        $ dólar dólares
        € euro euros
        £ libra libras
        ¥ yen yenes
        ₽ rublo rublos
        ₩ won
        ₹ rupia rupias
        CHF franco_suizo francos_suizos
        zł esloti eslotis
        """
    ),
    signs=table(
        """
        + más
        = igual_a
        × por
        ÷ entre
        ± más_menos
        ≈ aproximadamente
        < menor_que
        > mayor_que
        ≤ como_máximo
        ≥ como_mínimo
        − menos
        & y
        § sección
        № número
        """
    ),
    address_signs=table(
        """
        . punto
        @ arroba
        _ guion_bajo
        - guion
        """
    ),
    phrases=(
        Rewriting(r"(?<=,\s)(?P<written>s/n)(?![\w/])", lambda _match: "sin número"),
        Rewriting(r"(?<![\w.])(?P<written>S\.\s?M\.)(?=\s(?:el|la)\s)", lambda _match: "Su Majestad"),
        *roman_signs("es", _MONTHS),
        Rewriting(r"(?<![\w.,:/-])(?P<n>\d{1,2})\.?(?P<ending>[rdtmvn][oa])(?!\w)", _spelled_ordinal),
        degrees(
            "grados",
            "menos ",
            "a|hace|hacía|de|hasta|entre|y|hoy|unos|los|giró|marca|marcaba|son",
            "a|en|de|con|y|durante|por|sobre|bajo|al|hacia|hoy|mañana|ayer",
        ),
        ordinal_signs("es", "el un al del este ese cada", "la una esta esa cada", short=_SHORT),
    ),
    title_abbreviations=table(
        """
        Rvdo. Reverendo
        Fr. Fray
        Sras. Señoras
        Srtas. Señoritas
        D.ª Doña
        Dª Doña
        Dres. Doctores
        Dras. Doctoras
        Prof.ª Profesora
        Mons. Monseñor
        Gral. General
        Cnel. Coronel
        Tte. Teniente
        Sgto. Sargento
        Excmo. Excelentísimo
        Excma. Excelentísima
        Ilmo. Ilustrísimo
        Ilma. Ilustrísima
        Arq. Arquitecto
        Lcdo. Licenciado
        Lcda. Licenciada
        Mtro. Maestro
        Hnos. Hermanos
        Sr. Señor
        Sra. Señora
        Sres. Señores
        Srta. Señorita
        Dr. Doctor
        Dra. Doctora
        D. Don
        Dña. Doña
        Prof. Profesor
        Profa. Profesora
        Lic. Licenciado
        Ing. Ingeniero
        Sto. Santo
        Sen. Senador
        sr. señor
        sra. señora
        sres. señores
        srta. señorita
        dr. doctor
        dra. doctora
        prof. profesor
        profa. profesora
        Fco. Francisco
        Sta. Santa
        """
    ),
    name_particles=listed("de del la"),
    number_abbreviations=table(
        """
        lun. lunes
        mié. miércoles
        jue. jueves
        vie. viernes
        sáb. sábado
        dom. domingo
        nros. números
        nro. número
        núms. números
        n.os números
        tfno. teléfono
        teléf. teléfono
        figs. figuras
        apdo. apartado
        inc. inciso
        pto. punto
        núm. número
        n.º número
        nº número
        N.º número
        p. página
        pág. página
        págs. páginas
        pp. páginas
        cap. capítulo
        art. artículo
        fig. figura
        vol. volumen
        vols. volúmenes
        caps. capítulos
        s. siglo
        ss. siglos
        km kilómetro
        ref. referencia
        tel. teléfono
        """
    ),
    abbreviations=table(
        """
        SS._MM. Sus_Majestades
        S._A._R. Su_Alteza_Real
        cap. capítulo
        Av. Avenida
        av. avenida
        Avda. Avenida
        C/ Calle
        c/ calle
        Pza. Plaza
        Plza. Plaza
        P.º Paseo
        Ctra. Carretera
        Urb. Urbanización
        dpto. departamento
        depto. departamento
        prov. provincia
        ej. ejemplo
        máx. máximo
        mín. mínimo
        Cía. Compañía
        RR._HH. recursos_humanos
        RR.HH. recursos_humanos
        JJ._OO. Juegos_Olímpicos
        FF._AA. Fuerzas_Armadas
        Vds. ustedes
        M.ª María
        Mª María
        c/u cada_uno
        vid. véase
        v._gr. verbigracia
        N._del_T. nota_del_traductor
        ed. edición
        trad. traducción
        art. artículo
        p.ej. por_ejemplo
        p._ej. por_ejemplo
        Ud. usted
        Uds. ustedes
        Vd. usted
        aprox. aproximadamente
        avda. avenida
        """
    ),
    closing_abbreviations=table(
        """
        a.C. antes_de_Cristo
        a._C. antes_de_Cristo
        d.C. después_de_Cristo
        d._C. después_de_Cristo
        EE._UU. Estados_Unidos
        EE.UU. Estados_Unidos
        etc. etcétera
        """
    ),
    before_cents=" con ",
    scales=("mil millones", *listed("mil millón millones billón billones")),
    of_scale=" de ",
    magnitudes=table(
        """
        k mil
        K mil
        M millón millones
        MM millón millones
        mill. millón millones
        mm. millón millones
        """
    ),
    thousand="mil",
    cents=table(
        """
        € céntimo céntimos
        $ centavo centavos
        £ penique peniques
        """
    ),
    per="por",
    powers=powers("al cuadrado", "al cubo", "elevado a {n}", minus="menos"),
    percent="{n} por ciento",
    range_word="a",
    numbered_words=listed(
        "capítulo capítulos parte partes libro libros tomo tomos volumen volúmenes acto actos escena escenas sección "
        "apéndice anexo figura tabla fase tipo artículo año título canto grupo nivel clase"
    ),
    century_words=listed("siglo siglos s. ss."),
    ordinal_nouns=ordinal_nouns(
        "es",
        "congresos?|concurso|festival|centenario|aniversario|encuentro|simposio|plan|ejército|juegos|milenio|reich|"
        "distrito|premios?|campeonato|certamen|foro|torneo|convenio|concilio|domingo|batallón|cuerpo|grado|ciclo",
        "guerra|edición|república|internacional|dinastía|legislatura|jornadas?|cumbre|conferencia|copa|olimpiada|"
        "feria|bienal|asamblea|división|región|cruzada|semana|enmienda|brigada|convención",
        highest=10,
        short=_SHORT,
    ),
    rulers=Rulers(
        word_set(
            "Francisco Amadeo Balduino "
            "Felipe Carlos Alfonso Fernando Juan Isabel Enrique Luis Pedro Jaime Pío León Gregorio Benedicto Pablo "
            "Napoleón Guillermo Jorge Eduardo Ricardo Jacobo Nicolás Alejandro Catalina Iván Federico Leopoldo Sancho "
            "Ramiro Clemente Inocencio Urbano Bonifacio"
        ),
        say=ruler_up_to_ten("es", word_set("Isabel Catalina")),
    ),
    has_numbered_names=True,
    ordinals=(
        Rewriting(
            r"(?<=\b[Ll]a )(?P<written>una hora|1(?=\s(?:[ap]\.\s?m|de\sla\s[mtn]|en\spunto)))", lambda _match: "una"
        ),  # "a la 1:00 p. m."
    ),
    heading_words=listed("capítulo capitulo libro parte tomo sección carta acto escena apéndice"),
    lone_headings=listed("prólogo epílogo prefacio introducción"),
    contents_headings=("índice", "contenido"),
    page_words=("página",),
    sign_names=table(
        """
        ! cierre_de_exclamación
        " comillas
        # almohadilla
        $ dólar
        % por_ciento
        & et
        ' apóstrofo
        ( abrir_paréntesis
        ) cerrar_paréntesis
        * asterisco
        + más
        , coma
        - guion
        . punto
        / barra
        : dos_puntos
        ; punto_y_coma
        < menor_que
        = igual
        > mayor_que
        ? cierre_de_interrogación
        @ arroba
        [ abrir_corchete
        \\ barra_invertida
        ] cerrar_corchete
        ^ circunflejo
        _ guion_bajo
        ` acento_grave
        { abrir_llave
        | barra_vertical
        } cerrar_llave
        ~ virgulilla
        € euro
        £ libra
        § párrafo
        ° grado
        … puntos_suspensivos
        – semirraya
        — raya
        „ comillas_bajas
        “ comillas_de_apertura
        ” comillas_de_cierre
        « comillas_de_apertura
        » comillas_de_cierre
        • viñeta
        ¡ apertura_de_exclamación
        ¿ apertura_de_interrogación
        """
    ),
    espeak_voice="roa/es-419",
    recording_script=(
        "Muy temprano por la mañana, el puerto seguía en silencio. Unas gaviotas esperaban los barcos sobre el muro. "
        "¿Oyes la campana? Suena siempre que la niebla llega desde el mar. ¡Rápido, volvamos a casa, pongamos agua a "
        "calentar y contémonos historias hasta que vuelva el sol!"
    ),
)
