"""How numbers look in every report: three digits that mean something, and the same three everywhere."""

from __future__ import annotations


def typographic(sentence: str) -> str:
    """The sentences are ASCII for terminals; a page has the real signs."""
    return sentence.replace("+-", "\u00b1").replace(">=", "\u2265")


def milliseconds(value: float | None, absent: str = "-") -> str:
    """4.217 -> "4.22", 42.17 -> "42.2", 4217 -> "4,217"; the unit stands in the heading."""
    if value is None:
        return absent
    digits = 2 if value < 9.995 else 1 if value < 99.95 else 0
    return f"{value:,.{digits}f}"


def duration(value: float) -> str:
    """An axis label: 0.5 -> "0.5 ms", 50 -> "50 ms", 2000 -> "2 s"."""
    return f"{value / 1000:g} s" if value >= 1000 else f"{value:g} ms"


def times(value: float | None, absent: str = "-") -> str:
    """1.584 -> "1.58x"."""
    return absent if value is None else f"{value:.2f}x" if value < 100 else f"{value:,.0f}x"


def interval(low: float | None, high: float | None, dash: str = "-") -> str:
    """A confidence interval of a ratio: "1.52-1.64"; empty when there is none."""
    return "" if low is None or high is None else f"{low:.2f}{dash}{high:.2f}"


def share(part: int, whole: int) -> str:
    """3 of 200 -> "1.5 %"; empty of none."""
    return f"{100 * part / whole:.1f} %" if whole else "-"


def probability(p: float | None) -> str:
    """A p-value: "< .001", ".042", "1"; empty when there is none."""
    if p is None:
        return ""
    return "< .001" if p < 0.001 else "1" if p > 0.9995 else f"{p:.3f}".removeprefix("0")
