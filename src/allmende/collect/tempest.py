"""The run of Tempest over the tests that scs-0128 demands.

Tempest is configured from what the cloud shows, runs in an environment and a session of its own, and reports as it
goes; each result is kept at once. What it creates bears a prefix that is leased before Tempest starts, so that it is
removed whatever happens; nothing else is.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path

from allmende.clouds.lease import Holding
from allmende.clouds.named import Thing, inventory
from allmende.collect.collector import collector
from allmende.collect.means import Account
from allmende.collect.tempest_surroundings import prepared, surroundings
from allmende.collect.visit import Visit
from allmende.facts.tempest import TempestResult, TempestRun
from allmende.programs.environment import is_made, made, shipped
from allmende.programs.tempest import settings
from allmende.programs.tempest.kept import KeptResults, Origin
from allmende.programs.tempest.process import release, workspace, write
from allmende.programs.tempest.rounds import Order, Reported, run_tests
from allmende.programs.tempest.settings import Surroundings, accounts, tempest_conf
from allmende.standards.tempest_list import DemandedTest, load_tempest_list

SECONDS = 4 * 3600.0
_TIDYING_SECONDS = 1800.0
_MADE_BY_THE_CLOUD = frozenset({("security group", "default")})


@dataclass(frozen=True, slots=True, kw_only=True)
class TempestWish:
    """What the user wants of a run of Tempest.

    No more than `concurrency` tests run at once, and never more than there are projects to run in. With `resume` only
    those tests run that have no fresh result. `only` are patterns of names; all without.
    """

    concurrency: int = 2
    resume: bool = False
    seconds: float = SECONDS
    only: tuple[str, ...] = ()


@collector(
    seconds=SECONDS + _TIDYING_SECONDS,
    usual_seconds=2400.0,
    creates=True,
    is_heavy=True,
    needs={
        "compute.instances": 4,
        "compute.cores": 4,
        "block-storage.volumes": 4,
        "network.network": 4,
        "network.router": 2,
        "network.floatingip": 2,
        "network.security_group": 4,
    },
)
async def tempest_run(visit: Visit) -> TempestRun:
    """Configure Tempest by the cloud, run the demanded tests, and remove what they leave."""
    wish = visit.wish(TempestWish())
    tests = load_tempest_list().tests
    everywhere = (Account(cloud=visit.cloud, leases=visit.leases), *visit.others)
    await visit.cloud.login()  # before anything is made: without a password it ends here
    venv = await _environment(visit)
    before = [await inventory(account.cloud) for account in everywhere]
    async with AsyncExitStack() as stack:
        holdings = [await stack.enter_async_context(account.leases.held()) for account in everywhere]
        around, given = await _prepared(visit, everywhere, holdings)
        reported = await _run(visit, venv, _order(tests, wish, len(everywhere)), around, given)
        visit.say(TempestRun, "removing what the tests left")
    after = [await inventory(account.cloud) for account in everywhere]
    return TempestRun(
        release=release(venv),
        demanded=len(tests),
        results=reported.results,
        projects=len(everywhere),
        missing=reported.missing,
        why_missing=reported.why,
        left_behind=_appeared(before, after, holdings),
    )


async def _environment(visit: Visit) -> Path:
    environment = shipped("tempest")
    if not is_made(environment.path(visit.cache)):
        visit.say(TempestRun, "installing Tempest into an environment of its own")
    return await made(environment, visit.cache, visit.state / "tempest" / "environment.log")


async def _prepared(
    visit: Visit, everywhere: Sequence[Account], holdings: Sequence[Holding]
) -> tuple[Surroundings, list[settings.Account]]:
    prefix = holdings[0].prefix
    around = await surroundings(visit, await visit.cloud.login(), prefix)
    visit.say(TempestRun, "making its network")
    works = [
        prepared(account.cloud, holding, around.public_network, prefix)
        for account, holding in zip(everywhere, holdings, strict=True)
    ]
    return around, await asyncio.gather(*works)


def _order(tests: tuple[DemandedTest, ...], wish: TempestWish, projects: int) -> Order:
    patterns = wish.only or ("*",)
    return Order(
        tests=tests,
        wanted=frozenset(test.name for test in tests if any(fnmatchcase(test.name, each) for each in patterns)),
        projects=projects,
        concurrency=wish.concurrency,
        seconds=wish.seconds,
    )


async def _run(
    visit: Visit, venv: Path, order: Order, around: Surroundings, given: Sequence[settings.Account]
) -> Reported:
    wish = visit.wish(TempestWish())
    kept = await _kept(visit)
    had = kept.taken_up(visit.at) if wish.resume else ()
    if not had:
        kept.begin()
    secrets = [account.password for account in given]

    def ready(results: Sequence[TempestResult], at: datetime | None) -> None:
        kept.keep([_without(secrets, result) for result in results], at or visit.at)

    with workspace(venv) as space:
        write(space, {"tempest.conf": tempest_conf(around, space.folder), "accounts.yaml": accounts(given)})
        reported = await run_tests(space, order, had, ready, _sayer(visit))
    return replace(reported, results=tuple(_without(secrets, result) for result in reported.results))


def _sayer(visit: Visit) -> Callable[[str], None]:
    def say(words: str) -> None:
        visit.say(TempestRun, words)

    return say


async def _kept(visit: Visit) -> KeptResults:
    origin = Origin(
        auth_url=visit.cloud.auth_url,
        region=visit.cloud.region,
        project=await visit.cloud.project_id() or "",
        tests=f"{load_tempest_list().digest} {shipped('tempest').digest}",
    )
    return KeptResults(visit.state / "tempest", origin)


def _without(secrets: Sequence[str], result: TempestResult) -> TempestResult:
    """Black out passwords, should a test quote one."""
    reason = result.reason
    for secret in secrets:
        reason = reason.replace(secret, "…")
    return replace(result, reason=reason)


def _appeared(
    before: Sequence[Sequence[Thing]], after: Sequence[Sequence[Thing]], holdings: Sequence[Holding]
) -> tuple[str, ...]:
    """Return what is there now and was not before, without what this run holds for other facts."""
    words = []
    for old, new, holding in zip(before, after, holdings, strict=True):
        known = {(thing.kind.name, thing.id) for thing in old}
        ours = holding.name("")
        words += [
            f"{thing.kind.name} {thing.name or thing.id}"
            for thing in new
            if (thing.kind.name, thing.id) not in known
            and not thing.name.startswith(ours)
            and (thing.kind.name, thing.name) not in _MADE_BY_THE_CLOUD
            and not (thing.kind.name == "port" and not thing.name)
        ]
    return tuple(words)
