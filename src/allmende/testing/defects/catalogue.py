"""Which defect and which blindnesses show each testcase; and which testcases are shown elsewhere, and why."""

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

from allmende.standards.model import Standards
from allmende.testing.defects import flavors, govstack, images, network, services, work
from allmende.testing.defects.blindness import blindnesses
from allmende.testing.defects.model import Blindness, Defect

SHOWN_ELSEWHERE: Mapping[str, str] = MappingProxyType(
    {
        "scs-0125-tls-profile": "It takes sslyze and TLS servers: tests/contract/collect/test_tls_facts.py and "
        "tests/live/test_tls.py.",
        "scs-0128-tempest": "It takes Tempest: tests/contract/collect/test_tempest_run.py.",
        "govstack-user-data": "A guest must be silent for ten minutes to fail: "
        "tests/unit/checks/govstack_examples.py and tests/contract/collect/test_govstack_work.py.",
    }
)
"""Testcases that no fake cloud alone can show, with the reason and where they are shown."""


def defects(standards: Standards) -> Mapping[str, Defect]:
    """Return the defect that shows each testcase, by its id; ValueError where a testcase has two."""
    found = (
        *flavors.defects(standards),
        *images.defects(standards),
        *services.defects(standards),
        *network.defects(),
        *work.defects(),
        *govstack.defects(),
    )
    twice = [testcase for testcase, times in Counter(defect.testcase for defect in found).items() if times > 1]
    if twice:
        raise ValueError(f"Two defects for one testcase: {', '.join(twice)}.")
    return MappingProxyType({defect.testcase: defect for defect in found})


def blinding(testcase: str) -> tuple[Blindness, ...]:
    """Return every blindness that is shown with a testcase."""
    return tuple(blindness for blindness in blindnesses() if blindness.blinds(testcase))
