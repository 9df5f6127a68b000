"""Chinese."""

from engine.text.languages.east_asian import (
    NARROWED,
    below_zero,
    large_amounts,
    minus,
    minus_percent,
    month_and_day,
    ranges,
    ratios,
)
from engine.text.languages.forms import NO_PLURAL
from engine.text.languages.record import Language, Rewriting, Script, listed, powers, table

HAN = Script("Han", r"\u3400-\u9fff々〇\U00020000-\U0003ffff", weight=3)


def _time(hour: int, minute: int) -> str:
    return f"{hour}点{minute:02}分" if minute else f"{hour}点"


LANGUAGE = Language(
    code="zh",
    name="Chinese",
    long_codes=listed("zho chi"),
    script=HAN,
    letters="一-龥",
    own_letters="们这说时间见话请谢车东长门马风语书买卖对吗让认识从众义么过还进远运边给红级练组细终统维绿编罗习乡饭馆鸟鱼鸡龙爱报备笔产场单实应开关电视听师张钱银错铁轻输转选遗邮释里页顺须领题飞读谁谈调课谓词译诗让讲设访证评诉识你您呢吧啊哪咱嘛她",
    encodings=("gb18030", "big5"),
    sentencex_code="en",
    quotatives='(?<=[”’」』")）])的(?!确)',
    plural=NO_PLURAL,
    glue="",
    between_parts="",
    months=listed("1月 2月 3月 4月 5月 6月 7月 8月 9月 10月 11月 12月"),
    date="{year}年{number}月{day}日",
    year_month_day="./",
    time=_time,
    units=table(
        """
        * 星
        kg 公斤
        km/h 公里每小时
        m/s 米每秒
        s 秒
        W 瓦
        V 伏
        dB 分贝
        t 吨
        mph 英里每小时
        """
    ),
    currencies=table(
        """
        $ 美元
        US$ 美元
        € 欧元
        £ 英镑
        ¥ 元
        ￥ 元
        ₽ 卢布
        ₩ 韩元
        """
    ),
    signs=table(
        """
        + 加
        = 等于
        × 乘以
        ÷ 除以
        ± 正负
        ≈ 约
        < 小于
        > 大于
        − 负
        № 第
        """
    ),
    address_signs=table(
        """
        . 点
        @ 艾特
        _ 下划线
        - 杠
        """
    ),
    scales=listed("万 亿 百万 千万"),
    of_scale="",
    powers=powers("的平方", "的立方", "的{n}次方", minus="负"),
    percent="百分之{n}",
    range_word="到",
    phrases=(
        *NARROWED,
        month_and_day("(?:周|星期|週)[一二三四五六日天]", "{}月{}日"),
        below_zero("零下"),
        *ranges(
            "到",
            "百分之{}到{}".format,
            "年",
            "个個人天岁歲页頁月日分秒小元公米厘毫千克次倍名位只條条本章节節楼层万亿周號号",
        ),
        minus_percent("负"),
        Rewriting(r"(?P<written>±\s?)(?=\d{1,3}(?:\.\d{1,2})?\s?%)", lambda _match: "正负"),
        large_amounts("万", "亿"),
        ratios("比"),
        minus(" 减 "),
    ),
    before_roman="第",
    after_roman="(?:世纪|世紀|世|章|型|期|类|類|卷|编|編|级|級|部|篇|节|節|册|度)",
    heading_pattern=(
        r"第\s?[0-9０-９一二三四五六七八九十百千零〇两]{1,8}\s?[章回节節卷部篇編幕話话集]|卷[一二三四五六七八九十百]{1,4}(?=\s|\Z)"
        r"|(?:序章|终章|終章|序言|前言|后记|後記|楔子|引子|尾声|尾聲)[.:]?\Z"
    ),
    contents_headings=("目录", "目錄"),
    ordinal_sign="第",
    sign_names=table(
        """
        ! 感叹号
        " 引号
        # 井号
        $ 美元
        % 百分号
        & 和号
        ' 撇号
        ( 左括号
        ) 右括号
        * 星号
        + 加号
        , 逗号
        - 连字符
        . 点
        / 斜杠
        : 冒号
        ; 分号
        < 小于号
        = 等号
        > 大于号
        ? 问号
        @ 艾特
        [ 左方括号
        \\ 反斜杠
        ] 右方括号
        ^ 脱字符
        _ 下划线
        ` 反引号
        { 左花括号
        | 竖线
        } 右花括号
        ~ 波浪号
        € 欧元
        £ 英镑
        § 章节号
        ° 度
        … 省略号
        – 短破折号
        — 破折号
        „ 下引号
        “ 左引号
        ” 右引号
        « 左书名号
        » 右书名号
        • 项目符号
        。 句号
        ， 逗号
        、 顿号
        ！ 感叹号
        ？ 问号
        ： 冒号
        ； 分号
        （ 左括号
        ） 右括号
        """
    ),
    espeak_voice="sit/cmn",
    espeak_codes=("cmn", "yue", "hak"),
    recording_script=(
        "清晨，港口还很安静。几只海鸥站在墙上，等着渔船回来。你听见钟声了吗？每当海上起雾的时候，它就会响。快，我们回屋"
        "里去，烧一壶水，一起讲故事，直到太阳再出来！"
    ),
    letters_per_s=(1.5, 9.0),
)
