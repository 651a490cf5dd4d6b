"""How pages say states, times and counts: symbol and word, ISO date and relative words, singular and plural."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from allmende.outcome import Outcome

MINUTE = timedelta(minutes=1)
UNITS = (
    (timedelta(days=365), "year"),
    (timedelta(days=30), "month"),
    (timedelta(days=1), "day"),
    (timedelta(hours=1), "hour"),
    (MINUTE, "minute"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How a state is shown: never by colour alone. `name` is the CSS class that carries the colour."""

    symbol: str
    word: str
    name: str


STATES = {
    Outcome.PASS: State(symbol="✓", word="pass", name="pass"),
    Outcome.FAIL: State(symbol="✕", word="fail", name="fail"),
    Outcome.DNF: State(symbol="?", word="not determined", name="dnf"),
    Outcome.MISS: State(symbol="–", word="missing", name="miss"),  # noqa: RUF001 -- a dash is meant
}


def iso_day(moment: datetime) -> str:
    """Return the day in UTC: `2026-11-23`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d")


def iso_minute(moment: datetime) -> str:
    """Return the moment in UTC to the minute: `2026-11-23 07:05 UTC`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def relative(moment: datetime, now: datetime) -> str:
    """Return how far `moment` is from `now` in the largest whole unit: `3 hours ago`, `in 5 days`, `just now`."""
    distance = abs(moment - now)
    if distance < MINUTE:
        return "just now"
    span, unit = next((span, unit) for span, unit in UNITS if distance >= span)
    words = count(distance // span, unit)
    return f"{words} ago" if moment < now else f"in {words}"


def count(number: int, noun: str, plural: str = "") -> str:
    """Return the number with its noun: `1 report`, `2 reports`, `3 cities`."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"
