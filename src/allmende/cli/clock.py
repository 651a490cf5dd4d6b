"""The clock of the command line: everything below it gets `now` or `today` as an argument."""

from datetime import UTC, date, datetime

from allmende.errors import UsageError

_FORMS = ("%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M")


def utc_now() -> datetime:
    """Return the current moment."""
    return datetime.now(UTC)  # noqa: TID251 -- the composition root reads the clock


def day(as_of: datetime | None) -> date:
    """Return the day that `--as-of` names, or today (UTC) where it names none."""
    return (as_of or utc_now()).date()


def moment(text: str) -> datetime:
    """Return the moment that a person typed, in UTC; UsageError when it is none."""
    for form in _FORMS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise UsageError(f"{text!r} is no moment.", hint="Like this, in UTC: 2026-12-01T22:00")
