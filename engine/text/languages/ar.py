"""Arabic."""

from engine.text.languages.record import Words, listed, table

WORDS = Words(
    plural="none",
    months=listed("يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر"),
    date="{day} {month} {year}",
    day_month_year="/",
    clock="{hour} و {minute} دقيقة",
    full_hour="{hour}",
    units=table(
        """
        km كيلومتر
        m متر
        cm سنتيمتر
        mm مليمتر
        kg كيلوغرام
        g غرام
        mg مليغرام
        l لتر
        ml مليلتر
        km² كيلومتر_مربع
        m² متر_مربع
        km/h كيلومتر_في_الساعة
        m/s متر_في_الثانية
        °C درجة_مئوية
        °F درجة_فهرنهايت
        ° درجة
        min دقيقة
        s ثانية
        h ساعة
        ms ملي_ثانية
        GB غيغابايت
        MB ميغابايت
        kB كيلوبايت
        TB تيرابايت
        GHz غيغاهرتز
        MHz ميغاهرتز
        kHz كيلوهرتز
        Hz هرتز
        kW كيلوواط
        kWh كيلوواط_ساعة
        W واط
        V فولت
        dB ديسيبل
        t طن
        ha هكتار
        mph ميل_في_الساعة
        ft قدم
        lb رطل
        oz أونصة
        كم كيلومتر
        سم سنتيمتر
        مم مليمتر
        كغ كيلوغرام
        كجم كيلوغرام
        """
    ),
    currencies=table(
        """
        $ دولار
        € يورو
        £ جنيه
        ¥ ين
        ₽ روبل
        """
    ),
    signs=table(
        """
        + زائد
        = يساوي
        × ضرب
        ÷ على
        − ناقص
        & و
        № رقم
        """
    ),
    address=table(
        """
        . نقطة
        @ آت
        _ شرطة_سفلية
        - شرطة
        """
    ),
    titles=table(
        """
        د. الدكتور
        أ.د. الأستاذ_الدكتور
        """
    ),
    before_numbers=table(
        """
        ص. صفحة
        ص صفحة
        ج. جزء
        """
    ),
    anywhere=table(
        """
        ق.م. قبل_الميلاد
        ق.م قبل_الميلاد
        """
    ),
    closing=table(
        """
        إلخ. إلى_آخره
        إلخ إلى_آخره
        الخ. إلى_آخره
        """
    ),
    scales=listed("ألف مليون ملايين مليار مليارات"),
    percent="{n} بالمئة",
    to="إلى",
)
