"""The tests of Tempest that scs-0128 demands, as data of our own; which release runs them is not decided here."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable

from allmende.standards.strict import Node, read

SECOND_PROJECT = "second-project"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandedTest:
    """One test: its class, its method and its idempotent id, which stays when tags change.

    `needs` says what it takes beside one account.
    """

    class_name: str
    method: str
    id: str
    needs: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """Class and method, as Tempest writes them."""
        return f"{self.class_name}.{self.method}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TempestList:
    """The demanded tests of a version of the standard, as they were at their `source` on a day."""

    standard: str
    source: str
    as_of: date
    tests: tuple[DemandedTest, ...]

    @property
    def digest(self) -> str:
        """What changes when the list does."""
        return hashlib.sha256("\n".join(f"{test.name} {test.id}" for test in self.tests).encode()).hexdigest()[:12]


def load_tempest_list() -> TempestList:
    """Return the list that comes with this version of Allmende."""
    return read_tempest_list(files("allmende.standards") / "data" / "tempest" / "scs-0128-v1.yaml")


def read_tempest_list(file: Traversable) -> TempestList:
    """Return the list that a file holds; DocumentError where it is not well formed."""
    node = read(file)
    read_list = TempestList(
        standard=node.text("standard"),
        source=node.text("source"),
        as_of=node.day("as_of"),
        tests=tuple(test for class_ in node.nodes("classes") for test in _tests(class_)),
    )
    node.finish()
    if not read_list.tests:
        raise node.error("it names no test")
    return read_list


def _tests(node: Node) -> Iterator[DemandedTest]:
    name, needs = node.text("name"), frozenset(node.texts("needs"))
    methods: Mapping[str, object] = node.mapping("tests")
    node.finish()
    if strange := needs - {SECOND_PROJECT}:
        raise node.error(f"`needs` names {', '.join(sorted(strange))}, which nobody can give")
    for method, identifier in methods.items():
        if not isinstance(identifier, str):
            raise node.error(f"the id of `{method}` must be a text, but is {identifier!r}")
        yield DemandedTest(class_name=name, method=method, id=identifier, needs=needs)
