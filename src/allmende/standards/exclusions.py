"""Exclusions: which testcases somebody has decided to leave as they are, why, who answers for that, and until when.

An exclusion explains an outcome and never changes it: verdict and exit code are those without it. Therefore this module
only decides which exclusions may be declared. Each names a reason and an owner with a contact, ends within a year, and
is refused from the day after its last one. Where exclusions are shown is left to those who show results.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fnmatch import fnmatchcase

from allmende.errors import DocumentError, SettingsError
from allmende.printable import printable
from allmende.standards.find import similar
from allmende.standards.model import Standards
from allmende.standards.strict import Node, lines, parse

LONGEST = timedelta(days=366)
"""How far ahead an exclusion may end: a year, be it a leap year."""

MOST_OWNER = 200
MOST_REASON = 2000

_KEY = "exclusions"
_ADVICE = "Each exclusion has testcase, reason, owner and expires; see docs/how-to/exclude-a-testcase.md."


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """One testcase is knowingly left as it is.

    `owner` is a person or team with a contact; `expires` is the last day (UTC) on which this holds.
    """

    testcase: str
    reason: str
    owner: str
    expires: date

    def is_over(self, now: datetime) -> bool:
        """Tell whether the last day has passed."""
        return now.astimezone(UTC).date() > self.expires


def exclusions(content: bytes, name: str, standards: Standards, today: date) -> Mapping[str, Exclusion]:
    """Return the exclusions that a YAML file of this name declares, one for each testcase, by its id.

    SettingsError with file, line and testcase for the first that cannot be declared: over, too long, without reason or
    owner, for no testcase, or for one that another covers.
    """
    found: dict[str, Exclusion] = {}
    first: dict[str, int] = {}
    for line, node in _declared(content, name):
        for exclusion in _exclusions(node, standards, today):
            if exclusion.testcase in found:
                raise _refusal(
                    node,
                    f"{exclusion.testcase} is excluded already, on line {first[exclusion.testcase]}",
                    "Leave one of the two.",
                )
            found[exclusion.testcase] = exclusion
            first[exclusion.testcase] = line
    return found


def _declared(content: bytes, name: str) -> Iterator[tuple[int, Node]]:
    try:
        root = parse(content, name)
        if not root.has(_KEY):
            raise root.error(f"`{_KEY}` is missing")
        nodes = list(root.nodes(_KEY))
        root.finish()
    except DocumentError as error:
        raise SettingsError(str(error), hint=_ADVICE) from error
    for line, node in zip(lines(content, _KEY), nodes, strict=True):
        node.place = f"{name}, line {line}"
        yield line, node


def _exclusions(node: Node, standards: Standards, today: date) -> Iterator[Exclusion]:
    try:
        wanted = node.text("testcase")
    except DocumentError as error:
        raise SettingsError(str(error), hint=_ADVICE) from error
    node.place = f"{node.place}, {wanted}"
    try:
        reason, owner = _words(node, "reason", MOST_REASON), _words(node, "owner", MOST_OWNER)
        expires = node.day("expires")
        node.finish()
    except DocumentError as error:
        raise SettingsError(str(error), hint=_ADVICE) from error
    if "@" not in owner and "://" not in owner:
        raise _refusal(node, f"the owner «{owner}» has no contact", "Add an address: Storage team <storage@…>.")
    if expires < today:
        raise _refusal(node, f"it has expired on {expires}", f"Mend what fails, or agree on another day with {owner}.")
    if expires > today + LONGEST:
        raise _refusal(node, f"{expires} is more than a year ahead", f"Choose a day until {today + LONGEST}.")
    for testcase in _matching(node, wanted, standards):
        yield Exclusion(testcase=testcase, reason=reason, owner=owner, expires=expires)


def _matching(node: Node, wanted: str, standards: Standards) -> list[str]:
    known = [testcase for testcase in standards.testcases if fnmatchcase(testcase, wanted)]
    if not known:
        raise _refusal(node, "there is no such testcase", similar(wanted, standards.testcases))
    return known


def _words(node: Node, key: str, most: int) -> str:
    words = printable(" ".join(node.text(key).split()))
    if len(words) > most:
        raise node.error(f"`{key}` has {len(words)} characters, and {most} are the most")
    return words


def _refusal(node: Node, what: str, advice: str) -> SettingsError:
    return SettingsError(f"{node.place}: {what}.", hint=advice)
