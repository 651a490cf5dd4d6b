"""Accounts in other projects of the same cloud, which some tests of Tempest need: each with a journal of its own."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path

from allmende.clouds import clean
from allmende.clouds.journal import Journal
from allmende.clouds.lease import Leases
from allmende.clouds.openstack import OpenStackCloud
from allmende.collect.means import Account
from allmende.errors import UsageError


@asynccontextmanager
async def other_accounts(
    cloud: OpenStackCloud, others: Sequence[OpenStackCloud], journals: Path, tag: str, now: Callable[[], datetime]
) -> AsyncIterator[tuple[Account, ...]]:
    """Remove what dead runs left in the other projects, and keep a journal for each within the block.

    Raises UsageError where two accounts are in one project, since tests look at what another project must not see.
    """
    projects = {await cloud.project_id(): cloud.name}
    with ExitStack() as open_journals:
        accounts = []
        for number, other in enumerate(others, start=2):
            project = await other.project_id()
            if project in projects:
                raise UsageError(
                    f"`{projects[project]}` and `{other.name}` are accounts of the same project.",
                    hint="Name an account of another project of the cloud with --tempest-account.",
                )
            projects[project] = other.name
            await clean.clean(other, journals, now)
            journal = Journal.begun(journals, tag, await clean.place_of(other), part=str(number))
            open_journals.callback(journal.close)
            accounts.append(Account(cloud=other, leases=Leases(other, journal, now)))
        yield tuple(accounts)
