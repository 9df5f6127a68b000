"""Japanese."""

from engine.text.languages.record import Words, listed, table

WORDS = Words(
    plural="none",
    glue="",
    months=listed("1月 2月 3月 4月 5月 6月 7月 8月 9月 10月 11月 12月"),
    date="{year}年{number}月{day}日",
    year_month_day="./",
    clock="{hour}時{minute}分",
    full_hour="{hour}時",
    units=table(
        """
        km キロメートル
        m メートル
        cm センチメートル
        mm ミリメートル
        kg キログラム
        g グラム
        mg ミリグラム
        l リットル
        ml ミリリットル
        km² 平方キロメートル
        m² 平方メートル
        km/h キロメートル毎時
        m/s メートル毎秒
        °C 度
        °F カ氏度
        ° 度
        min 分
        s 秒
        h 時間
        ms ミリ秒
        GB ギガバイト
        MB メガバイト
        kB キロバイト
        TB テラバイト
        GHz ギガヘルツ
        MHz メガヘルツ
        kHz キロヘルツ
        Hz ヘルツ
        kW キロワット
        kWh キロワット時
        W ワット
        V ボルト
        dB デシベル
        t トン
        ha ヘクタール
        mph マイル毎時
        ft フィート
        lb ポンド
        oz オンス
        """
    ),
    currencies=table(
        """
        $ ドル
        € ユーロ
        £ ポンド
        ¥ 円
        ￥ 円
        ₽ ルーブル
        ₩ ウォン
        """
    ),
    signs=table(
        """
        + 足す
        = は
        × かける
        ÷ 割る
        ± プラスマイナス
        ≈ 約
        − マイナス
        & アンド
        """
    ),
    address=table(
        """
        . ドット
        @ アットマーク
        _ アンダーバー
        - ハイフン
        """
    ),
    scales=listed("万 億 兆 百万 千"),
    of_scale="",
    percent="{n}パーセント",
    to="から",
)
