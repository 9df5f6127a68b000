"""Arabic."""

import re

from engine.text.languages.forms import ARABIC as PLURAL
from engine.text.languages.record import Language, Rewriting, Script, listed, powers, table, time_of_day, word_set

ARABIC = Script(
    "Arabic",
    r"\u0620-\u064a\u066e\u066f\u0671-\u06d3\u06d5\u06e5\u06e6\u06ee\u06ef\u06fa-\u06fc\u06ff\u0750-\u077f"
    r"\ufb50-\ufbb1\ufbd3-\ufd3d\ufd50-\ufd8f\ufd92-\ufdc7\ufdf0-\ufdfb\ufe70-\ufe74\ufe76-\ufefc",
    weight=2,
)

_ERAS = {"م": "ميلادي", "هـ": "هجري", "ه": "هجري"}


_HALVES = {"ص": " صباحا", "م": " مساء"}


def _in_european_digits(match: re.Match[str]) -> str:
    """Write Arabic digits as dates and times are told by."""
    return "".join(str(int(sign)) if sign.isdigit() else sign for sign in match["written"])


def _era(match: re.Match[str]) -> str | None:
    """Say the letter of an era after a year, in the gender of the word for "year" before it."""
    era = _ERAS[match["era"]]
    if not match["noun"] and match["era"] == "م":
        return None  # also the letter of the metre
    is_last = match["stop"] and not match.string[match.end() :].strip("\"'”’»)")
    return f" {era}{'' if 'عام' in (match['noun'] or '') else 'ة'}{'.' if is_last else ''}"


LANGUAGE = Language(
    code="ar",
    name="Arabic",
    long_codes=listed("ara"),
    script=ARABIC,
    frequent_words=word_set(
        "في على إلى أن هذا التي الذي كان هذه ذلك لم من عن مع لا ما هو هي كانت قال مرحبا شكرا السلام"
    ),
    letters=r"\u0621-\u0652",
    own_letters="ةإ",
    encodings=("cp1256",),
    never_last=word_set("د أ م ص ج هـ أ.د ق.م ص.ب ت ط ب"),
    may_be_last=word_set("إلخ الخ"),
    plural=PLURAL,
    months=listed("يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر"),
    date="{day} {month} {year}",
    day_month_year="/",
    time=time_of_day("{hour} و {minute} دقيقة", "{hour}"),
    units=table(
        """
        * نجوم
        GHz غيغاهرتز
        MHz ميغاهرتز
        kHz كيلوهرتز
        kWh كيلوواط_ساعة
        dB ديسيبل
        t طن أطنان
        km كيلومتر كيلومترات
        m متر أمتار
        cm سنتيمتر سنتيمترات
        mm مليمتر مليمترات
        km² كيلومتر_مربع كيلومترات_مربعة
        m² متر_مربع أمتار_مربعة
        m³ متر_مكعب أمتار_مكعبة
        kg كيلوغرام كيلوغرامات
        g غرام غرامات
        mg مليغرام مليغرامات
        l لتر لترات
        ml مليلتر مليلترات
        km/h كيلومتر_في_الساعة كيلومترات_في_الساعة
        m/s متر_في_الثانية أمتار_في_الثانية
        °C درجة_مئوية درجات_مئوية
        ° درجة درجات
        h ساعة ساعات
        min دقيقة دقائق
        s ثانية ثوان
        كم =km
        كم² =km²
        م² =m²
        م³ =m³
        سم =cm
        مم =mm
        كغ =kg
        كجم =kg
        كم² =km²
        م² =m²
        سم² =cm²
        م³ =m³
        كم/س =km/h
        كم/ساعة =km/h
        م/ث =m/s
        ملم =mm
        مل =ml
        كلغ =kg
        كغم =kg
        كلم =km
        غم =g
        ملغ =mg
        ملغم =mg
        """
    ),
    currencies=table(
        """
        $ دولار دولارات
        € يورو
        £ جنيه جنيهات
        ¥ ين
        ₽ روبل روبلات
        ر.س ريال ريالات
        د.إ درهم دراهم
        ج.م جنيه جنيهات
        د.ك دينار دنانير
        ل.ل ليرة ليرات
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
    address_signs=table(
        """
        . نقطة
        @ آت
        _ شرطة_سفلية
        - شرطة
        """
    ),
    title_abbreviations=table(
        """
        د. الدكتور
        أ.د. الأستاذ_الدكتور
        """
    ),
    number_abbreviations=table(
        """
        ص. صفحة
        ص صفحة
        ج. جزء
        """
    ),
    abbreviations=table(
        """
        ص.ب. صندوق_بريد
        ص.ب صندوق_بريد
        """
    ),
    closing_abbreviations=table(
        """
        ق.م. قبل_الميلاد
        ق.م قبل_الميلاد
        إلخ. إلى_آخره
        إلخ إلى_آخره
        الخ. إلى_آخره
        """
    ),
    scales=listed("ألف مليون ملايين مليار مليارات"),
    magnitudes=table(
        """
        k ألف
        K ألف
        M مليون
        B مليار
        bn مليار
        """
    ),
    per="لكل",
    powers=powers("تربيع", "تكعيب", "أس {n}", minus="ناقص"),
    percent="{n} بالمئة",
    range_word="إلى",
    phrases=(
        Rewriting(r"(?<=\d)(?P<written>\s?٪)", lambda _match: "%"),
        Rewriting(  # "and" and "by" are written together with what follows
            r"(?<!\w)(?P<written>[وب])(?=\d{1,9}(?:[.,]\d{1,9})?\s?(?:[%$€£]|كم|سم|كغ))", lambda match: f"{match[0]} "
        ),
        Rewriting(r"(?<!\d)(?P<written>[٠-٩]{1,2}(?:/[٠-٩]{1,2}/[٠-٩]{4}|:[٠-٩]{2}))(?!\d)", _in_european_digits),
        Rewriting(r"\d:\d\d(?P<written>\s?(?P<half>[صم]))(?!\w)", lambda match: _HALVES[match["half"]]),
        Rewriting(r"الساعة\s\d{1,2}(?P<written>\s?(?P<half>[صم]))(?!\w)", lambda match: _HALVES[match["half"]]),
        Rewriting(r"(?<=\d)(?P<written>\s?°\s?م)(?!\w)", lambda _match: "°C"),
        Rewriting(
            r"(?:(?P<noun>(?:ال)?(?:عام|سنة))\s)?(?<![\d.,:/])\d{3,4}(?P<written>\s?(?P<era>م|هـ?)(?P<stop>\.)?)(?!\w)",
            _era,
        ),
    ),
    numbered_words=listed(
        "الفصل الباب الجزء الكتاب القسم المجلد الفقرة المادة الشكل الجدول القرن النوع المرحلة فصل باب جزء"
    ),
    has_numbered_names=True,
    heading_words=listed("الفصل الباب الجزء الكتاب القسم ملحق"),
    lone_headings=listed("المقدمة مقدمة تمهيد خاتمة الخاتمة"),
    contents_headings=("المحتويات", "الفهرس"),
    sign_names=table(
        """
        ! علامة_تعجب
        " علامة_اقتباس
        # شباك
        $ دولار
        % بالمئة
        & علامة_العطف
        ' فاصلة_عليا
        ( قوس_فاتح
        ) قوس_غالق
        * نجمة
        + زائد
        , فاصلة
        - شرطة
        . نقطة
        / شرطة_مائلة
        : نقطتان
        ; فاصلة_منقوطة
        < أصغر_من
        = يساوي
        > أكبر_من
        ? علامة_استفهام
        @ آت
        [ قوس_مربع_فاتح
        \\ شرطة_مائلة_عكسية
        ] قوس_مربع_غالق
        ^ علامة_إقحام
        _ شرطة_سفلية
        ` نبرة
        { قوس_معقوف_فاتح
        | شرطة_عمودية
        } قوس_معقوف_غالق
        ~ تيلدا
        € يورو
        £ جنيه
        § علامة_القسم
        ° درجة
        … نقاط_الحذف
        – شرطة_متوسطة
        — شرطة_طويلة
        „ علامة_اقتباس_سفلية
        “ علامة_اقتباس_فاتحة
        ” علامة_اقتباس_غالقة
        « علامة_اقتباس_فاتحة
        » علامة_اقتباس_غالقة
        • نقطة_تعداد
        ، فاصلة
        ؛ فاصلة_منقوطة
        ؟ علامة_استفهام
        """
    ),
    espeak_voice="sem/ar",
    recording_script=(
        "في الصباح الباكر كان الميناء هادئا. جلست بعض النوارس على الجدار تنتظر القوارب. هل تسمع الجرس؟ إنه يدق كلما "
        "جاء الضباب من البحر. هيا بسرعة، لنعد إلى البيت ونضع الماء على النار، ونحكي القصص حتى تعود الشمس!"
    ),
)
