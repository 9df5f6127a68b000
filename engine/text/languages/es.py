"""Spanish."""

from engine.text.languages.record import Words, listed, table

WORDS = Words(
    months=listed("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"),
    date="{day} de {month} de {year}",
    day_month_year="/.",
    clock="{hour} {minute}",
    full_hour="{hour} horas",
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
    address=table(
        """
        . punto
        @ arroba
        _ guion_bajo
        - guion
        """
    ),
    titles=table(
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
    before_numbers=table(
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
    anywhere=table(
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
    closing=table(
        """
        etc. etcétera
        """
    ),
    before_cents=" con ",
    scales=listed("mil millón millones billón billones"),
    of_scale=" de ",
    percent="{n} por ciento",
    to="a",
    numbered=listed(
        "capítulo parte libro tomo volumen acto escena sección apéndice figura tabla fase tipo artículo siglo siglos"
    ),
    rulers=frozenset(
        listed(
            "Felipe Carlos Alfonso Fernando Juan Isabel Enrique Luis Pedro Jaime Pío León Gregorio Benedicto Pablo "
            "Napoleón Guillermo Jorge Eduardo Ricardo Jacobo Nicolás Alejandro Catalina Iván Federico Leopoldo Sancho "
            "Ramiro Clemente Inocencio Urbano Bonifacio"
        )
    ),
    other_names=True,
)
