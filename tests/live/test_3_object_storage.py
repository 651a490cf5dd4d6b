"""The S3 API of the object store, with EC2 credentials that the member made."""

from dataclasses import dataclass
from typing import Any

import boto3  # type: ignore[import-untyped]  # ships no types
import pytest
from botocore.config import Config  # type: ignore[import-untyped]  # ships no types
from botocore.exceptions import ClientError  # type: ignore[import-untyped]  # ships no types
from live_cloud import LiveCloud
from live_guests import Surroundings

from allmende.clouds.openstack import OpenStackCloud


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """EC2 credentials, and where the S3 API is."""

    access: str
    secret: str
    url: str

    def client(self) -> Any:
        """Return a customer's S3 client."""
        return boto3.client(
            "s3",
            endpoint_url=self.url,
            aws_access_key_id=self.access,
            aws_secret_access_key=self.secret,
            region_name="us-east-1",
            config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 0}),
        )


@pytest.fixture
def keys(live_cloud: LiveCloud, around: Surroundings) -> Keys:
    async def make(cloud: OpenStackCloud) -> Keys:
        pair = (await cloud.request("compute", "GET", f"/os-keypairs/{around.key_name}")).object()["keypair"]
        project = (await cloud.items("identity", "/auth/projects", "projects"))[0]["id"]
        path = f"/users/{pair['user_id']}/credentials/OS-EC2"
        made = (await cloud.request("identity", "POST", path, json={"tenant_id": project})).object()["credential"]
        store = await cloud.endpoint("object-store")
        return Keys(access=made["access"], secret=made["secret"], url=store.partition("/v1")[0])

    return live_cloud.ask(make)


def test_what_is_put_can_be_got_and_deleted(keys: Keys) -> None:
    store = keys.client()
    store.create_bucket(Bucket="live")
    store.put_object(Bucket="live", Key="a/b", Body=b"kept")
    assert store.get_object(Bucket="live", Key="a/b")["Body"].read() == b"kept"
    assert [row["Key"] for row in store.list_objects_v2(Bucket="live")["Contents"]] == ["a/b"]
    store.delete_object(Bucket="live", Key="a/b")
    store.delete_bucket(Bucket="live")
    assert "live" not in [bucket["Name"] for bucket in store.list_buckets()["Buckets"]]


def test_a_stranger_is_refused(keys: Keys) -> None:
    stranger = Keys(access="doesnotexist", secret=keys.secret, url=keys.url).client()
    with pytest.raises(ClientError, match=r"InvalidAccessKeyId|SignatureDoesNotMatch"):
        stranger.list_buckets()
