"""English."""

import re

from engine.text.languages.counting import ordinal
from engine.text.languages.record import Language, Rewriting, Rulers, listed, table, word_set

_MONTHS = listed("January February March April May June July August September October November December")

_DECADES = ("twenties", "thirties", "forties", "fifties", "sixties", "seventies", "eighties", "nineties")


def _ordinal_day(day: int) -> str:
    suffixes = {1: "st", 2: "nd", 3: "rd"}
    return f"{day}{'th' if day in (11, 12, 13) else suffixes.get(day % 10, 'th')}"


def _time(hour: int, minute: int) -> str:
    if minute == 0 and hour in (0, 24):
        return "midnight"
    if minute == 0:
        return f"{hour} o’clock" if 1 <= hour <= 12 else f"{hour} hundred"
    return f"{hour} oh {minute}" if minute < 10 else f"{hour} {minute}"


def _ruler(_before: str, _name: str, number: int) -> str | None:
    return f"the {ordinal(number, 'en').capitalize()}" if number < 100 else None


def _day_after_month(match: re.Match[str]) -> str:
    return f"{match['before']}{_ordinal_day(int(match['d']))}"


def _decade(match: re.Match[str]) -> str:
    if match["alone"]:
        return _DECADES[int(match["alone"]) - 2]
    return f"{match['century']} {_DECADES[int(match['tens']) - 2]}"


_ORDINALS = (  # "May 12, 2024" is the 12th, and the "1990s" are nineties; "12th" itself every voice reads
    Rewriting(
        rf"(?<!\w)(?P<before>(?:{'|'.join(_MONTHS)})\s)(?P<d>[1-9]|[12]\d|3[01])"
        r"(?=,?\s[12]\d{3}(?!\d)|[.,;:!?)]*\Z|,\s)",
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
        "everything someone left went came see later today tomorrow yesterday"
    ),
    never_last=word_set(
        "dr mr mrs ms prof st rev gen col capt lt sgt sen rep gov hon fr mt messrs vs cf e.g i.e viz fig figs eq ch "
        "pp vol approx ca al nos art jan feb aug sept oct nov dec"
    ),
    may_be_last=word_set("etc"),
    first_words=word_set(
        "the a an this that these those he she it we they you i his her its our their my there then but and so if "
        "when what who how why in on at as for after before not no yes"
    ),
    compound_firsts=word_set(
        "all anti best big co cross double eight ever ex first five four free full half hard high left long low mid "
        "mother much new nine non old one quasi right second self semi seven short single six ten third three two "
        "user vice well wide year"
    ),
    after_suspended_hyphen=word_set("and or"),
    months=_MONTHS,
    date="{month} {day}, {year}",
    day_in_date=_ordinal_day,
    time=_time,
    units=table(
        """
        km kilometre kilometres
        m metre metres
        cm centimetre centimetres
        mm millimetre millimetres
        kg kilogram kilograms
        g gram grams
        mg milligram milligrams
        l litre litres
        ml millilitre millilitres
        km² square_kilometre square_kilometres
        m² square_metre square_metres
        km/h kilometre_per_hour kilometres_per_hour
        m/s metre_per_second metres_per_second
        °C degree_Celsius degrees_Celsius
        °F degree_Fahrenheit degrees_Fahrenheit
        ° degree degrees
        min minute minutes
        s second seconds
        h hour hours
        ms millisecond milliseconds
        GB gigabyte gigabytes
        MB megabyte megabytes
        kB kilobyte kilobytes
        TB terabyte terabytes
        GHz gigahertz
        MHz megahertz
        kHz kilohertz
        Hz hertz
        kW kilowatt kilowatts
        kWh kilowatt_hour kilowatt_hours
        W watt watts
        V volt volts
        dB decibel decibels
        t tonne tonnes
        ha hectare hectares
        mph mile_per_hour miles_per_hour
        ft foot feet
        lb pound pounds
        oz ounce ounces
        """
    ),
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
        < is_less_than
        > is_more_than
        ≤ is_at_most
        ≥ is_at_least
        − minus
        & and
        § section
        № number
        # number
        """
    ),
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
        Rev. Reverend
        Hon. Honourable
        Sen. Senator
        Gov. Governor
        Messrs. Messieurs
        Mt. Mount
        """
    ),
    number_abbreviations=table(
        """
        No. number
        no. number
        Nos. numbers
        p. page
        pp. pages
        Fig. Figure
        fig. figure
        Vol. Volume
        vol. volume
        Ch. Chapter
        ch. chapter
        ca. circa
        c. circa
        approx. approximately
        Art. Article
        Sec. Section
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
        incl. including
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
        """
    ),
    before_cents=" and ",
    scales=listed("thousand million billion trillion"),
    percent="{n} percent",
    range_word="to",
    numbered_words=listed(
        "chapter part book volume act scene section canto appendix figure table phase stage type article title war"
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
    heading_words=listed("chapter book part volume section letter canto stave act scene appendix"),
    lone_headings=listed("prologue epilogue preface foreword introduction afterword conclusion interlude"),
    contents_headings=(r"(?:table of )?contents\.?",),
    page_words=("page", "p."),
    espeak_voice="gmw/en-US",
    recording_script=(
        "Early in the morning the harbour was still quiet. A few gulls sat on the wall and waited for the boats. Do "
        "you hear the bell? It rings whenever the fog is coming in from the sea. Quick, let us go back to the house, "
        "put the kettle on, and tell each other stories until the sun returns!"
    ),
)
