"""What a domain manager could do, and could not, when it was tried."""

from dataclasses import dataclass

from allmende.facts.fact import Fact
from allmende.facts.trials import Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainManager(Fact):
    """What became of everything that was tried as the manager of a domain, by what it is about.

    `roles` are those in the token. `within` should succeed; `beyond` is about another domain, and `powers` about roles
    and rights that a manager must not give: both should be refused.
    """

    user: str
    domain: str
    roles: frozenset[str]
    within: tuple[Trial, ...]
    beyond: tuple[Trial, ...]
    powers: tuple[Trial, ...]
