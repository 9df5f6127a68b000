"""English."""

import re

from engine.text.languages.counting import ordinal
from engine.text.languages.forms import alternatives
from engine.text.languages.record import Language, Rewriting, Rulers, listed, span_of_days, table, word_set

_MONTHS = listed("January February March April May June July August September October November December")

_DECADES = ("twenties", "thirties", "forties", "fifties", "sixties", "seventies", "eighties", "nineties")


def _ordinal_number(number: int) -> str:
    suffixes = {1: "st", 2: "nd", 3: "rd"}
    return f"{number}{'th' if number % 100 in (11, 12, 13) else suffixes.get(number % 10, 'th')}"


def _time(hour: int, minute: int) -> str:
    if minute == 0 and hour in (0, 24):
        return "midnight"
    if minute == 0:
        return f"{hour} o’clock" if 1 <= hour <= 12 else f"{hour} hundred"
    return f"{hour} oh {minute}" if minute < 10 else f"{hour} {minute}"


def _ruler(_before: str, _name: str, number: int) -> str | None:
    return f"the {ordinal(number, 'en').capitalize()}" if number < 100 else None


def _day_after_month(match: re.Match[str]) -> str:
    return f"{match['before']}{_ordinal_number(int(match['d']))}"


def _decade(match: re.Match[str]) -> str:
    if match["alone"]:
        return _DECADES[int(match["alone"]) - 2]
    return f"{match['century']} {_DECADES[int(match['tens']) - 2]}"


_DETERMINED = re.compile(
    r"(?P<single>\b(?:an?|another|each|every)\s(?:(?!of\b|about\b|over\b|under\b|some\b|only\b)[a-z]+\s)?)\Z"
    r"|\b(?:the|this|that|these|those|his|her|its|my|our|your|their|whose|two|three|four|five|six|seven|eight|nine|ten)"
    r"\s(?:(?:new|old|first|last|whole|entire|famous|daily|long|short)\s)?\Z",
    re.IGNORECASE,
)
_NOUN = re.compile(r"[\s-](?P<word>[a-z]{3,})")
_NO_NOUNS = word_set(
    "the and that with you this have from are they which were been would their there your our what when who for "
    "was is not but his her its him them than then over under into onto upon off out away apart ago later earlier "
    "before after above below beyond between during until till since per plus minus each every more less further "
    "north south east west northeast northwest southeast southwest inland offshore uphill downhill down across "
    "along around through via because while where whereas here today tomorrow yesterday tonight now again only "
    "just even also too has had will can could should must may might does did left right worth went came goes "
    "comes makes made"
)


_MEASURED = word_set(  # what is told apart by its measure, and so has it before it even without an article
    "race sprint dash run walk hike swim bag bulb lamp light battery cable drive disk card screen display lens film "
    "gun rifle wind gale angle turn radius limit zone speed note bill coin banknote hotel inn resort restaurant "
    "hostel rating review ride freestyle butterfly backstroke hurdle relay pipe pole fence wall ceiling"
)


def _is_attributive(before: str, after: str) -> bool:
    determined = _DETERMINED.search(before)
    noun = _NOUN.match(after)
    if noun is not None and noun["word"].removesuffix("s") in _MEASURED:
        return True
    is_noun = noun is not None and noun["word"] not in _NO_NOUNS
    if determined is None:
        return after.startswith("-") and is_noun
    return is_noun or bool(determined["single"] and not after.strip(' .,;:!?…"”’)')[:1].isalpha())


def _power(exponent: str) -> str:
    if exponent in ("2", "3"):
        return "squared" if exponent == "2" else "cubed"
    if exponent.isdigit():
        return f"to the {_ordinal_number(int(exponent))}"
    return f"to the {exponent.replace('-', 'minus ')}"


_STREETS = {"St.": "Street", "Ave.": "Avenue", "Av.": "Avenue", "Blvd.": "Boulevard", "Rd.": "Road", "Dr.": "Drive"}
_STREETS |= {"Ln.": "Lane", "Ct.": "Court", "Pl.": "Place", "Sq.": "Square", "Hwy.": "Highway", "Pkwy.": "Parkway"}
_STREETS |= {short[:-1]: name for short, name in _STREETS.items() if short not in ("Dr.", "Av.", "Pl.", "Ct.", "Sq.")}
_STREET = alternatives(_STREETS)
_QUARTERS = {"N": "North", "E": "East", "S": "South", "W": "West"}
_QUARTERS |= {"NE": "Northeast", "NW": "Northwest", "SE": "Southeast", "SW": "Southwest"}


def _street(match: re.Match[str]) -> str:
    stop = "." if match["short"].endswith(".") and match["last"] is not None else ""
    return f"{_STREETS[match['short']]}{stop}{match['last'] or ''}"


def _following(match: re.Match[str]) -> str:
    return f" and following{'.' if match.end() == len(match.string) else ''}"


def _feet_and_inches(match: re.Match[str]) -> str:
    is_attributive = _is_attributive(match.string[: match.start()], match.string[match.end() :])
    feet = "foot" if match["feet"] == "1" or is_attributive else "feet"
    inches = "inch" if match["inches"] == "1" or is_attributive else "inches"
    return f"{match['feet']} {feet} {match['inches']} {inches}"


_PHRASES = (
    span_of_days(
        """
            Mon Monday
            Tue Tuesday
            Tues Tuesday
            Wed Wednesday
            Thu Thursday
            Thur Thursday
            Thurs Thursday
            Fri Friday
            Sat Saturday
            Sun Sunday
        """,
        "to",
    ),
    Rewriting(  # "Route 5 W", which is no watt either
        r"\b(?:[Rr]oute|[Rr]te\.?|[Ee]xit|[Ii]nterstate|[Hh]ighway|[Hh]wy\.?|[Ss]ection|[Uu]nit|[Gg]ate|[Rr]oom)\s\d{1,4}\s"
        r"(?P<written>(?P<quarter>[NESW]))(?!\w)",
        lambda match: _QUARTERS[match["quarter"]],
    ),
    Rewriting(r"(?<=\d)(?P<written>\s?ff?\.)(?!\w)", _following),  # "p. 5 ff."
    Rewriting(  # "100k followers", "2.5M views"; but a 10K race and the 3M company
        r"(?<![\w.,$€£-])\d{1,4}(?:\.\d{1,3})?(?P<written>(?P<scale>[kKM]))(?=\s[a-z]{3,}(?<!ss)s\b)",
        lambda match: " million" if match["scale"] == "M" else " thousand",
    ),
    # "300 W 57th St.", "12 N. Main St.": after a house number there is no watt
    Rewriting(
        rf"(?<![\w.,])\d{{1,5}}\s(?P<written>(?P<quarter>N|E|S|W|NE|NW|SE|SW)\.?)(?=\s(?:\d{{1,3}}(?:st|nd|rd|th)\b"
        rf"|(?:[A-Z][a-z]+\s){{1,3}}(?:{_STREET}|Street|Avenue|Road|Drive|Boulevard)(?!\w)))",
        lambda match: _QUARTERS[match["quarter"]],
    ),
    # "Main St.", "5th Ave.", but "on St. Mary's day" and "Oak met Dr. Oak"
    Rewriting(
        r"(?:\b[A-Z][a-z]+(?:['’]s)?|\b\d{1,3}(?:st|nd|rd|th))\s(?<!\bThe\s)(?<!\bAnd\s)(?<!\bIn\s)(?<!\bOn\s)(?<!\bAt\s)"
        rf"(?<!\bDear\s)(?<!\bSee\s)(?<!\bBut\s)(?P<written>(?P<short>{_STREET})(?!\w)(?P<last>[\"'”’)\]]*\Z)?)"
        r"(?!\s[A-Z][a-z]+(?!\s(?:and|or|is|was)\b))",
        _street,
    ),
    Rewriting(  # 5'11", 5 ft 11 in
        r"(?<![\w.,'’′])(?P<feet>\d)(?:['’′]\s?|\s(?:ft|feet|foot)\.?\s)(?P<inches>\d|1[01])(?:[\"”″]|''|\sin\b\.?(?!\s\d))",
        _feet_and_inches,
    ),
)

_ORDINALS = (  # "May 12, 2024" is the 12th, and the "1990s" are nineties; "12th" itself every voice reads
    Rewriting(
        rf"(?<!\w)(?P<before>(?:{'|'.join(_MONTHS)})\s)(?P<d>[1-9]|[12]\d|3[01])"
        r"(?=,?\s[12]\d{3}(?!\d)|[.,;:!?)]*\Z|,\s)",
        _day_after_month,
    ),
    Rewriting(  # "the January 5 deadline"; "in January 5 people" and "March 5 miles" are of another kind
        rf"(?<![Ii]n\s)(?<!\w)(?P<before>(?:{'|'.join(month for month in _MONTHS if month not in ('March', 'May'))})\s)"
        r"(?P<d>[1-9]|[12]\d|3[01])(?!\w|[.,:]\d|\s?[%–-])",
        _day_after_month,
    ),
    Rewriting(
        r"(?<![\w.,:/-])(?P<century>1[1-9]|20)(?P<tens>[2-9])0['’]?s(?!\w)|(?<![\w.,])['’](?P<alone>[2-9])0s(?!\w)",
        _decade,
    ),
)


LANGUAGE = Language(
    code="en",
    name="English",
    long_codes=listed("eng"),
    frequent_words=word_set(
        "the and that with you this have from are they which were been would their there it your our what when who "
        "he she his him said not does did don didn how where why could should yes please thanks thank hello good "
        "morning evening year years chapter invoice street about after before then than these those between because "
        "out only people way very much many some any first three it's press close always never nothing something "
        "everything someone left went came see later today tomorrow yesterday them us hot garden"
    ),
    never_last=word_set(
        "dr mr mrs ms prof st pt rev gen col capt lt sgt sen rep gov hon fr mt messrs vs cf e.g i.e viz fig figs eq "
        "eqs ch chs pp vol vols approx ca al nos tel ref refs apt bldg rs jan feb aug sept oct nov dec "
        "apr jun jul sep oz lb lbs maj adm cmdr pres supt atty ft sq cu yd hr hrs min mins sec secs tbsp tsp gal"
    ),
    before_numbers=word_set(
        "art lat est sect apt eqs eq refs ref secs sec figs chs chap chaps par pars para paras vols exs ex tabs tab "
        "vers ver rm ste ext tel app apps appx fn ll pt pts bk cf ser bldg fl lot incl nos no approx c ca"
    ),
    may_be_last=word_set("etc"),
    after_names=word_set("st ave av rd blvd dr ln ct pl sq hwy"),
    words_after={
        "no": word_set("said say says saying answered answer replied told voted was is be means meant shouted")
    },
    plain_words=word_set("me may ill ok op miss ore art arc ark rep brig pa re la ex"),
    first_words=word_set(
        "the a an this that these those he she it we they you i his her its our their my there then but and so if "
        "when what who how why in on at as for after before not no yes all some many most now please let"
    ),
    compound_firsts=word_set(
        "twenty thirty forty fifty sixty seventy eighty ninety "
        "all anti best big co cross double eight ever ex first five four free full half hard high left long low mid "
        "mother much new nine non old one quasi right second self semi seven short single six ten third three two "
        "user vice well wide year"
    ),
    one_letter_words="AIO",
    after_suspended_hyphen=word_set("and or"),
    months=_MONTHS,
    short_months=listed("Jan. Feb. Mar. Apr. May Jun. Jul. Aug. Sept.|Sep. Oct. Nov. Dec."),
    date="{month} {day}, {year}",
    day_in_date=_ordinal_number,
    time=_time,
    time_words=listed("at"),
    half_days=r"[ap]\.?\s?m(?!\w)|[AP]\.?\s?M(?!\w)|noon|midnight|o['’]clock|[Hh]ours|hrs",
    ratio_words=listed(
        "ratio odds scale score proportion Genesis Exodus Leviticus Deuteronomy Joshua Judges Samuel Kings Psalm "
        "Psalms Proverbs Ecclesiastes Isaiah Jeremiah Ezekiel Daniel Matthew Mark Luke John Acts Romans "
        "Corinthians Galatians Ephesians Philippians Colossians Thessalonians Timothy Hebrews James Peter "
        "Revelation"
    ),
    units=table(
        """
        kWh kilowatt_hour kilowatt_hours
        dB decibel decibels
        mi mile miles
        yd yard yards
        lbs pound pounds
        hr hour hours
        hrs hour hours
        mins minute minutes
        secs second seconds
        sec second seconds
        Mbps megabit_per_second megabits_per_second
        Gbps gigabit_per_second gigabits_per_second
        kbps kilobit_per_second kilobits_per_second
        kph kilometre_per_hour kilometres_per_hour
        psi pound_per_square_inch pounds_per_square_inch
        rpm revolution_per_minute revolutions_per_minute
        bpm beat_per_minute beats_per_minute
        mpg mile_per_gallon miles_per_gallon
        sq_ft square_foot square_feet
        sq._ft square_foot square_feet
        sq_mi square_mile square_miles
        sq._mi square_mile square_miles
        cu_ft cubic_foot cubic_feet
        cu._ft cubic_foot cubic_feet
        mAh milliampere_hour milliampere_hours
        sq_km square_kilometre square_kilometres
        sq_m square_metre square_metres
        tbsp tablespoon tablespoons
        tsp teaspoon teaspoons
        mo month months
        yr year years
        yrs year years
        * star stars
        """
    ),
    joins_units=" ",
    is_attributive=_is_attributive,
    per="per",
    currencies=table(
        """
        $ dollar dollars
        € euro euros
        £ pound pounds
        ¥ yen
        ₽ rouble roubles
        ₩ won
        ₹ rupee rupees
        CHF Swiss_franc Swiss_francs
        zł zloty zlotys
        ¢ cent cents
        Rs. rupee rupees
        Rs rupee rupees
        """
    ),
    cents=table(
        """
        $ cent cents
        € cent cents
        £ penny pence
        """
    ),
    signs=table(
        """
        + plus
        = equals
        × times
        ÷ divided_by
        ± plus_or_minus
        ≈ about
        < is_less_than less_than
        > is_more_than more_than
        ≤ is_at_most at_most
        ≥ is_at_least at_least
        − minus
        & and
        § section
        §§ sections
        № number
        # number
        """
    ),
    powers=_power,
    phrases=_PHRASES,
    address_signs=table(
        """
        . dot
        @ at
        _ underscore
        - dash
        """
    ),
    title_abbreviations=table(
        """
        Dr. Doctor
        Mr. Mister
        Mrs. Missus
        Ms. Miz
        Prof. Professor
        St. Saint
        Capt. Captain
        Col. Colonel
        Gen. General
        Lt. Lieutenant
        Sgt. Sergeant
        Maj. Major
        Adm. Admiral
        Cmdr. Commander
        Pres. President
        Supt. Superintendent
        Ft. Fort
        Rev. Reverend
        Hon. Honourable
        Sen. Senator
        Gov. Governor
        Rep. Representative
        Pt. Point
        Msgr. Monsignor
        Messrs. Messieurs
        Mt. Mount
        """
    ),
    name_particles=listed("de du la van von der"),
    number_abbreviations=table(
        """
        No. number
        no. number
        Nos. numbers
        nos. numbers
        p. page
        pp. pages
        Fig. Figure
        fig. figure
        Vol. Volume
        vol. volume
        Ch. Chapter
        Chap. Chapter
        chap. chapter
        Sect. Section
        sect. section
        Para. Paragraph
        para. paragraph
        Tel. Telephone
        tel. telephone
        Ext. Extension
        ext. extension
        Lat. Latitude
        lat. latitude
        ch. chapter
        ca. circa
        c. circa
        approx. approximately
        Art. Article
        Sec. Section
        sec. section
        Secs. Sections
        Figs. Figures
        figs. figures
        Eq. Equation
        eq. equation
        Eqs. Equations
        eqs. equations
        Ref. Reference
        ref. reference
        Refs. References
        refs. references
        Apt. Apartment
        apt. apartment
        Chs. Chapters
        chs. chapters
        Vols. Volumes
        vols. volumes
        Tab. Table
        Pt. Part
        App. Appendix
        Thm. Theorem
        Prop. Proposition
        Def. Definition
        Ex. Example
        Bldg. Building
        Rm. Room
        Ste. Suite
        Flt. Flight
        Op. Opus
        op. opus
        l. line
        ll. lines
        n. note
        Mon. Monday
        Tue. Tuesday
        Tues. Tuesday
        Wed. Wednesday
        Thu. Thursday
        Thurs. Thursday
        Fri. Friday
        """
    ),
    abbreviations=table(
        """
        e.g. for_example
        i.e. that_is
        vs. versus
        viz. namely
        cf. compare
        approx. approximately
        w/o without
        a.k.a. also_known_as
        aka also_known_as
        incl. including
        excl. excluding
        esp. especially
        w/ with
        b/c because
        """
    ),
    closing_abbreviations=table(
        """
        etc. et_cetera
        Jr. Junior
        Sr. Senior
        Ltd. Limited
        Inc. Incorporated
        Co. Company
        Bros. Brothers
        Corp. Corporation
        """
    ),
    names_cents=True,
    before_cents=" and ",
    scales=listed("thousand million billion trillion lakh crore"),
    magnitudes=table(
        """
        k thousand
        K thousand
        m million
        M million
        mn million
        mln million
        mil million
        b billion
        B billion
        bn billion
        bln billion
        T trillion
        tn trillion
        trn trillion
        """
    ),
    counted_nouns=listed(
        "seconds minutes hours days nights weeks months years decades times people persons children men women pages "
        "words dollars euros pounds cents percent degrees metres meters kilometres kilometers miles feet inches "
        "kilos grams tablespoons teaspoons cups steps points players items servings million billion"
    ),
    percent="{n} percent",
    range_word="to",
    numbered_words=listed(
        "chapter chapters part parts book books volume volumes act acts scene scenes section sections canto cantos "
        "appendix figure table phase stage type article articles title war sonnet psalm level grade class"
    ),
    rulers=Rulers(
        word_set(
            "Henry Edward George William Richard James Charles Elizabeth Mary Louis Philip Francis Frederick Wilhelm "
            "Nicholas Alexander Peter Catherine Ivan Pius Leo Gregory Benedict Innocent Urban Clement Boniface Paul "
            "John Napoleon Leopold Albert Victor Emmanuel Alfonso Ferdinand Carlos Juan Felipe Gustav Christian Haakon "
            "Olav Rudolf Maximilian Otto Constantine Darius Xerxes Cyrus Robert David Harald Baldwin Ptolemy "
            "Ramesses Ramses Edmund Stephen Sixtus Julius Adrian Nicolas Philippe"
        ),
        say=_ruler,
    ),
    has_numbered_names=True,
    ordinals=_ORDINALS,
    has_word_i=True,
    verbs_of_i=listed(
        "am have know think believe suppose guess hope mean want need like love hate remember see say wish doubt "
        "wonder fear trust understand assume admit admire adore prefer do don['’]t go call"
    ),
    verbs_before_infinitives=listed(
        "did does didn['’]t will would can could should shall must might may cannot let made make saw see"
    ),
    heading_words=listed("chapter book part volume section letter canto stave act scene appendix"),
    lone_headings=listed("prologue epilogue preface foreword introduction afterword conclusion interlude"),
    contents_headings=(r"(?:table of )?contents\.?",),
    page_words=("page", "p."),
    sign_names=table(
        """
        ! exclamation_mark
        " quotation_mark
        # number_sign
        $ dollar
        % percent
        & ampersand
        ' apostrophe
        ( left_parenthesis
        ) right_parenthesis
        * asterisk
        + plus
        , comma
        - hyphen
        . full_stop
        / slash
        : colon
        ; semicolon
        < less_than
        = equals
        > greater_than
        ? question_mark
        @ at
        [ left_bracket
        \\ backslash
        ] right_bracket
        ^ caret
        _ underscore
        ` backtick
        { left_brace
        | vertical_bar
        } right_brace
        ~ tilde
        € euro
        £ pound
        § section_sign
        ° degree
        … ellipsis
        – en_dash
        — em_dash
        „ low_quotation_mark
        “ left_quotation_mark
        ” right_quotation_mark
        « left_guillemet
        » right_guillemet
        • bullet
        """
    ),
    espeak_voice="gmw/en-US",
    recording_script=(
        "Early in the morning the harbour was still quiet. A few gulls sat on the wall and waited for the boats. Do "
        "you hear the bell? It rings whenever the fog is coming in from the sea. Quick, let us go back to the house, "
        "put the kettle on, and tell each other stories until the sun returns!"
    ),
)
