"""Joins each testcase with how it is judged: the sentences of its check, and of the facts that the check asks for."""

import inspect
from collections.abc import Mapping, Sequence

from allmende.checks.catalog import Check, catalogue
from allmende.facts.fact import Fact
from allmende.standards.model import Standards, Testcase
from allmende.standards.runbook import Runbook

Quota = Mapping[type[Fact], Mapping[str, int]]
"""What collecting a fact takes of a project's quota, by service and resource."""


def runbooks(standards: Standards, quota: Quota | None = None) -> Mapping[str, Runbook]:
    """Return the runbook of every testcase, by id."""
    checks = catalogue(standards)
    return {id_: _runbook(testcase, checks.get(id_), quota or {}) for id_, testcase in standards.testcases.items()}


def _runbook(testcase: Testcase, check: Check | None, quota: Quota) -> Runbook:
    if check is None:
        return Runbook(testcase=testcase, how=_without_check(testcase))
    facts = sorted(check.facts, key=lambda fact: fact.__name__)
    return Runbook(
        testcase=testcase,
        how=check.how,
        observes=tuple(_sentence(fact) for fact in facts),
        traces=_traces(testcase, [f"{n} {name}" for fact in facts for name, n in quota.get(fact, {}).items()]),
    )


def _without_check(testcase: Testcase) -> str:
    if not testcase.automated:
        return "By a person: an assessor looks at the evidence that the operator hands in."
    return "Not yet by Allmende; until it is, the testcase stays missing (MISS)."


def _traces(testcase: Testcase, taken: Sequence[str]) -> str:
    """Say what judging a testcase means for the cloud; `taken` is what it takes of the project's quota meanwhile."""
    said = ["It creates something in the cloud, and removes it again." if testcase.active else "It only reads."]
    if taken:
        said.append(f"While it runs, that takes {', '.join(taken)} of the project's quota.")
    if testcase.heavy:
        said.append("It takes long, and is only run with `--heavy`.")
    return " ".join(said)


def _sentence(fact: type[Fact]) -> str:
    """Return the first paragraph of a fact's docstring, on one line."""
    return " ".join((inspect.getdoc(fact) or fact.__name__).split("\n\n", 1)[0].split())
