"""A killed supervisor, and a stop that leaves nothing of the cloud on the machine."""

import json
import os
import re
import signal

import psutil
from live_cloud import LiveCloud, eventually
from live_guests import Guests, standing
from live_machine import Machine, machine

from allmende.clouds.openstack import OpenStackCloud


def test_a_killed_supervisor_is_recovered_from_also_while_the_cloud_is_broken(
    live_cloud: LiveCloud, guests: Guests
) -> None:
    defects = ("network-hidden", "image-without-user", "s3-disabled", "flavor-missing")
    live_cloud.command_line.run("cloud", "break", *defects, "--name", live_cloud.name)
    os.kill(live_cloud.supervisor, signal.SIGKILL)
    live_cloud.command_line.run("cloud", "up", "--name", live_cloud.name)
    shown = json.loads(live_cloud.command_line.run("cloud", "status", "--json", "--name", live_cloud.name))
    assert shown["defects"] == []

    async def work(cloud: OpenStackCloud) -> None:
        async def guest_is_back() -> bool | None:
            return guests.one.http("/hostname").strip() == "one" or None

        async def evidence() -> str:
            return await standing(cloud, guests.one)

        images = await cloud.items("image", "/images", "images")
        assert images
        await eventually("the guest answers again", guest_is_back, seconds=240, evidence=evidence)

    live_cloud.ask(work)


def test_nothing_is_left_after_down(live_cloud: LiveCloud, machine_before: Machine) -> None:
    running = [(process.pid, process.create_time()) for process in _family(live_cloud.supervisor)]
    assert len(running) > 20, "the processes of the cloud were not found"
    during = machine(live_cloud.folder)
    registry = json.loads((live_cloud.folder.parents[1] / "registry" / "serving.json").read_text())
    assert psutil.pid_exists(registry["pid"])
    live_cloud.command_line.run("down")
    assert not psutil.pid_exists(registry["pid"])
    left = [process for process in psutil.process_iter() if (process.pid, process.create_time()) in running]
    assert left == []
    after = machine(live_cloud.folder)
    assert after.processes == frozenset()
    assert after.mounts == frozenset()
    assert after.namespaces & (during.namespaces - machine_before.namespaces) == frozenset()
    came = {name for name in during.interfaces - machine_before.interfaces if not _is_of_another(live_cloud, name)}
    assert any(name.startswith(live_cloud.interfaces) for name in came), "the cloud's own bridges were not found"
    assert after.interfaces & came == frozenset()


def _is_of_another(cloud: LiveCloud, interface: str) -> bool:
    """Tell the bridges of other clouds, which may come and go meanwhile."""
    return re.match(r"al-\d+-", interface) is not None and not interface.startswith(cloud.interfaces)


def _family(pid: int) -> list[psutil.Process]:
    """Return a process with everything that descends from it."""
    first = psutil.Process(pid)
    return [first, *first.children(recursive=True)]
