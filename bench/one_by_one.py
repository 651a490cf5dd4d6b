"""What `allmende check` does, with one fact after the other, and one request at a time.

    OS_CLIENT_CONFIG_FILE=clouds.yaml python bench/one_by_one.py CLOUD [--only PATTERN]... [--read-only]

The same testcases, collectors, leases and limits; only nothing happens at the same time. Prints a JSON object with the
outcome of every testcase. Used by `conformance.py`.
"""

import argparse
import asyncio
import json
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from allmende.checks.catalog import catalogue
from allmende.clouds.clean import place_of
from allmende.clouds.journal import Journal
from allmende.clouds.lease import Leases
from allmende.clouds.limits import Limits
from allmende.clouds.openstack import open_cloud
from allmende.collect.collector import collectors
from allmende.collect.means import Means
from allmende.collect.visit import Visit
from allmende.facts.fact import Fact
from allmende.facts.openstack import Moment
from allmende.outcome import Outcome, Unavailable
from allmende.runner.plan import Plan, Reach, newest_effective, plan
from allmende.standards import find
from allmende.standards.load import load_standards


def now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 -- a program of its own, on a real cloud


async def judged(planned: Plan, name: str, journals: Path) -> dict[str, str]:
    async with await open_cloud(name, environ=os.environ, limits=Limits(concurrent=1)) as cloud:
        journal = Journal.begun(journals, uuid4().hex[-12:], await place_of(cloud))
        leases = Leases(cloud, journal, now) if planned.may_create else None
        visit = Visit(cloud, now(), Means(leases=leases))
        facts: dict[type[Fact], Fact | Unavailable] = {Moment: Moment(at=now())}
        creating = {fact: collectors()[fact].manner.creates for fact in planned.facts - {Moment}}
        for fact in sorted(creating, key=lambda fact: (creating[fact], fact.__name__)):
            facts[fact] = await visit.observation(fact)
        journal.close()
    outcomes = {}
    for step in planned.steps:
        seen = {fact: facts[fact] for fact in step.check.facts}
        blind = any(isinstance(facts[fact], Unavailable) for fact in step.check.required_facts)
        outcomes[step.testcase.id] = Outcome.DNF if blind else step.check.judge(seen).outcome
    return {identifier: outcome.value for identifier, outcome in outcomes.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cloud")
    parser.add_argument("--only", action="append", default=[], metavar="PATTERN")
    parser.add_argument("--read-only", action="store_true")
    options = parser.parse_args()
    standards = load_standards()
    scope = find.scope(standards, "iaas")
    version = newest_effective(scope, now().date())
    reach = Reach(active=not options.read_only)
    planned = plan(standards, catalogue(standards), scope, version, options.only, reach)
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(asyncio.run(judged(planned, options.cloud, Path(folder)))))


if __name__ == "__main__":
    main()
