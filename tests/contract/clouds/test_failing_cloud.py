"""Each way in which a cloud fails has its sentence, its kind of error and its next step; none repeats a secret."""

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from allmende.clouds.limits import Limits
from allmende.clouds.openstack import OpenStackCloud, open_cloud
from allmende.errors import (
    CloudAuthError,
    CloudError,
    CloudFailedError,
    CloudNotFoundError,
    CloudProtocolError,
    CloudRefusedError,
    CloudUnreachableError,
    SettingsError,
)
from allmende.facts.openstack import Flavor
from allmende.testing.openstack import FakeOpenStack

IMPATIENT = Limits(connect_seconds=2, answer_seconds=3, attempts=1, per_second=1000)
PERSISTENT = Limits(attempts=3)


@pytest.fixture
def fake() -> Iterator[FakeOpenStack]:
    flavors = [Flavor(id=str(n), name=f"SCS-{n}V-8", vcpus=n, ram_mib=8192, disk_gib=0) for n in range(1, 6)]
    with FakeOpenStack(flavors=flavors) as cloud:
        yield cloud


async def door(fake: FakeOpenStack, folder: Path, limits: Limits = IMPATIENT, name: str = "fake") -> OpenStackCloud:
    return await open_cloud(name, environ={}, limits=limits, config_files=[fake.write_clouds_yaml(folder)])


async def ask_for_flavors(cloud: OpenStackCloud) -> int:
    return len(await cloud.items("compute", "/flavors/detail", "flavors"))


TROUBLES: list[tuple[str, Callable[[FakeOpenStack, str], None], type[CloudError], str]] = [
    ("status", lambda fake, service: fake.fail(service, status=503), CloudFailedError, "answered 503"),
    ("html", lambda fake, service: fake.answer_html(service), CloudProtocolError, "HTML|not keystone's"),
    ("html-error", lambda fake, service: fake.answer_html(service, status=502), CloudFailedError, "answered 502"),
    ("truncated", lambda fake, service: fake.truncate(service), CloudProtocolError, "no complete JSON|not keystone's"),
    ("cut", lambda fake, service: fake.cut(service), CloudProtocolError, "cut in the middle"),
    ("dropped", lambda fake, service: fake.drop(service), CloudUnreachableError, "closed the connection"),
    ("hanging", lambda fake, service: fake.hang(service), CloudUnreachableError, "no complete answer within 3 s"),
]


@pytest.mark.parametrize("service", ["compute", "identity"])
@pytest.mark.parametrize(("trouble", "kind", "words"), [row[1:] for row in TROUBLES], ids=[row[0] for row in TROUBLES])
async def test_a_failing_service_is_named_with_a_next_step(
    fake: FakeOpenStack,
    tmp_path: Path,
    trouble: Callable[[FakeOpenStack, str], None],
    kind: type[CloudError],
    words: str,
    service: str,
) -> None:
    trouble(fake, service)
    async with await door(fake, tmp_path) as cloud:
        with pytest.raises(kind, match=words) as caught:
            await ask_for_flavors(cloud)
    said = f"{caught.value} {caught.value.hint}"
    assert fake.url in said
    assert service in said
    assert caught.value.hint
    assert "canary" not in said


@pytest.mark.parametrize("status", [500, 503])
async def test_a_failure_carries_the_request_id_for_the_administrator(
    fake: FakeOpenStack, tmp_path: Path, status: int
) -> None:
    fake.fail("compute", status=status)
    async with await door(fake, tmp_path) as cloud:
        with pytest.raises(CloudFailedError) as caught:
            await ask_for_flavors(cloud)
    assert caught.value.request_id.startswith("req-")
    assert caught.value.request_id in str(caught.value)


@pytest.mark.parametrize("passing", ["status", "cut", "drop"])
async def test_what_passes_is_waited_for(fake: FakeOpenStack, tmp_path: Path, passing: str) -> None:
    async with await door(fake, tmp_path, PERSISTENT) as cloud:
        await cloud.catalog()
        if passing == "status":
            fake.fail("compute", status=503, times=1, retry_after=0)
        else:
            getattr(fake, passing)("compute", times=1)
        assert await ask_for_flavors(cloud) == 5
        assert fake.calls.count("GET /compute/v2.1/flavors/detail") == 2


async def test_nobody_waits_longer_than_the_limit_even_when_asked_to(fake: FakeOpenStack, tmp_path: Path) -> None:
    fake.fail("compute", status=429, retry_after=3600)
    async with await door(fake, tmp_path, PERSISTENT) as cloud:
        with pytest.raises(CloudRefusedError, match="429"):
            await ask_for_flavors(cloud)
    assert fake.calls.count("GET /compute/v2.1/flavors/detail") == 1


async def test_what_changes_something_is_never_sent_twice(fake: FakeOpenStack, tmp_path: Path) -> None:
    fake.fail("compute", status=503)
    async with await door(fake, tmp_path, PERSISTENT) as cloud:
        with pytest.raises(CloudFailedError):
            await cloud.request("compute", "POST", "/servers", json={"server": {}})
    assert fake.calls.count("POST /compute/v2.1/servers") == 1


async def test_an_expired_token_is_replaced_silently(fake: FakeOpenStack, tmp_path: Path) -> None:
    async with await door(fake, tmp_path) as cloud:
        await ask_for_flavors(cloud)
        fake.expire_tokens()
        assert await ask_for_flavors(cloud) == 5
    assert fake.calls.count("POST /identity/v3/auth/tokens") == 2


async def test_a_wrong_password_is_said_to_be_whose(fake: FakeOpenStack, tmp_path: Path) -> None:
    files = [fake.write_clouds_yaml(tmp_path, password="canary-but-wrong")]
    async with await open_cloud("fake", environ={}, config_files=files) as cloud:
        with pytest.raises(CloudAuthError, match="`alice` for the project `demo`") as caught:
            await cloud.catalog()
    assert "canary" not in f"{caught.value} {caught.value.hint}"


async def test_an_application_credential_works_and_once_expired_says_so(fake: FakeOpenStack, tmp_path: Path) -> None:
    async with await door(fake, tmp_path, name="credential") as cloud:
        assert await ask_for_flavors(cloud) == 5
    fake.state.credential_expired = True
    async with await door(fake, tmp_path, name="credential") as cloud:
        with pytest.raises(CloudAuthError, match=f"application credential `{fake.state.credential_id}`") as caught:
            await cloud.catalog()
    assert "expired" in caught.value.hint


async def test_an_address_where_nobody_listens_is_named(tmp_path: Path) -> None:
    with FakeOpenStack() as gone:
        files = [gone.write_clouds_yaml(tmp_path)]
    async with await open_cloud("fake", environ={}, limits=IMPATIENT, config_files=files) as cloud:
        with pytest.raises(CloudUnreachableError, match=r"nothing listens on 127\.0\.0\.1:\d+"):
            await cloud.catalog()


async def test_a_service_taken_out_of_the_catalog_is_named(fake: FakeOpenStack, tmp_path: Path) -> None:
    fake.remove_service("compute")
    async with await door(fake, tmp_path) as cloud:
        with pytest.raises(CloudNotFoundError, match="lists no service `compute`"):
            await ask_for_flavors(cloud)


async def test_secrets_sent_back_by_a_server_are_blacked_out(fake: FakeOpenStack, tmp_path: Path) -> None:
    async with await door(fake, tmp_path) as cloud:
        with pytest.raises(CloudNotFoundError) as caught:
            await cloud.request("compute", "GET", f"/{fake.state.password}")
    assert "canary" not in str(caught.value)


async def test_pages_that_point_at_each_other_end(fake: FakeOpenStack, tmp_path: Path) -> None:
    fake.state.pages_never_end = True
    async with await door(fake, tmp_path) as cloud:
        with pytest.raises(CloudProtocolError, match="never ends"):
            await cloud.items("compute", "/flavors/detail", "flavors", params={"limit": "2"})


async def test_no_more_requests_are_under_way_than_allowed(fake: FakeOpenStack, tmp_path: Path) -> None:
    fake.delay_seconds = 0.02
    async with await door(fake, tmp_path, Limits(concurrent=3)) as cloud:
        await asyncio.gather(*(ask_for_flavors(cloud) for _ in range(12)))
    assert fake.most_at_once == 3


async def test_a_cancelled_request_holds_up_nothing(fake: FakeOpenStack, tmp_path: Path) -> None:
    fake.hang("compute")
    async with await door(fake, tmp_path, Limits()) as cloud:
        await cloud.catalog()
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await ask_for_flavors(cloud)
    assert time.monotonic() - began < 5


async def test_of_several_regions_one_must_be_chosen(fake: FakeOpenStack, tmp_path: Path) -> None:
    fake.state.other_regions = ("Elsewhere",)
    async with await door(fake, tmp_path) as cloud:
        assert await ask_for_flavors(cloud) == 5
        assert {entry.public_url for entry in (await cloud.catalog()).items if entry.type == "image"} == {
            f"{fake.url}/image"
        }
    async with await open_cloud(
        "fake", environ={}, config_files=[fake.write_clouds_yaml(tmp_path, region_name="")]
    ) as any_region:
        with pytest.raises(SettingsError, match="several regions") as caught:
            await ask_for_flavors(any_region)
    assert "Elsewhere, RegionOne" in caught.value.hint


async def test_a_region_that_does_not_exist_is_a_wrong_setting_and_not_a_cloud_without_services(
    fake: FakeOpenStack, tmp_path: Path
) -> None:
    fake.state.other_regions = ("Elsewhere",)
    async with await open_cloud(
        "fake", environ={}, config_files=[fake.write_clouds_yaml(tmp_path, region_name="Nowhere")]
    ) as nowhere:
        with pytest.raises(SettingsError, match="no region `Nowhere`") as caught:
            await nowhere.catalog()
    assert "Elsewhere, RegionOne" in caught.value.hint


async def test_who_waits_for_a_lane_has_not_begun_to_wait_for_an_answer(fake: FakeOpenStack, tmp_path: Path) -> None:
    fake.delay_seconds = 0.4
    async with await door(fake, tmp_path, Limits(concurrent=1, answer_seconds=2, attempts=1)) as cloud:
        assert await asyncio.gather(*(ask_for_flavors(cloud) for _ in range(8))) == [5] * 8


async def test_a_cloud_on_this_machine_needs_no_proxy(
    fake: FakeOpenStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(variable, "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    async with await door(fake, tmp_path) as cloud:
        assert await ask_for_flavors(cloud) == 5


async def test_no_more_requests_are_sent_in_a_second_than_allowed(fake: FakeOpenStack, tmp_path: Path) -> None:
    async with await door(fake, tmp_path, Limits(per_second=10, concurrent=50)) as cloud:
        await cloud.member()
        began = asyncio.get_running_loop().time()
        await asyncio.gather(*(cloud.items("compute", "/flavors/detail", "flavors") for _ in range(30)))
        assert asyncio.get_running_loop().time() - began >= 1.8  # ten at once, the others at ten a second
