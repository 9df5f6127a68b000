"""Korean."""

from engine.text.languages.record import Words, listed, table

WORDS = Words(
    plural="none",
    glue="",
    months=listed("1월 2월 3월 4월 5월 6월 7월 8월 9월 10월 11월 12월"),
    date="{year}년 {number}월 {day}일",
    year_month_day="./",
    clock="{hour}시 {minute}분",
    full_hour="{hour}시",
    units=table(
        """
        km 킬로미터
        m 미터
        cm 센티미터
        mm 밀리미터
        kg 킬로그램
        g 그램
        mg 밀리그램
        l 리터
        ml 밀리리터
        km² 제곱킬로미터
        m² 제곱미터
        km/h 킬로미터_매_시
        m/s 미터_매_초
        °C 도
        °F 화씨_도
        ° 도
        min 분
        s 초
        h 시간
        ms 밀리초
        GB 기가바이트
        MB 메가바이트
        kB 킬로바이트
        TB 테라바이트
        GHz 기가헤르츠
        MHz 메가헤르츠
        kHz 킬로헤르츠
        Hz 헤르츠
        kW 킬로와트
        kWh 킬로와트시
        W 와트
        V 볼트
        dB 데시벨
        t 톤
        ha 헥타르
        mph 마일_매_시
        ft 피트
        lb 파운드
        oz 온스
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
    address=table(
        """
        . 점
        @ 골뱅이
        _ 밑줄
        - 하이픈
        """
    ),
    scales=listed("만 억 조 백만 천"),
    of_scale="",
    percent="{n}퍼센트",
    to="에서",
)
