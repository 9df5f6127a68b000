"""Korean."""

import re

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

HANGUL = Script("Hangul", r"\uac00-\ud7a3\u1100-\u11ff", weight=2)


def _equals(match: re.Match[str]) -> str:
    """Say "=" with the particle that the sound of the number before asks for: a final consonant or none."""
    number = match["n"]
    zeros = len(number) - len(number.rstrip("0"))
    is_open = number[-1] in "2459" or (number[0] != "0" and zeros == 12)  # 조 alone of the large ones ends in a vowel
    return "는 " if is_open else "은 "


def _spaced_date(match: re.Match[str]) -> str | None:
    """Say "2024. 5. 12.에" with the words for year, month and day."""
    if int(match["m"]) > 12 or int(match["d"] or 1) > 31:
        return None
    words = f"{match['y']}년 {int(match['m'])}월" + (f" {int(match['d'])}일" if match["d"] else "")
    is_last = not match.string[match.end() :].strip("\"'”’」』)")
    return words + ("." if is_last and match["written"].endswith(".") else "")


LANGUAGE = Language(
    code="ko",
    name="Korean",
    long_codes=listed("kor"),
    script=HANGUL,
    letters="가-힣",
    own_letters=r"\uac00-\ud7a3\u1100-\u11ff",
    encodings=("cp949",),
    never_last=word_set("dr mr mrs ms prof no vs"),
    quotatives=r"(?<=[\"'”’」』])[가-힣]|\s(?:이?라고|이?라며|이?라는|하고[는서]?|하며|하면서|하는)(?=\s)",
    plural=NO_PLURAL,
    glue="",
    months=listed("1월 2월 3월 4월 5월 6월 7월 8월 9월 10월 11월 12월"),
    date="{year}년 {number}월 {day}일",
    year_month_day="./",
    time=time_of_day("{hour}시 {minute}분", "{hour}시"),
    units=table(
        """
        * 성
        km/h 킬로미터_매_시
        m/s 미터_매_초
        °C 도
        °F 화씨_도
        dB 데시벨
        t 톤
        mph 마일_매_시
        """
    ),
    currencies=table(
        """
        $ 달러
        € 유로
        £ 파운드
        ¥ 엔
        ₽ 루블
        ₩ 원
        """
    ),
    signs=table(
        """
        + 더하기
        = 는
        × 곱하기
        ÷ 나누기
        ± 플러스마이너스
        ≈ 약
        − 마이너스
        & 앤드
        """
    ),
    address_signs=table(
        """
        . 점
        @ 골뱅이
        _ 밑줄
        - 하이픈
        """
    ),
    scales=listed("만 억 조 백만 천"),
    powers=powers("의 제곱", "의 세제곱", "의 {n}제곱", minus="마이너스"),
    percent="{n}퍼센트",
    range_word="에서_",
    phrases=(
        *NARROWED,
        month_and_day("[월화수목금토일](?:요일)?", "{}월 {}일"),
        below_zero("영하 "),
        Rewriting(
            r"(?P<before>시속\s?)?(?<![A-Za-z0-9.,])(?P<written>(?P<n>\d{1,4}(?:\.\d{1,2})?)\s?km/h)(?![A-Za-z0-9])",
            lambda match: f"{'' if match['before'] else '시속 '}{match['n']}km",
        ),
        *ranges("에서 ", "{}에서 {}퍼센트".format, "년", "명개일월시분초원대세권장쪽페회배주층살"),
        minus_percent("마이너스 "),
        large_amounts("만", "억"),
        ratios(" 대 "),
        minus(" 빼기 "),
        Rewriting(
            r"(?<![\d.])(?P<written>(?P<y>[12]\d{3})\.\s?(?P<m>\d{1,2})\."
            r"(?:\s?(?P<d>\d{1,2})(?:\.|(?=\s?\(|[,)]|에|부터|까지)))?)(?!\d|\s?\d{1,2}\.)",
            _spaced_date,
        ),
        Rewriting(
            r"(?<![\d.])(?<!\d\.\s)(?P<written>(?P<m>\d{1,2})\.\s(?P<d>\d{1,2})\.)(?=에|부터|까지)",
            lambda match: f"{int(match['m'])}월 {int(match['d'])}일",
        ),
        Rewriting(r"(?<![\d.,])(?P<n>\d{1,15})(?P<written>\s?=\s?)(?=\d)", _equals),
        Rewriting(r"(?<=[²³])(?P<written>\s?=\s?)", lambda _match: "은 "),
        Rewriting(r"(?<![A-Za-z0-9])(?P<written>No\.\s?)(?=\d)", lambda _match: "넘버 "),
    ),
    before_roman="제",
    after_roman="(?:세기|세|장|형|기|부|권|편|급|차|종|절|호|상)",
    heading_pattern=(
        r"제\s?\d{1,4}\s?[장편부권막회절]"
        r"|(?:머리말|서문|프롤로그|에필로그|맺음말|들어가며)[.:]?\Z"
    ),
    contents_headings=("차례", "목차"),
    ordinal_sign="제",
    sign_names=table(
        """
        ! 느낌표
        " 따옴표
        # 우물정
        $ 달러
        % 퍼센트
        & 앰퍼샌드
        ' 아포스트로피
        ( 왼쪽_괄호
        ) 오른쪽_괄호
        * 별표
        + 더하기
        , 쉼표
        - 하이픈
        . 점
        / 슬래시
        : 콜론
        ; 세미콜론
        < 작다
        = 등호
        > 크다
        ? 물음표
        @ 골뱅이
        [ 왼쪽_대괄호
        \\ 역슬래시
        ] 오른쪽_대괄호
        ^ 캐럿
        _ 밑줄
        ` 백틱
        { 왼쪽_중괄호
        | 세로줄
        } 오른쪽_중괄호
        ~ 물결표
        € 유로
        £ 파운드
        § 절_기호
        ° 도
        … 말줄임표
        – 짧은_줄표
        — 줄표
        „ 아래_따옴표
        “ 여는_따옴표
        ” 닫는_따옴표
        « 여는_겹화살괄호
        » 닫는_겹화살괄호
        • 글머리_기호
        """
    ),
    espeak_voice="ko",
    recording_script=(
        "이른 아침, 항구는 아직 조용했습니다. 갈매기 몇 마리가 담 위에 앉아 배를 기다리고 있었습니다. "
        "종소리가 들리나요? 바다에서 안개가 밀려올 때마다 울립니다. 자, 어서 집으로 돌아가 물을 끓이고,"
        " 해가 다시 나올 때까지 이야기를 나눕시다!"
    ),
    letters_per_s=(1.5, 12.0),
)
