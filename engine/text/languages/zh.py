"""Chinese."""

from engine.text.languages.record import Words, listed, table

WORDS = Words(
    plural="none",
    glue="",
    months=listed("1月 2月 3月 4月 5月 6月 7月 8月 9月 10月 11月 12月"),
    date="{year}年{number}月{day}日",
    year_month_day="./",
    clock="{hour}点{minute}分",
    full_hour="{hour}点",
    units=table(
        """
        km 公里
        m 米
        cm 厘米
        mm 毫米
        kg 公斤
        g 克
        mg 毫克
        l 升
        ml 毫升
        km² 平方公里
        m² 平方米
        km/h 公里每小时
        m/s 米每秒
        °C 摄氏度
        °F 华氏度
        ° 度
        min 分钟
        s 秒
        h 小时
        ms 毫秒
        GB 吉字节
        MB 兆字节
        kB 千字节
        TB 太字节
        GHz 吉赫
        MHz 兆赫
        kHz 千赫
        Hz 赫兹
        kW 千瓦
        kWh 千瓦时
        W 瓦
        V 伏
        dB 分贝
        t 吨
        ha 公顷
        mph 英里每小时
        ft 英尺
        lb 磅
        oz 盎司
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
    address=table(
        """
        . 点
        @ 艾特
        _ 下划线
        - 杠
        """
    ),
    scales=listed("万 亿 百万 千万"),
    of_scale="",
    percent="百分之{n}",
    to="到",
)
