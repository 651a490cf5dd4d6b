"""One run over a fake cloud by the whole path of `allmende check`: what was found, and whether anything remained."""

from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from allmende.clouds.clean import place_of
from allmende.clouds.journal import Journal
from allmende.clouds.lease import Leases
from allmende.clouds.limits import Limits
from allmende.clouds.openstack import OpenStackCloud, open_cloud
from allmende.collect.means import Account, Means
from allmende.outcome import Finding
from allmende.runner.execute import execute
from allmende.runner.plan import Plan, Step
from allmende.runner.run import Run
from allmende.standards.model import Standards, Target
from allmende.testing.defects.model import Setting, Strike
from allmende.testing.judge import published_checks
from allmende.testing.openstack import FakeOpenStack

ONCE = Limits(attempts=1, per_second=1000.0)
IMPATIENT = replace(ONCE, answer_seconds=2.0)
"""For clouds of which some services never answer."""

_TAG = "0123456789ab"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The finding of each testcase, what remained in the cloud that was not there before, and what the run says of it.

    Where a service does not say what it has, the run cannot know that nothing remained.
    """

    findings: Mapping[str, Finding]
    remains: tuple[str, ...]
    left_behind: tuple[str, ...]


def plan_of(standards: Standards, testcases: Iterable[str]) -> Plan:
    """Return a plan of these testcases, of whatever versions of scopes they are."""
    checks, scope = published_checks(), standards.scope("iaas")
    steps = [
        Step(testcase=standards.testcases[testcase], target=Target.MAIN, check=checks[testcase])
        for testcase in testcases
    ]
    return Plan(scope=scope, version=scope.versions[0], steps=tuple(steps), not_attempted=(), is_whole=False)


async def tried(
    plan: Plan,
    standards: Standards,
    now: datetime,
    folder: Path,
    setting: Setting,
    strikes: Iterable[Strike] = (),
    limits: Limits = ONCE,
) -> Trial:
    """Measure a conformant fake cloud in a setting, with everything wrong with it that `strikes` do.

    A journal and clouds.yaml are kept in `folder`. Raises CloudError when there is no token.
    """
    with FakeOpenStack.conformant(standards, now) as fake:
        fake.state.polls = 0
        setting.furnish(fake)
        for strike in strikes:
            strike(fake)
        before = _identities(fake)
        run = await _measured(plan, fake, now, folder, limits)
        remains = (*fake.resources(), *sorted(_identities(fake) - before))
    findings = {row.testcase.id: row.finding for row in run.judgements}
    return Trial(findings=findings, remains=remains, left_behind=run.left_behind)


async def _measured(plan: Plan, fake: FakeOpenStack, now: datetime, folder: Path, limits: Limits) -> Run:
    files = [fake.write_clouds_yaml(folder)]

    async with AsyncExitStack() as stack:

        async def account(name: str) -> Account:
            cloud: OpenStackCloud = await stack.enter_async_context(
                await open_cloud(name, environ={}, limits=limits, config_files=files)
            )
            journal = Journal.begun(folder, _TAG, await place_of(cloud), part=name)
            stack.callback(journal.close)
            return Account(cloud=cloud, leases=Leases(cloud, journal, lambda: now))

        member, manager = await account("fake"), await account("manager")
        means = Means(leases=member.leases, manager=manager)
        return await execute(plan, member.cloud, lambda: now, lambda _: None, means=means)


def _identities(fake: FakeOpenStack) -> frozenset[str]:
    kinds = fake.state.provision.identities
    return frozenset(f"{kind} {identifier}" for kind, rows in kinds.items() for identifier in rows)
