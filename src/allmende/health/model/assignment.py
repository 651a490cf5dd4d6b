"""What a monitor is to do."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A cloud that is tried every so many minutes. Without names of scenarios, all of them are.

    `cloud` is its name in clouds.yaml; None for the one that variables describe. What is measured is kept under `name`;
    empty for the cloud's own. The steps `without` are left out.
    """

    cloud: str | None
    name: str = ""
    minutes: float = 5.0
    scenarios: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Duties:
    """What a long-running monitor does: its assignments, where it looks from, and whom it tells.

    Without a registry's address, it keeps what it measured in its own database.
    """

    assignments: tuple[Assignment, ...]
    vantage: str = ""
    registry: str = ""
    account: str = ""
    token_file: str = ""
