"""What every cloud behind the door must do, as one suite of tests for the fake cloud and for real ones.

A test module makes it its own with a subclass and a fixture:

    class TestTheFakeCloud(CloudContract): ...

    @pytest.fixture
    def cloud_under_test() -> CloudUnderTest: ...
"""
# ruff: noqa: S101 -- a suite of tests

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import yaml

from allmende.clouds.limits import Limits
from allmende.clouds.openstack import OpenStackCloud, open_cloud
from allmende.collect.collector import collectors
from allmende.collect.visit import observe
from allmende.errors import CloudAuthError, CloudNotFoundError
from allmende.facts.networks import DnsZones
from allmende.outcome import Unavailable

MOST_REQUESTS = 30
OF_SOME_CLOUDS = frozenset({DnsZones})
"""What is not there to be observed where a cloud does not offer the service, which it may."""

_WRONG_PASSWORD = "canary-of-the-contract"  # noqa: S105 -- it is meant to be wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudUnderTest:
    """A running cloud: its clouds.yaml, and the name of an entry with user and password of an ordinary member."""

    clouds_yaml: Path
    name: str

    def entry(self) -> dict[str, Any]:
        """Return the entry of clouds.yaml."""
        entry: dict[str, Any] = yaml.safe_load(self.clouds_yaml.read_text(encoding="utf-8"))["clouds"][self.name]
        return entry

    def altered(self, folder: Path, entry: dict[str, Any]) -> Path:
        """Write a clouds.yaml with this entry instead into `folder`."""
        path = folder / "clouds.yaml"
        path.write_text(yaml.safe_dump({"clouds": {self.name: entry}}), encoding="utf-8")
        return path


class CloudContract:
    """The contract of `clouds.openstack` and `collect.openstack` with a cloud."""

    @pytest_asyncio.fixture
    async def cloud(self, cloud_under_test: CloudUnderTest) -> AsyncIterator[OpenStackCloud]:
        """A door to the cloud under test."""
        files = [cloud_under_test.clouds_yaml]
        async with await open_cloud(cloud_under_test.name, environ={}, config_files=files) as cloud:
            yield cloud

    async def test_the_token_is_fetched_once(self, cloud: OpenStackCloud) -> None:
        """Versions, token and one list are three requests; each further list is one."""
        await cloud.items("compute", "/flavors/detail", "flavors")
        first = cloud.requests
        await asyncio.gather(*(cloud.items("compute", "/flavors/detail", "flavors") for _ in range(8)))
        assert (first, cloud.requests - first) == (3, 8)

    async def test_we_are_an_ordinary_member(self, cloud: OpenStackCloud) -> None:
        """The credential has the role `member` and none of the powerful ones."""
        member = await cloud.member()
        assert "member" in member.roles
        assert not member.roles & {"admin", "manager"}
        assert member.project

    async def test_the_catalog_lists_services_with_addresses(self, cloud: OpenStackCloud) -> None:
        """The services that every SCS cloud has are there with a public endpoint."""
        catalog = await cloud.catalog()
        listed = {entry.type for entry in catalog.items if entry.public_url}
        assert {"identity", "compute", "image", "network"} <= listed

    async def test_pages_make_up_the_whole_list(self, cloud: OpenStackCloud) -> None:
        """Two rows a page give the same list as all at once, without repetitions."""
        for service, path, key in (("compute", "/flavors/detail", "flavors"), ("image", "/images", "images")):
            whole = await cloud.items(service, path, key)
            paged = await cloud.items(service, path, key, params={"limit": "2"})
            assert sorted(row["id"] for row in paged) == sorted({row["id"] for row in whole}), service

    async def test_a_microversion_is_obeyed(self, cloud: OpenStackCloud) -> None:
        """Extra specs come with the list of flavors from 2.61 on, and only then."""
        new = await cloud.items("compute", "/flavors/detail", "flavors", microversion="2.61")
        old = await cloud.items("compute", "/flavors/detail", "flavors")
        assert all("extra_specs" in row for row in new)
        assert not any("extra_specs" in row for row in old)

    async def test_what_is_not_there_is_said_to_be_absent(self, cloud: OpenStackCloud) -> None:
        """The complaint names the service, the address and the request."""
        with pytest.raises(CloudNotFoundError, match=r"image: GET http.*/v2/images/nobody-knows-me answered 404"):
            await cloud.request("image", "GET", "/images/nobody-knows-me")

    async def test_a_service_that_is_not_in_the_catalog_is_named(self, cloud: OpenStackCloud) -> None:
        """The hint lists what there is instead."""
        with pytest.raises(CloudNotFoundError, match="lists no service `baremetal`") as caught:
            await cloud.request("baremetal", "GET", "/nodes")
        assert "compute" in caught.value.hint

    async def test_a_wrong_password_is_refused(self, cloud_under_test: CloudUnderTest, tmp_path: Path) -> None:
        """The complaint says whose credential it was and does not repeat it."""
        entry = cloud_under_test.entry()
        entry["auth"]["password"] = _WRONG_PASSWORD
        files = [cloud_under_test.altered(tmp_path, entry)]
        async with await open_cloud(cloud_under_test.name, environ={}, config_files=files) as cloud:
            with pytest.raises(CloudAuthError, match=f"`{entry['auth']['username']}`") as caught:
                await cloud.catalog()
        assert _WRONG_PASSWORD not in f"{caught.value} {caught.value.hint}"

    async def test_a_wrong_region_is_named_with_the_right_one(
        self, cloud_under_test: CloudUnderTest, tmp_path: Path
    ) -> None:
        """The hint names the region that the catalog knows."""
        entry = {**cloud_under_test.entry(), "region_name": "Atlantis"}
        files = [cloud_under_test.altered(tmp_path, entry)]
        async with await open_cloud(cloud_under_test.name, environ={}, config_files=files) as cloud:
            with pytest.raises(CloudNotFoundError, match="no endpoint for `image` in the region `Atlantis`") as caught:
                await cloud.items("image", "/images", "images")
        assert "region_name" in caught.value.hint

    async def test_variables_describe_a_cloud_as_well(self, cloud_under_test: CloudUnderTest) -> None:
        """`OS_*` without any file is enough."""
        environ = {f"OS_{key.upper()}": str(value) for key, value in cloud_under_test.entry()["auth"].items()}
        async with await open_cloud(None, environ=environ, config_files=[]) as cloud:
            assert (await cloud.member()).user == environ["OS_USERNAME"]
            assert cloud.name == "envvars"
            await cloud.items("image", "/images", "images")

    async def test_every_static_fact_is_observed_with_few_requests(self, cloud_under_test: CloudUnderTest) -> None:
        """All facts are there, within the budget of requests and of concurrency."""
        files, limits = [cloud_under_test.clouds_yaml], Limits(concurrent=4)
        async with await open_cloud(cloud_under_test.name, environ={}, limits=limits, config_files=files) as cloud:
            now = datetime.now(UTC)  # noqa: TID251 -- a real S3 compares clocks
            reading = [
                each.fact
                for each in collectors().values()
                if not each.manner.creates and not each.manner.is_heavy and each.fact not in OF_SOME_CLOUDS
            ]
            facts = await asyncio.gather(*(observe(kind, cloud, now) for kind in reading))
        assert [fact for fact in facts if isinstance(fact, Unavailable)] == []
        assert cloud.requests <= MOST_REQUESTS
