"""A handful of Tempest's own tests, run on the reference cloud as its member: configured, reported, and tidied up."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from live_cloud import LiveCloud

from allmende.clouds.journal import Journal, Place
from allmende.clouds.lease import Leases
from allmende.clouds.named import inventory
from allmende.clouds.openstack import OpenStackCloud
from allmende.collect.tempest import TempestWish
from allmende.collect.visit import Visit
from allmende.config import directories
from allmende.facts.tempest import TempestOutcome, TempestRun
from allmende.outcome import Outcome, Unavailable
from allmende.testing.judge import judge

HANDFUL = (
    "*.FlavorsV2TestJSON.test_list_flavors",
    "*.KeyPairsV22TestJSON.*",
    "*.IdentityV3ProjectsTest.*",
    "*.NetworksTest.test_show_network",
    "*.VolumesMetadataTest.*",
    "*.ImagesTagsTest.*",
)


def now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 -- a live test lives by the clock on the wall


def test_a_handful_of_tests_of_tempest_pass_and_leave_nothing(live_cloud: LiveCloud, tmp_path: Path) -> None:
    places = directories({**live_cloud.command_line.environ, "XDG_STATE_HOME": str(tmp_path)}, Path.home())

    async def run(cloud: OpenStackCloud) -> tuple[TempestRun | Unavailable, set[str], set[str]]:
        place = Place(auth_url=cloud.auth_url, project=await cloud.project_id() or "", region=cloud.region)
        journal = Journal.begun(places.state / "leases", "0123456789ab", place)
        leases = Leases(cloud, journal, now)
        before = {thing.id for thing in await inventory(cloud)}
        visit = Visit(
            cloud, now(), leases=leases, cache=places.cache, state=places.state, wishes=[TempestWish(only=HANDFUL)]
        )
        fact = await asyncio.wait_for(visit.observation(TempestRun), 600)
        journal.close()
        assert leases.leftovers == []
        assert isinstance(fact, TempestRun | Unavailable)
        return fact, before, {thing.id for thing in await inventory(cloud)}

    fact, before, after = live_cloud.ask(run)
    assert isinstance(fact, TempestRun), fact
    seen = {result.test.rsplit(".", 1)[-1]: (result.outcome, result.reason) for result in fact.results}
    skipped = {name for name, (outcome, _) in seen.items() if outcome is TempestOutcome.SKIP}
    assert len(seen) > len(HANDFUL)
    assert skipped == {"test_list_projects_returns_only_authorized_projects"}  # it takes a second project
    assert [row for row in seen.items() if row[1][0] is TempestOutcome.FAIL] == []
    assert judge("scs-0128-tempest", fact).outcome is Outcome.DNF  # not the whole list
    assert after == before
    assert not list((places.state / "leases").glob("*"))
