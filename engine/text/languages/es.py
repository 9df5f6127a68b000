"""Spanish."""

from engine.text.languages.record import Language, Rulers, listed, table, word_set
from engine.text.languages.romance import ordinal_signs, ruler_up_to_ten


def _time(hour: int, minute: int) -> str:
    if minute:
        return f"{hour} {minute:02}"
    return f"{hour} hora{'s' if hour > 1 else ''}"


LANGUAGE = Language(
    code="es",
    name="Spanish",
    long_codes=listed("spa"),
    frequent_words=word_set(
        "el los las y pero muy está más hay cuando yo fue donde eran él había sus hola gracias adiós buenos buenas "
        "días tardes noches hasta luego señor señora factura sí usted ustedes nosotros ellos ella eso esto qué cómo "
        "dónde cuándo quién también después mucho mucha bien aunque según hombre mujer años hoy ayer mañana calle "
        "primero tú tiene hace nadie sé"
    ),
    letters="áéíóúüñ¿¡",
    own_letters="ñ¿¡",
    never_last=word_set(
        "sr sra srta sres sras d dña d.ª ud uds dr dra prof profa lic ing arq av avda c pág págs p pp núm núms nº art "
        "cap fig tel p.ej ej aprox vol ee depto gral cnel gdor fco mª sto sta"
    ),
    may_be_last=word_set("etc"),
    first_words=word_set(
        "el la los las un una él ella ellos yo tú nosotros esto este esta eso pero y luego entonces si cuando qué "
        "quién cómo por para en con sin su sus no sí hay era es se"
    ),
    after_suspended_hyphen=word_set("y o"),
    has_grouping_spaces=True,
    months=listed("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"),
    date="{day} de {month} de {year}",
    day_month_year="/.",
    time=_time,
    hour_words=listed("h horas hrs"),
    units=table(
        """
        km kilómetro kilómetros
        m metro metros
        cm centímetro centímetros
        mm milímetro milímetros
        kg kilogramo kilogramos
        g gramo gramos
        mg miligramo miligramos
        l litro litros
        ml mililitro mililitros
        km² kilómetro_cuadrado kilómetros_cuadrados
        m² metro_cuadrado metros_cuadrados
        km/h kilómetro_por_hora kilómetros_por_hora
        m/s metro_por_segundo metros_por_segundo
        °C grado_Celsius grados_Celsius
        °F grado_Fahrenheit grados_Fahrenheit
        ° grado grados
        min minuto minutos
        s segundo segundos
        h hora horas
        ms milisegundo milisegundos
        GB gigabyte gigabytes
        MB megabyte megabytes
        kB kilobyte kilobytes
        TB terabyte terabytes
        GHz gigahercio gigahercios
        MHz megahercio megahercios
        kHz kilohercio kilohercios
        Hz hercio hercios
        kW kilovatio kilovatios
        kWh kilovatio_hora kilovatios_hora
        W vatio vatios
        V voltio voltios
        dB decibelio decibelios
        t tonelada toneladas
        ha hectárea hectáreas
        mph milla_por_hora millas_por_hora
        ft pie pies
        lb libra libras
        oz onza onzas
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
    title_abbreviations=table(
        """
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
        Sta. Santa
        """
    ),
    number_abbreviations=table(
        """
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
        tel. teléfono
        """
    ),
    abbreviations=table(
        """
        p.ej. por_ejemplo
        p._ej. por_ejemplo
        Ud. usted
        Uds. ustedes
        Vd. usted
        aprox. aproximadamente
        a.C. antes_de_Cristo
        a._C. antes_de_Cristo
        d.C. después_de_Cristo
        d._C. después_de_Cristo
        EE._UU. Estados_Unidos
        EE.UU. Estados_Unidos
        avda. avenida
        """
    ),
    closing_abbreviations=table(
        """
        etc. etcétera
        """
    ),
    before_cents=" con ",
    scales=listed("mil millón millones billón billones"),
    of_scale=" de ",
    percent="{n} por ciento",
    range_word="a",
    numbered_words=listed(
        "capítulo parte libro tomo volumen acto escena sección apéndice figura tabla fase tipo artículo siglo siglos"
    ),
    rulers=Rulers(
        word_set(
            "Felipe Carlos Alfonso Fernando Juan Isabel Enrique Luis Pedro Jaime Pío León Gregorio Benedicto Pablo "
            "Napoleón Guillermo Jorge Eduardo Ricardo Jacobo Nicolás Alejandro Catalina Iván Federico Leopoldo Sancho "
            "Ramiro Clemente Inocencio Urbano Bonifacio"
        ),
        say=ruler_up_to_ten("es", word_set("Isabel Catalina")),
    ),
    has_numbered_names=True,
    ordinals=(ordinal_signs("es", highest=10),),
    heading_words=listed("capítulo capitulo libro parte tomo sección carta acto escena apéndice"),
    lone_headings=listed("prólogo epílogo prefacio introducción"),
    contents_headings=("índice", "contenido"),
    page_words=("página",),
    espeak_voice="roa/es-419",
    recording_script=(
        "Muy temprano por la mañana, el puerto seguía en silencio. Unas gaviotas esperaban los barcos sobre el muro. "
        "¿Oyes la campana? Suena siempre que la niebla llega desde el mar. ¡Rápido, volvamos a casa, pongamos agua a "
        "calentar y contémonos historias hasta que vuelva el sol!"
    ),
)
