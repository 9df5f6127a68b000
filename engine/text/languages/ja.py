"""Japanese."""

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
from engine.text.languages.record import Language, Rewriting, Script, listed, powers, table, time_of_day, word_set

KANA = Script("kana", r"\u3041-\u30fa\uff66-\uff9d", weight=3, mixed_with="Han")

LANGUAGE = Language(
    code="ja",
    name="Japanese",
    long_codes=listed("jpn"),
    script=KANA,
    frequent_words=word_set("本当 大丈夫 会社 映画 仕事 切符 手紙 勉強 残念 面白 結婚 今日 明日 日本"),
    letters="ぁ-龥",
    own_letters=r"ぁ-ヺｦ-ﾝ"
    "円駅気広売読対単変実図団圧囲隠桜応価壊拡観関帰拠挙郷暁駆恵掲渓経継蛍軽鶏撃県倹剣圏検権験顕厳鉱砕済剤雑桟賛歯釈収従渋獣縦粛処焼奨乗浄剰畳縄壌嬢譲醸粋酔穂髄瀬斉摂専浅戦践銭潜繊曽荘捜挿巣総騒増蔵臓続堕帯"
    "滞滝択沢遅鋳庁徴聴鎮鉄転伝闘稲徳弐悩脳覇拝廃発髪抜蛮浜払仏辺弁豊黙訳薬揺様謡頼覧竜猟塁霊齢労録亜悪為働込峠畑辻枠匂々〆ヶ",
    encodings=("cp932", "euc_jp"),
    sentencex_code="en",
    quotatives=(
        '(?<=[」』”’")）])(?:と(?!き)|って|という|など|なんて|なんか|みたいな|ような|を|の(?=[一-龥ァ-ヴ])|[にがはも](?=[、一-龥])'
        "|だ(?=と|った|が、)|です|でした)|(?<=[！？])と(?=[聞言叫思尋答呼問]|い[うっ])|(?<=[。！？])(?:を|[のが](?=[一-龥ァ-ヴ]))"
    ),
    plural=NO_PLURAL,
    glue="",
    between_parts="",
    months=listed("1月 2月 3月 4月 5月 6月 7月 8月 9月 10月 11月 12月"),
    date="{year}年{number}月{day}日",
    year_month_day="./",
    time=time_of_day("{hour}時{minute}分", "{hour}時"),
    units=table(
        """
        * つ星
        km/h キロメートル毎時
        m/s メートル毎秒
        °C 度
        °F カ氏度
        dB デシベル
        mph マイル毎時
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
    address_signs=table(
        """
        . ドット
        @ アットマーク
        _ アンダーバー
        - ハイフン
        """
    ),
    scales=listed("万 億 兆 百万 千"),
    of_scale="",
    powers=powers("の2乗", "の3乗", "の{n}乗", minus="マイナス"),
    percent="{n}パーセント",
    range_word="から",
    phrases=(
        *NARROWED,
        month_and_day("[月火水木金土日](?:曜日?)?", "{}月{}日"),
        below_zero("マイナス"),
        *ranges("から", "{}から{}パーセント".format, "年", "人個日月時分秒円歳頁ペ回倍名本章階万億週点枚"),
        minus_percent("マイナス"),
        large_amounts("万", "億"),
        ratios("対"),
        minus(" 引く "),
        Rewriting(r"(?<![A-Za-z0-9])(?P<written>No\.\s?)(?=\d)", lambda _match: "ナンバー"),
    ),
    before_roman="第",
    after_roman="(?:世紀|世|章|型|期|類|巻|編|級|部|種|度|節|号|相)",
    heading_pattern=(
        r"第\s?[0-9０-９一二三四五六七八九十百千零〇両壱弐参]{1,8}\s?[章回節巻部篇編幕話集]|巻[一二三四五六七八九十百]{1,4}(?=\s|\Z)"
        r"|(?:プロローグ|エピローグ|まえがき|あとがき|はじめに|おわりに)[.:]?\Z"
    ),
    contents_headings=("目次", "もくじ"),
    ordinal_sign="第",
    sign_names=table(
        """
        ! 感嘆符
        " 引用符
        # シャープ
        $ ドル
        % パーセント
        & アンパサンド
        ' アポストロフィ
        ( 左括弧
        ) 右括弧
        * アスタリスク
        + プラス
        , コンマ
        - ハイフン
        . ドット
        / スラッシュ
        : コロン
        ; セミコロン
        < 小なり
        = イコール
        > 大なり
        ? 疑問符
        @ アットマーク
        [ 左角括弧
        \\ バックスラッシュ
        ] 右角括弧
        ^ ハット
        _ アンダーバー
        ` バッククォート
        { 左波括弧
        | 縦線
        } 右波括弧
        ~ チルダ
        € ユーロ
        £ ポンド
        § セクション
        ° 度
        … 三点リーダー
        – 短いダッシュ
        — ダッシュ
        „ 下引用符
        “ 左引用符
        ” 右引用符
        « 左ギュメ
        » 右ギュメ
        • 中黒
        。 句点
        、 読点
        ！ 感嘆符
        ？ 疑問符
        「 かぎ括弧
        」 閉じかぎ括弧
        （ 左括弧
        ） 右括弧
        """
    ),
    espeak_voice="jpx/ja",
    espeak_needs_kana=True,
    recording_script=(
        "朝早く、港はまだ静かでした。カモメが何羽か壁の上にとまって、船を待っていました。鐘の音が聞こえますか。海から霧"
        "が来ると、いつも鳴るのです。さあ急いで、家に帰ってお湯を沸かし、日が差すまで物語を話しましょう！"
    ),
    letters_per_s=(1.5, 14.0),
)
