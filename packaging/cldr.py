"""Makes `engine/text/languages/cldr.json`: the names of units and currencies in each language, from Unicode's CLDR.

    uv run --with babel==2.19.0 python packaging/cldr.py

The forms stand in the order of the language's own rule for the noun after a number, as its record has them, which may
say something else. Babel (BSD) is only needed here: it brings 36 MB for 700 languages.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from babel.numbers import get_currency_name
from babel.units import format_unit

sys.path.insert(0, str(Path(__file__).parents[1]))

from engine.text.languages import all_records
from engine.text.languages.record import Language

TARGET = Path(__file__).parents[1] / "engine" / "text" / "languages" / "cldr.json"
LOCALES = {"en": "en_GB", "zh": "zh_Hans"}
UNITS = """
    km length-kilometer, m length-meter, cm length-centimeter, mm length-millimeter, µm length-micrometer,
    nm length-nanometer, kg mass-kilogram, g mass-gram, mg mass-milligram, µg mass-microgram, t mass-tonne,
    l volume-liter, L volume-liter, ml volume-milliliter, mL volume-milliliter, cl volume-centiliter,
    dl volume-deciliter, hl volume-hectoliter, km² area-square-kilometer, m² area-square-meter,
    cm² area-square-centimeter, ha area-hectare, m³ volume-cubic-meter, cm³ volume-cubic-centimeter,
    km³ volume-cubic-kilometer, km/h speed-kilometer-per-hour, m/s speed-meter-per-second,
    m/s² acceleration-meter-per-square-second, mph speed-mile-per-hour,
    l/100_km consumption-liter-per-100-kilometer, °C temperature-celsius, °F temperature-fahrenheit, ° angle-degree,
    min duration-minute, s duration-second, h duration-hour, ms duration-millisecond, µs duration-microsecond,
    ns duration-nanosecond, kB digital-kilobyte, MB digital-megabyte, GB digital-gigabyte, TB digital-terabyte,
    PB digital-petabyte, kbit digital-kilobit, Mbit digital-megabit, Gbit digital-gigabit, Hz frequency-hertz,
    kHz frequency-kilohertz, MHz frequency-megahertz, GHz frequency-gigahertz, W power-watt, kW power-kilowatt,
    MW power-megawatt, GW power-gigawatt, mW power-milliwatt, kWh energy-kilowatt-hour, V electric-volt,
    mA electric-milliampere, Ω electric-ohm, kJ energy-kilojoule, cal energy-calorie,
    kcal energy-kilocalorie, Pa pressure-pascal, hPa pressure-hectopascal, kPa pressure-kilopascal,
    MPa pressure-megapascal, mbar pressure-millibar, lx light-lux, lm light-lumen, ft length-foot, lb mass-pound,
    oz mass-ounce, px graphics-pixel
"""
CURRENCIES = """
    USD EUR GBP JPY CNY INR RUB KRW CHF SEK NOK DKK PLN CZK HUF RON UAH ILS AED SAR EGP ZAR NGN KES BRL MXN ARS CLP
    CAD AUD NZD SGD HKD TWD THB IDR MYR PHP VND
"""
SAMPLES = (100, 1, 2, 1.5)
"""Of numbers that need different forms, the most usual one first: it stands for all where a record has one form."""


def forms(record: Language, name_after: dict[float, str]) -> str:
    """Return the forms after each of `SAMPLES` in the order of the record's rule, one where all are the same."""
    found: dict[int, str] = {}
    for number, name in name_after.items():
        found.setdefault(record.plural.index(int(number), number != int(number)), name.replace(" ", "_"))
    ordered = [found[index] for index in sorted(found)]
    return ordered[0] if len(set(ordered)) == 1 else " ".join(ordered)


def unit_forms(record: Language, locale: str, unit: str) -> str:
    """Return the forms of `unit`, empty where the number does not simply stand before them."""
    name_after: dict[float, str] = {}
    for number in SAMPLES:
        said = format_unit(number, unit, length="long", locale=locale).replace("\u00a0", " ")
        digits = str(number).replace(".", "," if "," in said else ".")
        if not said.startswith(digits) and (number == SAMPLES[0] or record.plural.index(1, False) != 0):
            return ""
        name_after[number] = said.removeprefix(digits).strip()
    return "" if any("/" in name for name in name_after.values()) else forms(record, name_after)


def currency_forms(record: Language, locale: str, code: str) -> str:
    """Return the forms of the currency `code`; nouns are capitals in German alone."""
    name_after: dict[float, str] = {}
    for number in SAMPLES:
        name = get_currency_name(code, number, locale)
        first, _, rest = name.partition(" ")
        name_after[number] = f"{first.lower()} {rest}".strip() if record.code == "pt" else name
    return forms(record, name_after)


def main() -> None:
    pairs = [entry.split() for entry in UNITS.split(",")]
    names: dict[str, dict[str, dict[str, str]]] = {"units": {}, "currencies": {}}
    for record in all_records():
        locale = LOCALES.get(record.code, record.code)
        units = {sign.replace("_", " "): unit_forms(record, locale, unit) for sign, unit in pairs}
        names["units"][record.code] = {sign: said for sign, said in units.items() if said}
        names["currencies"][record.code] = {code: currency_forms(record, locale, code) for code in CURRENCIES.split()}
    TARGET.write_text(json.dumps(names, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
