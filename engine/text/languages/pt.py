"""Portuguese."""

from engine.text.languages.record import Words, listed, table

WORDS = Words(
    months=listed("janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro"),
    date="{day} de {month} de {year}",
    day_month_year="/.",
    clock="{hour} e {minute}",
    full_hour="{hour} horas",
    hour_words=listed("h"),
    units=table(
        """
        km quilômetro quilômetros
        m metro metros
        cm centímetro centímetros
        mm milímetro milímetros
        kg quilograma quilogramas
        g grama gramas
        mg miligrama miligramas
        l litro litros
        ml mililitro mililitros
        km² quilômetro_quadrado quilômetros_quadrados
        m² metro_quadrado metros_quadrados
        km/h quilômetro_por_hora quilômetros_por_hora
        m/s metro_por_segundo metros_por_segundo
        °C grau_Celsius graus_Celsius
        °F grau_Fahrenheit graus_Fahrenheit
        ° grau graus
        min minuto minutos
        s segundo segundos
        h hora horas
        ms milissegundo milissegundos
        GB gigabyte gigabytes
        MB megabyte megabytes
        kB kilobyte kilobytes
        TB terabyte terabytes
        GHz gigahertz
        MHz megahertz
        kHz quilohertz
        Hz hertz
        kW quilowatt quilowatts
        kWh quilowatt-hora quilowatts-hora
        W watt watts
        V volt volts
        dB decibel decibéis
        t tonelada toneladas
        ha hectare hectares
        mph milha_por_hora milhas_por_hora
        ft pé pés
        lb libra libras
        oz onça onças
        """
    ),
    currencies=table(
        """
        R$ real reais
        $ dólar dólares
        € euro euros
        £ libra libras
        ¥ iene ienes
        ₽ rublo rublos
        ₩ won
        ₹ rúpia rúpias
        CHF franco_suíço francos_suíços
        zł zloty zlotys
        """
    ),
    cents=table(
        """
        R$ centavo centavos
        € cêntimo cêntimos
        $ centavo centavos
        """
    ),
    signs=table(
        """
        + mais
        = igual_a
        × vezes
        ÷ dividido_por
        ± mais_ou_menos
        ≈ cerca_de
        < menor_que
        > maior_que
        ≤ no_máximo
        ≥ no_mínimo
        − menos
        & e
        § parágrafo
        № número
        """
    ),
    address=table(
        """
        . ponto
        @ arroba
        _ sublinhado
        - hífen
        """
    ),
    titles=table(
        """
        Sr. Senhor
        Sra. Senhora
        Srs. Senhores
        Sras. Senhoras
        Srta. Senhorita
        Dr. Doutor
        Dra. Doutora
        D. Dom
        Prof. Professor
        Profa. Professora
        Eng. Engenheiro
        Sto. Santo
        Sta. Santa
        """
    ),
    before_numbers=table(
        """
        n.º número
        nº número
        Nº número
        n. número
        p. página
        pág. página
        págs. páginas
        pp. páginas
        cap. capítulo
        art. artigo
        fig. figura
        vol. volume
        tel. telefone
        """
    ),
    anywhere=table(
        """
        p.ex. por_exemplo
        p._ex. por_exemplo
        a.C. antes_de_Cristo
        a._C. antes_de_Cristo
        d.C. depois_de_Cristo
        d._C. depois_de_Cristo
        V.Exa. Vossa_Excelência
        V._Exa. Vossa_Excelência
        aprox. aproximadamente
        Av. Avenida
        """
    ),
    closing=table(
        """
        etc. et_cetera
        """
    ),
    before_cents=" e ",
    scales=listed("mil milhão milhões bilhão bilhões trilhão trilhões"),
    of_scale=" de ",
    percent="{n} por cento",
    to="a",
    numbered=listed(
        "capítulo parte livro tomo volume ato acto cena seção secção apêndice figura tabela fase tipo artigo "
        "século séculos"
    ),
    rulers=frozenset(
        listed(
            "Pedro João Afonso Manuel Filipe Sebastião Dinis Sancho Fernando Duarte José Maria Luís Carlos Miguel "
            "Henrique Pio Leão Gregório Bento Paulo Napoleão Guilherme Jorge Eduardo Isabel Ricardo Nicolau Alexandre "
            "Catarina Ivan Frederico Leopoldo Clemente"
        )
    ),
    other_names=True,
)
