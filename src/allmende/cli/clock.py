"""The clock of the command line: everything below it gets `now` or `today` as an argument."""

from datetime import UTC, date, datetime


def utc_now() -> datetime:
    """Return the current moment."""
    return datetime.now(UTC)  # noqa: TID251 -- the composition root reads the clock


def day(as_of: datetime | None) -> date:
    """Return the day that `--as-of` names, or today (UTC) where it names none."""
    return (as_of or utc_now()).date()
