"""English."""

from engine.text.languages.record import Words, listed, table

WORDS = Words(
    months=listed("January February March April May June July August September October November December"),
    date="{month} {day}{ordinal}, {year}",
    clock="{hour} {minute}",
    full_hour="{hour} o’clock",
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
    address=table(
        """
        . dot
        @ at
        _ underscore
        - dash
        """
    ),
    titles=table(
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
    before_numbers=table(
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
    anywhere=table(
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
    closing=table(
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
    to="to",
    numbered=listed(
        "chapter part book volume act scene section canto appendix figure table phase stage type article title war"
    ),
    rulers=frozenset(
        listed(
            "Henry Edward George William Richard James Charles Elizabeth Mary Louis Philip Francis Frederick Wilhelm "
            "Nicholas Alexander Peter Catherine Ivan Pius Leo Gregory Benedict Innocent Urban Clement Boniface Paul "
            "John Napoleon Leopold Albert Victor Emmanuel Alfonso Ferdinand Carlos Juan Felipe Gustav Christian Haakon "
            "Olav Rudolf Maximilian Otto Constantine Darius Xerxes Cyrus Robert David Harald Baldwin Ptolemy "
            "Ramesses Ramses Edmund Stephen Sixtus Julius Adrian Nicolas Philippe"
        )
    ),
    other_names=True,
)
