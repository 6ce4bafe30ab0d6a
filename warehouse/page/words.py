"""Numbers, dates and names as the page prints them; every text that comes from data leaves here as plain text, not HTML."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

NONE = "–"
_SPACE = "\u00a0"  # no line ends within a number
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_LARGE = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))


def figure(value: float | None, digits: int = 3) -> str:
    """A number to three significant figures: 0.0123, 45.6, 1,230; beyond a million and below a thousandth as 1.23 × 10⁸."""
    if value is None or not math.isfinite(value):
        return NONE
    if value == 0 or 1e-3 <= abs(value) < 1e6:
        return _plain(value, digits)
    mantissa, power = f"{value:.{digits - 1}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa}{_SPACE}×{_SPACE}10{str(int(power)).translate(_RAISED)}".removeprefix(f"1{_SPACE}×{_SPACE}")


def _plain(value: float, digits: int) -> str:
    rounded = float(f"{value:.{digits}g}")
    places = max(0, digits - 1 - math.floor(math.log10(abs(rounded)))) if rounded else 0
    return f"{rounded:,.{places}f}"


def large(value: float | None) -> str:
    """A number in words where it is large: 322 thousand times is 322,000, 1.06 billion."""
    for size, word in _LARGE:
        if value is not None and abs(value) >= size:
            return f"{_plain(value / size, 3)}{_SPACE}{word}"
    return figure(value)


def dollars(value: float | None) -> str:
    """Dollars to three figures: $4.6 million, $950."""
    return NONE if value is None else f"${large(value)}"


def aligned(value: float | None) -> str:
    """A large number whose digits stand below those of others: 5.00 × 10²⁶."""
    if value is None or not math.isfinite(value) or value == 0:
        return figure(value)
    mantissa, power = f"{value:.2e}".split("e")
    return f"{mantissa}{_SPACE}×{_SPACE}10{str(int(power)).translate(_RAISED)}"


def verdict(value: Any) -> str:
    """A verdict; where nothing was claimed there is none."""
    return NONE if value in (None, "no claim") else str(value)


def tenths(value: float | None) -> str:
    """A number to a tenth: months, expected counts."""
    return NONE if value is None or not math.isfinite(value) else f"{value:,.1f}"


def times(value: float | None) -> str:
    """A factor: 4.79×."""
    return NONE if value is None or not math.isfinite(value) else f"{figure(value)}×"


def share(value: float | None) -> str:
    """A share as a percentage without decimals."""
    return NONE if value is None or not math.isfinite(value) else f"{value:.0%}".replace("-0%", "0%")


def percent(value: float | None) -> str:
    """A small share as a percentage with two significant figures."""
    return NONE if value is None or not math.isfinite(value) else f"{figure(100 * value, 2)}%"


def count(value: float | None) -> str:
    """A whole number."""
    return NONE if value is None else f"{value:,.0f}"


def year(value: int | None) -> str:
    """A year, without a comma."""
    return NONE if value is None else str(value)


def day(value: dt.date | None) -> str:
    """9 July 2025."""
    return NONE if value is None else f"{value.day} {value:%B} {value.year}"


def month(value: dt.date | None) -> str:
    """July 2025."""
    return NONE if value is None else f"{value:%B} {value.year}"


def iso(value: dt.date | None) -> str:
    """2025-07-09."""
    return NONE if value is None else value.isoformat()


def text(value: Any) -> str:
    """Words as they stand; lists of names get a space after each comma."""
    return NONE if value is None else str(value).replace(";", ", ").replace(",  ", ", ")


def spoken(value: Any) -> str:
    """A name of the tables as words: frontier_top_10 is frontier top 10."""
    return NONE if value is None else str(value).replace("_", " ").replace(":", ": ")


def interval(low: Any, high: Any, form: Any = figure) -> str:
    """Two ends with a dash; nothing where one is missing."""
    return "" if low is None or high is None else f"{form(low)} to {form(high)}"


def safe_url(value: Any) -> str:
    """The address if it is one of the web, else nothing."""
    address = str(value or "").strip()
    return address if address.lower().startswith(("https://", "http://")) else ""
