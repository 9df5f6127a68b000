"""Portuguese."""

from engine.text.languages.record import Language, Rulers, listed, table, word_set
from engine.text.languages.romance import ordinal_signs, ruler_up_to_ten


def _time(hour: int, minute: int) -> str:
    if minute:
        return f"{hour} e {minute}"
    return f"{hour} hora{'s' if hour > 1 else ''}"


LANGUAGE = Language(
    code="pt",
    name="Portuguese",
    long_codes=listed("por"),
    frequent_words=word_set(
        "não é uma os em ao são você foi isso pelo pela seu ele também muito eu obrigado obrigada natal desculpe "
        "tchau olá bom boa dia noite até logo adeus senhor senhora fatura sim num numa nas pelos pelas com tem têm "
        "foram estava depois onde quem ainda vocês nós eles elas dele minha meu nosso isto aquilo hoje ontem amanhã "
        "rua dois duas três homem mulher coisa sei ninguém feche"
    ),
    letters="áâãàçéêíóôõú",
    own_letters="ãõ",
    never_last=word_set(
        "sr sra srs sras srta dr dra drs prof profa d dom eng arq exmo exma ilmo v exa av r pág págs p pp n núm art "
        "cap fig tel ex p.ex aprox vol sto sta gen cel min máx cf"
    ),
    may_be_last=word_set("etc"),
    first_words=word_set(
        "o a os as um uma ele ela eles elas eu tu nós você isto este esta isso mas e depois então se quando que quem "
        "por para em no na com sem seu sua não sim é era"
    ),
    after_suspended_hyphen=word_set("e ou"),
    has_grouping_spaces=True,
    months=listed("janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro"),
    date="{day} de {month} de {year}",
    day_month_year="/.",
    time=_time,
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
    has_ordinal_rings=True,
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
    address_signs=table(
        """
        . ponto
        @ arroba
        _ sublinhado
        - hífen
        """
    ),
    title_abbreviations=table(
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
    number_abbreviations=table(
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
    abbreviations=table(
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
    closing_abbreviations=table(
        """
        etc. et_cetera
        """
    ),
    before_cents=" e ",
    scales=listed("mil milhão milhões bilhão bilhões trilhão trilhões"),
    of_scale=" de ",
    percent="{n} por cento",
    range_word="a",
    numbered_words=listed(
        "capítulo parte livro tomo volume ato acto cena seção secção apêndice figura tabela fase tipo artigo "
        "século séculos"
    ),
    rulers=Rulers(
        word_set(
            "Pedro João Afonso Manuel Filipe Sebastião Dinis Sancho Fernando Duarte José Maria Luís Carlos Miguel "
            "Henrique Pio Leão Gregório Bento Paulo Napoleão Guilherme Jorge Eduardo Isabel Ricardo Nicolau Alexandre "
            "Catarina Ivan Frederico Leopoldo Clemente"
        ),
        say=ruler_up_to_ten("pt", word_set("Isabel Catarina Maria")),
    ),
    has_numbered_names=True,
    ordinals=(ordinal_signs("pt"),),
    heading_words=listed("capítulo capitulo livro parte tomo seção secção carta ato acto cena apêndice"),
    lone_headings=listed("prólogo epílogo prefácio introdução"),
    contents_headings=("índice", "sumário"),
    page_words=("página",),
    espeak_voice="roa/pt-BR",
    recording_script=(
        "De manhã cedo o porto ainda estava calmo. Algumas gaivotas esperavam pelos barcos em cima do muro. Ouves o "
        "sino? Toca sempre que o nevoeiro chega do mar. Depressa, vamos voltar para casa, pôr a água a ferver e "
        "contar histórias até o sol voltar!"
    ),
)
