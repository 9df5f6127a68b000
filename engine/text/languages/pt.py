"""Portuguese."""

from engine.text.languages.record import Language, Rewriting, Rulers, listed, powers, table, word_set
from engine.text.languages.romance import degrees, ordinal_nouns, ordinal_signs, roman_signs, ruler_up_to_ten


def _time(hour: int, minute: int) -> str:
    number = {1: "uma", 2: "duas"}.get(hour, hour)
    if minute:
        return f"{number} e {minute}"
    return f"{number} hora{'' if hour == 1 else 's'}"


_SAINTS = (
    "Paulo Pedro João José Francisco Bento Vicente Jorge Sebastião Carlos Luís Bernardo Miguel Tomé Lourenço Martinho "
    "Mateus Marcos Lucas Gonçalo Caetano Leopoldo Domingos Roque Cristóvão Nicolau"
)
_MONTHS = listed("janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro")
_FEIRAS = {"2": "segunda", "3": "terça", "4": "quarta", "5": "quinta", "6": "sexta"}

_PHRASES = (
    Rewriting(r"(?<![\w.,])(?P<n>[2-6])\.?[aª][\s-]?feira(?!\w)", lambda match: f"{_FEIRAS[match['n']]}-feira"),
    *roman_signs("pt", _MONTHS),
    Rewriting(  # before a woman's name, "D." is no "Dom"
        r"(?<![\w.])(?<!\b\w\.\s)(?P<written>D\.)(?=\s(?:(?!Garcia)[^\W\d_]{2,}a|Isabel|Leonor|Inês|Beatriz|Raquel)(?!\w))",
        lambda _match: "Dona",
    ),
    degrees(
        "graus",
        "menos ",
        "a|aos|faz|fazia|de|até|entre|e|hoje|uns|os|girou|marca|marcava|são",
        "a|à|ao|em|de|com|e|durante|por|sob|sobre|hoje|amanhã|ontem|no|na",
    ),
    ordinal_signs("pt", "o um ao do no pelo este esse cada", "a uma à da na pela esta essa cada"),
    Rewriting(  # an initial is no saint: "A. S. Paulo"
        rf"(?<![\w.])(?<!\b\w\.\s)(?P<written>S\.)(?=\s(?:{'|'.join(_SAINTS.split())})(?!\w))", lambda _match: "São"
    ),
    Rewriting(r"(?<!\w)(?:[NnDd]a|[Àà]|[Pp]ela|[Ee]sta)\s(?P<written>R\.)(?=\s[^\W\d_])", lambda _match: "Rua"),
    Rewriting(  # "R. das Flores, 5"
        r"(?<![\w.])(?<!\b\w\.\s)(?P<written>R\.)(?=(?:\s[^\W\d_]+){1,6},?\s(?:n\.?º\s)?\d)", lambda _match: "Rua"
    ),
)


LANGUAGE = Language(
    code="pt",
    name="Portuguese",
    long_codes=listed("por"),
    frequent_words=word_set(
        "não é uma os em ao são você foi isso pelo pela seu ele também muito eu obrigado obrigada natal desculpe "
        "tchau olá bom boa dia noite até logo adeus senhor senhora fatura sim num numa nas pelos pelas com tem têm "
        "foram estava depois onde quem ainda vocês nós eles elas dele minha meu nosso isto aquilo hoje ontem amanhã "
        "rua dois duas três homem mulher coisa sei ninguém feche tudo"
    ),
    letters="áâãàçéêíóôõú",
    own_letters="ãõ",
    never_last=word_set(
        "sr sra srs sras srta dr dra drs prof profa d dom eng arq exmo exma ilmo v exa av r pág págs p pp n núm art "
        "cap caps fig figs tel ex p.ex aprox vol vols séc sécs sto sta gen cel min máx cf jan fev abr jun jul ago "
        "set out nov dez pe apto ap al pça pç rod trav tv lgo estr cia mal eng.ª nos arts inc obs depto ed trad "
        "exmos exmas ilma mons profs fr v.ex.ª s.exa s.ex.ª"
    ),
    before_numbers=word_set(
        "art arts cap caps fig figs eq eqs ref refs sec vol vols tel tab apto ap págs pág n.os núm inc "
        "séc aprox par ed al"
    ),
    may_be_last=word_set("etc"),
    first_words=word_set(
        "o a os as um uma ele ela eles elas eu tu nós você isto este esta isso mas e depois então se quando que quem "
        "por para em no na com sem seu sua não sim é era"
    ),
    one_letter_words="AEOÉÀ",
    after_suspended_hyphen=word_set("e ou"),
    has_grouping_spaces=True,
    months=_MONTHS,
    short_months=listed("jan. fev. mar. abr. mai. jun. jul. ago. set. out. nov. dez."),
    date="{day} de {month} de {year}",
    day_in_date=lambda day: "primeiro" if day == 1 else str(day),
    day_month_year="/.",
    time=_time,
    hour_words=listed("h hs horas hora"),
    time_words=listed("às as à das"),
    has_dotted_times=True,
    ratio_words=listed(
        "escala razão proporção rácio Génesis Gênesis Êxodo Salmo Salmos Provérbios Isaías Jeremias Ezequiel "
        "Daniel Mateus Marcos Lucas João Atos Romanos Coríntios Gálatas Efésios Filipenses Hebreus Tiago Pedro "
        "Apocalipse sura"
    ),
    units=table(
        """
        * estrela estrelas
        gr =g
        seg =s
        kHz quilohertz
        dB decibel decibéis
        t tonelada toneladas
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
    phrases=_PHRASES,
    title_abbreviations=table(
        """
        Exmos. Excelentíssimos
        Exmas. Excelentíssimas
        Fr. Frei
        Mons. Monsenhor
        Profs. Professores
        D.ª Dona
        Dª Dona
        Sr.ª Senhora
        Srª Senhora
        Dr.ª Doutora
        Drª Doutora
        Prof.ª Professora
        Profª Professora
        Drs. Doutores
        Eng.ª Engenheira
        Exmo. Excelentíssimo
        Exma. Excelentíssima
        Ilmo. Ilustríssimo
        Pe. Padre
        Cel. Coronel
        Gen. General
        Mal. Marechal
        Arq. Arquiteto
        Adv. Advogado
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
        Sen. Senador
        Dep. Deputado
        sr. senhor
        sra. senhora
        srs. senhores
        srta. senhorita
        dr. doutor
        dra. doutora
        prof. professor
        profa. professora
        Sta. Santa
        """
    ),
    name_particles=listed("de da do dos das"),
    number_abbreviations=table(
        """
        seg. segunda-feira
        qua. quarta-feira
        qui. quinta-feira
        sáb. sábado
        dom. domingo
        nos. números
        n.os números
        cel. celular
        apto. apartamento
        ap. apartamento
        figs. figuras
        inc. inciso
        arts. artigos
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
        vols. volumes
        caps. capítulos
        séc. século
        sécs. séculos
        arts. artigos
        km quilômetro
        ref. referência
        tel. telefone
        """
    ),
    abbreviations=table(
        """
        V._Ex.ª Vossa_Excelência
        S._Exa. Sua_Excelência
        S._Ex.ª Sua_Excelência
        cap. capítulo
        Al. Alameda
        Pça. Praça
        Pç. Praça
        Rod. Rodovia
        Trav. Travessa
        Tv. Travessa
        Lgo. Largo
        Estr. Estrada
        av. avenida
        ex. exemplo
        máx. máximo
        mín. mínimo
        Cia. Companhia
        Ltda. Limitada
        obs. observação
        depto. departamento
        dept. departamento
        V.Sa. Vossa_Senhoria
        V._Sa. Vossa_Senhoria
        i.e. isto_é
        vs. versus
        ed. edição
        trad. tradução
        N._do_T. nota_do_tradutor
        art. artigo
        p.ex. por_exemplo
        p._ex. por_exemplo
        V.Exa. Vossa_Excelência
        V._Exa. Vossa_Excelência
        aprox. aproximadamente
        Av. Avenida
        """
    ),
    closing_abbreviations=table(
        """
        a.C. antes_de_Cristo
        a._C. antes_de_Cristo
        d.C. depois_de_Cristo
        d._C. depois_de_Cristo
        etc. et_cetera
        """
    ),
    before_cents=" e ",
    scales=("mil milhões", *listed("mil milhão milhões bilhão bilhões trilhão trilhões")),
    of_scale=" de ",
    magnitudes=table(
        """
        k mil
        K mil
        M milhão milhões
        mi milhão milhões
        bi bilhão bilhões
        tri trilhão trilhões
        """
    ),
    thousand="mil",
    names_cents=True,
    per="por",
    powers=powers("ao quadrado", "ao cubo", "elevado a {n}", minus="menos"),
    percent="{n} por cento",
    range_word="a",
    numbered_words=listed(
        "capítulo capítulos parte partes livro livros tomo tomos volume volumes ato atos acto actos cena cenas seção "
        "secção apêndice anexo figura tabela fase tipo artigo ano título canto grupo nível classe"
    ),
    century_words=listed("século séculos séc. sécs."),
    ordinal_nouns=ordinal_nouns(
        "pt",
        "congressos?|concurso|festival|centenário|aniversário|encontro|simpósio|plano|exército|jogos|milénio|milênio|"
        "reich|distrito|prémio|prêmio|campeonato|fórum|seminário|concílio|domingo|batalhão|grau|ciclo|salão|torneio",
        "guerra|edição|república|internacional|dinastia|legislatura|jornadas?|conferência|copa|olimpíada|feira|bienal|"
        "assembleia|divisão|região|cruzada|semana|emenda|convenção|cimeira|cúpula|reunião",
        highest=99,
    ),
    rulers=Rulers(
        word_set(
            "Francisco "
            "Pedro João Afonso Manuel Filipe Sebastião Dinis Sancho Fernando Duarte José Maria Luís Carlos Miguel "
            "Henrique Pio Leão Gregório Bento Paulo Napoleão Guilherme Jorge Eduardo Isabel Ricardo Nicolau Alexandre "
            "Catarina Ivan Frederico Leopoldo Clemente"
        ),
        say=ruler_up_to_ten("pt", word_set("Isabel Catarina Maria")),
    ),
    has_numbered_names=True,
    heading_words=listed("capítulo capitulo livro parte tomo seção secção carta ato acto cena apêndice"),
    lone_headings=listed("prólogo epílogo prefácio introdução"),
    contents_headings=("índice", "sumário"),
    page_words=("página",),
    sign_names=table(
        """
        ! ponto_de_exclamação
        " aspas
        # cardinal
        $ cifrão
        % por_cento
        & e_comercial
        ' apóstrofo
        ( abre_parêntese
        ) fecha_parêntese
        * asterisco
        + mais
        , vírgula
        - hífen
        . ponto
        / barra
        : dois_pontos
        ; ponto_e_vírgula
        < menor_que
        = igual
        > maior_que
        ? ponto_de_interrogação
        @ arroba
        [ abre_colchete
        \\ barra_invertida
        ] fecha_colchete
        ^ circunflexo
        _ sublinhado
        ` acento_grave
        { abre_chave
        | barra_vertical
        } fecha_chave
        ~ til
        € euro
        £ libra
        § parágrafo
        ° grau
        … reticências
        – meia-risca
        — travessão
        „ aspas_baixas
        “ abre_aspas
        ” fecha_aspas
        « abre_aspas
        » fecha_aspas
        • marcador
        """
    ),
    espeak_voice="roa/pt-BR",
    recording_script=(
        "De manhã cedo o porto ainda estava calmo. Algumas gaivotas esperavam pelos barcos em cima do muro. Ouves o "
        "sino? Toca sempre que o nevoeiro chega do mar. Depressa, vamos voltar para casa, pôr a água a ferver e "
        "contar histórias até o sol voltar!"
    ),
)
