from collections.abc import Iterator

import pytest

from allmende.facts.openstack import Flavor
from allmende.testing.openstack import FakeOpenStack


@pytest.fixture
def fake() -> Iterator[FakeOpenStack]:
    flavors = [Flavor(id=str(n), name=f"SCS-{n}V-8", vcpus=n, ram_mib=8192, disk_gib=0) for n in range(1, 6)]
    with FakeOpenStack(flavors=flavors) as cloud:
        yield cloud
