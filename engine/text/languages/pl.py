"""Polish."""

from engine.text.languages.record import Words, listed, table

WORDS = Words(
    plural="polish",
    months=listed("stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia"),
    date="{day} {month} {year}",
    day_month_year=".",
    clock="{hour} {minute}",
    full_hour="{hour}",
    units=table(
        """
        km kilometr kilometry kilometrów kilometra
        m metr metry metrów metra
        cm centymetr centymetry centymetrów centymetra
        mm milimetr milimetry milimetrów milimetra
        kg kilogram kilogramy kilogramów kilograma
        g gram gramy gramów grama
        mg miligram miligramy miligramów miligrama
        l litr litry litrów litra
        ml mililitr mililitry mililitrów mililitra
        km² kilometr_kwadratowy kilometry_kwadratowe kilometrów_kwadratowych kilometra_kwadratowego
        m² metr_kwadratowy metry_kwadratowe metrów_kwadratowych metra_kwadratowego
        km/h kilometr_na_godzinę kilometry_na_godzinę kilometrów_na_godzinę kilometra_na_godzinę
        m/s metr_na_sekundę metry_na_sekundę metrów_na_sekundę metra_na_sekundę
        °C stopień_Celsjusza stopnie_Celsjusza stopni_Celsjusza stopnia_Celsjusza
        °F stopień_Fahrenheita stopnie_Fahrenheita stopni_Fahrenheita stopnia_Fahrenheita
        ° stopień stopnie stopni stopnia
        min minuta minuty minut minuty
        s sekunda sekundy sekund sekundy
        h godzina godziny godzin godziny
        ms milisekunda milisekundy milisekund milisekundy
        GB gigabajt gigabajty gigabajtów gigabajta
        MB megabajt megabajty megabajtów megabajta
        kB kilobajt kilobajty kilobajtów kilobajta
        TB terabajt terabajty terabajtów terabajta
        GHz gigaherc gigaherce gigaherców gigaherca
        MHz megaherc megaherce megaherców megaherca
        kHz kiloherc kiloherce kiloherców kiloherca
        Hz herc herce herców herca
        kW kilowat kilowaty kilowatów kilowata
        kWh kilowatogodzina kilowatogodziny kilowatogodzin kilowatogodziny
        W wat waty watów wata
        V wolt wolty woltów wolta
        dB decybel decybele decybeli decybela
        t tona tony ton tony
        ha hektar hektary hektarów hektara
        mph mila_na_godzinę mile_na_godzinę mil_na_godzinę mili_na_godzinę
        ft stopa stopy stóp stopy
        lb funt funty funtów funta
        oz uncja uncje uncji uncji
        """
    ),
    currencies=table(
        """
        zł złoty złote złotych złotego
        PLN złoty złote złotych złotego
        $ dolar dolary dolarów dolara
        € euro
        £ funt funty funtów funta
        ¥ jen jeny jenów jena
        ₽ rubel ruble rubli rubla
        CHF frank_szwajcarski franki_szwajcarskie franków_szwajcarskich franka_szwajcarskiego
        """
    ),
    cents=table(
        """
        zł grosz grosze groszy grosza
        PLN grosz grosze groszy grosza
        € cent centy centów centa
        $ cent centy centów centa
        """
    ),
    signs=table(
        """
        + plus
        = równa_się
        × razy
        ÷ podzielić_przez
        ± plus_minus
        ≈ około
        < jest_mniejsze_niż
        > jest_większe_niż
        − minus
        & i
        § paragraf
        № numer
        """
    ),
    address=table(
        """
        . kropka
        @ małpa
        _ podkreślnik
        - myślnik
        """
    ),
    titles=table(
        """
        dr doktor
        inż. inżynier
        ks. ksiądz
        św. święty
        prof. profesor
        gen. generał
        płk pułkownik
        ul. ulica
        al. aleja
        pl. plac
        os. osiedle
        """
    ),
    before_numbers=table(
        """
        nr numer
        Nr numer
        s. strona
        str. strona
        rys. rysunek
        tab. tabela
        art. artykuł
        ust. ustęp
        godz. godzina
        tel. telefon
        ok. około
        """
    ),
    anywhere=table(
        """
        np. na_przykład
        tj. to_jest
        tzw. tak_zwany
        tzn. to_znaczy
        m.in. między_innymi
        m._in. między_innymi
        wg według
        dr. doktor
        ok. około
        p.n.e. przed_naszą_erą
        n.e. naszej_ery
        zob. zobacz
        por. porównaj
        """
    ),
    closing=table(
        """
        itd. i_tak_dalej
        itp. i_tym_podobne
        """
    ),
    before_cents=" i ",
    percent="{n} procent",
    to="do",
    numbered=listed("rozdział część księga tom akt scena rysunek tabela faza typ artykuł"),
)
