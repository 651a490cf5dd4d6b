"""The fake cloud keeps the contract that the real ones keep."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from allmende.facts.openstack import Flavor, Image
from allmende.testing.cloud_contract import CloudContract, CloudUnderTest
from allmende.testing.openstack import FakeOpenStack
from allmende.testing.resource_contract import ResourceContract


@pytest.fixture
def cloud_under_test(tmp_path: Path) -> Iterator[CloudUnderTest]:
    flavors = [Flavor(id=str(n), name=f"SCS-{n}V-8", vcpus=n, ram_mib=8192, disk_gib=n - 1) for n in range(1, 6)]
    images = [
        Image(
            id=f"image-{n}",
            name=f"Image {n}",
            status="active",
            visibility="public",
            is_hidden=False,
            size_bytes=1,
            min_disk_gib=1,
            min_ram_mib=64,
            created_at=datetime(2026, 11, 1, tzinfo=UTC),
        )
        for n in range(5)
    ]
    with FakeOpenStack(flavors=flavors, images=images) as fake:
        yield CloudUnderTest(clouds_yaml=fake.write_clouds_yaml(tmp_path), name="fake")
        assert fake.resources() == []


class TestTheFakeCloud(CloudContract):
    pass


class TestItsResources(ResourceContract):
    pass
