"""Quixish, which nobody speaks: the file that a test puts beside the languages there are."""

import re

from engine.text.languages.record import Language, Rewriting, Rulers, listed, table, time_of_day, word_set

_ORDINALS = {1: "unua", 2: "dua", 3: "tria"}


def _ordinal(match: re.Match[str]) -> str | None:
    return _ORDINALS.get(int(match["n"]))


LANGUAGE = Language(
    code="qx",
    name="Quixish",
    long_codes=listed("qxx"),
    frequent_words=word_set("vana gree zu blorpo kiti"),
    never_last=word_set("dk"),
    first_words=word_set("gree"),
    elides=True,
    months=listed("unumo dumo trimo kvarmo kvinmo sesmo sepmo okmo naumo dekmo dekunumo dekdumo"),
    date="{day} de {month} {year}",
    day_in_date=lambda day: f"{day}a",
    day_month_year=".",
    time=time_of_day("{hour} kaj {minute}", "{hour}"),
    units=table(
        """
        km kilometo kilometoj
        """
    ),
    currencies=table(
        """
        $ dolulo doluloj
        """
    ),
    percent="procento procentoj",
    range_word="gis",
    address_signs=table(
        """
        . punto
        """
    ),
    title_abbreviations=table(
        """
        dk. doktoro
        """
    ),
    ordinals=(Rewriting(r"(?<!\w)(?P<n>\d)-a(?!\w)", _ordinal),),
    rulers=Rulers(word_set("Ludo"), say=lambda _before, _name, number: f"la {number}-a"),
    numbered_words=listed("chaptero"),
    heading_words=listed("chaptero"),
    lone_headings=listed("prologuo"),
    contents_headings=("enhavuo",),
    espeak_voice="art/eo",
    espeak_codes=("eo",),
    recording_script=(
        "Frue matene la haveno estis ankorau kvieta. Kelkaj mevoj sidis sur la muro kaj atendis la boatojn. Chu vi "
        "audas la sonorilon? Ghi sonas kiam la nebulo venas de la maro. Rapide, ni reiru al la domo kaj rakontu!"
    ),
)
