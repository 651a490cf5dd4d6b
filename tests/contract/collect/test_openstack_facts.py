"""What the APIs answer, as facts: nothing lost, nothing invented, times with their zone."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allmende.clouds.limits import Limits
from allmende.clouds.openstack import OpenStackCloud, open_cloud
from allmende.collect.visit import observe
from allmende.facts.openstack import (
    Catalog,
    DefaultSecurityGroupRules,
    Flavors,
    Images,
    Member,
    S3Probe,
    SecurityGroupRule,
    VolumeTypes,
)
from allmende.outcome import Unavailable
from allmende.standards.load import load_standards
from allmende.testing.openstack import FakeOpenStack

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.fixture
def fake() -> Iterator[FakeOpenStack]:
    with FakeOpenStack.conformant(load_standards(), NOW) as cloud:
        cloud.state.page_size = 7
        yield cloud


@pytest_asyncio.fixture
async def cloud(fake: FakeOpenStack, tmp_path: Path) -> AsyncIterator[OpenStackCloud]:
    files = [fake.write_clouds_yaml(tmp_path)]
    async with await open_cloud(
        "fake", environ={}, limits=Limits(attempts=1, per_second=1000), config_files=files
    ) as door:
        yield door


async def test_flavors_come_back_as_they_were_put_in(fake: FakeOpenStack, cloud: OpenStackCloud) -> None:
    assert await observe(Flavors, cloud, NOW) == Flavors(items=tuple(fake.state.flavors))


async def test_volume_types_come_back_as_they_were_put_in(fake: FakeOpenStack, cloud: OpenStackCloud) -> None:
    assert await observe(VolumeTypes, cloud, NOW) == VolumeTypes(items=tuple(fake.state.volume_types))


async def test_the_template_for_groups_comes_back_as_it_was_put_in(fake: FakeOpenStack, cloud: OpenStackCloud) -> None:
    rules = tuple(fake.state.default_rules or ())
    assert await observe(DefaultSecurityGroupRules, cloud, NOW) == DefaultSecurityGroupRules(items=rules)


async def test_images_are_public_and_community_ones_hidden_or_not_and_no_others(
    fake: FakeOpenStack, cloud: OpenStackCloud
) -> None:
    first, second, third, fourth, *others = fake.state.images
    shown = [
        first,
        replace(second, is_hidden=True),
        replace(third, visibility="community"),
        replace(fourth, visibility="community", is_hidden=True, size_bytes=None, hash_algo=None),
    ]
    fake.state.images = [*shown, *(replace(image, visibility="private") for image in others)]
    images = await observe(Images, cloud, NOW)
    assert isinstance(images, Images)
    assert sorted(images.items, key=lambda image: image.id) == sorted(shown, key=lambda image: image.id)
    assert all(image.created_at.utcoffset() == timedelta(0) for image in images.items)


async def test_without_the_template_the_projects_own_groups_are_read_and_nothing_is_created(
    fake: FakeOpenStack, cloud: OpenStackCloud
) -> None:
    fake.state.default_rules = None
    out = SecurityGroupRule(direction="egress", ethertype="IPv4")
    own = SecurityGroupRule(direction="ingress", ethertype="IPv4", remote_group="group-default")
    fake.state.groups = {"default": [own], "web": [out]}
    rules = await observe(DefaultSecurityGroupRules, cloud, NOW)
    assert rules == DefaultSecurityGroupRules(
        items=(
            replace(own, remote_group="PARENT", used_in_other_groups=False),
            replace(out, used_in_default_group=False),
        ),
        from_template=False,
    )
    assert {call.split()[0] for call in fake.calls if "/auth/tokens" not in call} == {"GET"}


async def test_the_catalog_and_the_member_cost_no_request_of_their_own(
    fake: FakeOpenStack, cloud: OpenStackCloud
) -> None:
    catalog, member = await observe(Catalog, cloud, NOW), await observe(Member, cloud, NOW)
    assert isinstance(catalog, Catalog)
    assert {entry.type for entry in catalog.items} == fake.state.services
    assert member == Member(user="alice", project="demo", roles=frozenset({"member", "reader"}))
    assert len(fake.calls) == 2


async def test_an_s3_api_is_recognised_by_its_refusal_and_gets_no_token(
    fake: FakeOpenStack, cloud: OpenStackCloud
) -> None:
    probe = await observe(S3Probe, cloud, NOW)
    assert probe == S3Probe(url=f"{fake.url}/", http_status=403, error_code="InvalidAccessKeyId")
    headers = fake.headers_of("GET /")
    assert "x-auth-token" not in headers
    assert "Credential=doesnotexist/20261123/" in headers["authorization"]


async def test_an_object_store_without_s3_has_no_error_code(fake: FakeOpenStack, cloud: OpenStackCloud) -> None:
    fake.state.s3_error = None
    assert await observe(S3Probe, cloud, NOW) == S3Probe(url=f"{fake.url}/", http_status=412, error_code="")


async def test_a_broken_object_store_says_nothing_about_s3(fake: FakeOpenStack, cloud: OpenStackCloud) -> None:
    fake.fail("s3", status=503)
    probe = await observe(S3Probe, cloud, NOW)
    assert isinstance(probe, Unavailable)
    assert "503" in probe.reason


async def test_an_s3_answer_that_breaks_off_is_no_proof_that_s3_is_not_spoken(
    fake: FakeOpenStack, cloud: OpenStackCloud
) -> None:
    fake.truncate("s3")
    probe = await observe(S3Probe, cloud, NOW)
    assert isinstance(probe, Unavailable)
    assert "answered 403 with XML that breaks off" in probe.reason
    assert probe.request_id.startswith("req-")


async def test_without_an_object_store_the_reason_names_it(fake: FakeOpenStack, cloud: OpenStackCloud) -> None:
    fake.remove_service("object-store")
    probe = await observe(S3Probe, cloud, NOW)
    assert isinstance(probe, Unavailable)
    assert "no service `object-store`." in probe.reason


async def test_extra_specs_that_are_withheld_are_not_taken_for_none(fake: FakeOpenStack, cloud: OpenStackCloud) -> None:
    fake.state.shows_extra_specs = False
    flavors = await observe(Flavors, cloud, NOW)
    assert isinstance(flavors, Unavailable)
    assert "os-flavor-extra-specs:index" in flavors.reason


async def test_an_unavailable_fact_carries_the_request_id(fake: FakeOpenStack, cloud: OpenStackCloud) -> None:
    fake.fail("compute", status=500)
    flavors = await observe(Flavors, cloud, NOW)
    assert isinstance(flavors, Unavailable)
    assert flavors.request_id.startswith("req-")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
LISTS = [
    (Flavors, "/compute/v2.1/flavors/detail", "flavors", ("id", "name", "vcpus", "ram", "disk", "extra_specs")),
    (Images, "/image/v2/images", "images", ("id", "name", "status", "visibility", "size", "created_at", "min_disk")),
    (VolumeTypes, "/volume/v3/4fd44f30292945e481c7b8a0c8908869/types", "volume_types", ("id", "name", "extra_specs")),
    (
        DefaultSecurityGroupRules,
        "/network/v2.0/default-security-group-rules",
        "default_security_group_rules",
        ("direction", "ethertype", "used_in_default_sg", "used_in_non_default_sg", "protocol"),
    ),
]


@pytest.fixture(scope="module")
def one_fake() -> Iterator[FakeOpenStack]:
    with FakeOpenStack() as cloud:
        yield cloud


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
@pytest.mark.parametrize(("kind", "path", "key", "fields"), LISTS, ids=[row[0].__name__ for row in LISTS])
def test_whatever_json_comes_it_is_a_fact_or_a_reason(
    one_fake: FakeOpenStack,
    tmp_path: Path,
    data: st.DataObject,
    kind: type,
    path: str,
    key: str,
    fields: tuple[str, ...],
) -> None:
    rows = st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(fields, JSON)), min_size=1, max_size=3)
    links = st.fixed_dictionaries({}, optional={f"{key}_links": JSON, "links": JSON, "next": JSON})
    document = data.draw(links) | {key: data.draw(rows)} | data.draw(st.dictionaries(st.just(key), JSON))
    one_fake.state.altered = {path: json.dumps(document).encode()}

    async def observed() -> object:
        files = [one_fake.write_clouds_yaml(tmp_path)]
        async with await open_cloud(
            "fake", environ={}, limits=Limits(attempts=1, per_second=1000), config_files=files
        ) as cloud:
            return await observe(kind, cloud, NOW)

    fact = asyncio.run(observed())
    assert isinstance(fact, kind) or (isinstance(fact, Unavailable) and fact.reason)
