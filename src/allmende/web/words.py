"""How pages say states, times and counts: symbol and word, ISO date and relative words, singular and plural."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from gettext import NullTranslations

from allmende.outcome import Outcome

MINUTE = timedelta(minutes=1)
JUST_NOW = "just now"
UNITS = (
    (timedelta(days=365), ("{n} year ago", "{n} years ago"), ("in {n} year", "in {n} years")),
    (timedelta(days=30), ("{n} month ago", "{n} months ago"), ("in {n} month", "in {n} months")),
    (timedelta(days=1), ("{n} day ago", "{n} days ago"), ("in {n} day", "in {n} days")),
    (timedelta(hours=1), ("{n} hour ago", "{n} hours ago"), ("in {n} hour", "in {n} hours")),
    (MINUTE, ("{n} minute ago", "{n} minutes ago"), ("in {n} minute", "in {n} minutes")),
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


def relative(moment: datetime, now: datetime, messages: NullTranslations | None = None) -> str:
    """Return how far `moment` is from `now` in the largest whole unit: `3 hours ago`, `in 5 days`, `just now`."""
    said, distance = messages or NullTranslations(), abs(moment - now)
    if distance < MINUTE:
        return said.gettext(JUST_NOW)
    span, before, after = next(unit for unit in UNITS if distance >= unit[0])
    number = distance // span
    return said.ngettext(*(before if moment < now else after), number).format(n=number)


def count(number: int, noun: str, plural: str = "", messages: NullTranslations | None = None) -> str:
    """Return the number with its noun: `1 report`, `2 reports`, `3 cities`."""
    said = messages or NullTranslations()
    return said.ngettext(f"{{n}} {noun}", f"{{n}} {plural or noun + 's'}", number).format(n=number)
