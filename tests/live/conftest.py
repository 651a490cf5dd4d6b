"""One reference cloud for all live tests, with two small guests and a Debian; destroyed whatever happens."""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from live_cloud import CommandLine, LiveCloud
from live_guests import Guests, Surroundings, guest, reachable, surroundings
from live_machine import Machine, machine

from allmende.clouds.openstack import OpenStackCloud

NAME = "live"

DEBIAN_USER_DATA = """\
#!/bin/sh
{
echo "live-test: entropy $(cat /proc/sys/kernel/random/entropy_avail)"
echo "live-test: rngd $(systemctl is-active rngd)"
echo "live-test: root $(df --output=size -m / | tail -n 1)"
echo "live-test: end"
} > /dev/console
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is live, and may wait for guests that are emulated on a small machine."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.live)
            item.add_marker(pytest.mark.timeout(1200))


@pytest.fixture(scope="session")
def command_line(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """The commands, with a new state directory, or with `ALLMENDE_LIVE_STATE`, whose cloud is kept for the next run."""
    kept = os.environ.get("ALLMENDE_LIVE_STATE")
    return CommandLine(state=Path(kept) if kept else tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="session")
def machine_before(command_line: CommandLine) -> Machine:
    """The machine before a cloud was started."""
    return machine(command_line.state)


@pytest.fixture(scope="session")
def live_cloud(command_line: CommandLine, machine_before: Machine) -> Iterator[LiveCloud]:
    """A cloud that was brought up as a user would, and is destroyed at the end."""
    try:
        command_line.run("cloud", "up", "--name", NAME, "--no-published-images", seconds=1200)
        yield command_line.cloud(NAME)
    finally:
        if "ALLMENDE_LIVE_STATE" not in os.environ:
            words = command_line.words("cloud", "destroy", "--name", NAME, "--yes")
            subprocess.run(words, env=command_line.environ, check=False, timeout=180)


@pytest.fixture(scope="session")
def around(live_cloud: LiveCloud, tmp_path_factory: pytest.TempPathFactory) -> Surroundings:
    folder = tmp_path_factory.mktemp("keys")
    return live_cloud.ask(lambda cloud: surroundings(cloud, folder))


@pytest.fixture(scope="session")
def guests(live_cloud: LiveCloud, around: Surroundings) -> Guests:
    async def boot(cloud: OpenStackCloud) -> Guests:
        one, two = await asyncio.gather(guest(cloud, around, "one"), guest(cloud, around, "two"))
        await asyncio.gather(reachable(cloud, one), reachable(cloud, two))
        debian = await guest(
            cloud,
            around,
            "debian",
            image="Allmende Debian 12 (self-built)",
            flavor="guest.small",
            user="debian",
            user_data=DEBIAN_USER_DATA,
        )
        return Guests(one=one, two=two, debian=debian)

    return live_cloud.ask(boot)
