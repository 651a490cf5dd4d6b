"""What a run makes as a domain manager is written down for that account, which alone can remove it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest_asyncio

from allmende.clouds.clean import clean, place_of
from allmende.clouds.journal import Journal
from allmende.clouds.lease import Leases, tagged
from allmende.clouds.limits import Limits
from allmende.clouds.openstack import OpenStackCloud, open_cloud
from allmende.testing.openstack import FakeOpenStack

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
RUN = "0123456789ab"


@pytest_asyncio.fixture
async def doors(tmp_path: Path) -> AsyncIterator[tuple[FakeOpenStack, OpenStackCloud, OpenStackCloud]]:
    async with AsyncExitStack() as stack:
        fake = stack.enter_context(FakeOpenStack())
        files = [fake.write_clouds_yaml(tmp_path)]
        member, manager = [
            await stack.enter_async_context(
                await open_cloud(name, environ={}, limits=Limits(attempts=1, per_second=1000), config_files=files)
            )
            for name in ("fake", "manager")
        ]
        yield fake, member, manager


async def test_what_a_killed_run_left_is_removed_with_the_managers_account_only(
    doors: tuple[FakeOpenStack, OpenStackCloud, OpenStackCloud], tmp_path: Path
) -> None:
    fake, member, manager = doors
    folder = tmp_path / "leases"
    journal = Journal.begun(folder, RUN, await place_of(manager), part="manager")
    holding = Leases(manager, journal, lambda: NOW).held()
    made = await holding.__aenter__()
    wish = {"domain_id": await manager.domain_id()}
    await made.create("user", "user", wish)
    await made.create("project", "project", wish)
    journal.close()  # as when the run is killed

    names = {row["name"] for kind in ("users", "projects") for row in fake.state.provision.identities[kind].values()}
    assert {tagged(RUN, "user"), tagged(RUN, "project")} <= names
    assert await clean(member, folder, lambda: NOW) == ()
    (cleaned,) = await clean(manager, folder, lambda: NOW)
    assert [lease.kind for lease in cleaned.removed] == ["project", "user"]
    assert not list(folder.iterdir())
    assert {row["name"] for row in fake.state.provision.identities["users"].values()} == {"carol", "operator"}


async def test_the_journals_of_both_accounts_of_a_run_lie_side_by_side(
    doors: tuple[FakeOpenStack, OpenStackCloud, OpenStackCloud], tmp_path: Path
) -> None:
    _, member, manager = doors
    journals = [
        Journal.begun(tmp_path, RUN, await place_of(member)),
        Journal.begun(tmp_path, RUN, await place_of(manager), part="manager"),
    ]
    assert {journal.run for journal in journals} == {RUN}
    assert len({journal.path for journal in journals}) == len({journal.place for journal in journals}) == 2
    for journal in journals:
        journal.close()
