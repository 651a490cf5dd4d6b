"""scs-0123: an ordinary member makes an EC2 credential and lists the buckets with it."""

import hashlib
import json
import re
from secrets import token_hex

from allmende.clouds.answer import complaint
from allmende.clouds.lease import Holding
from allmende.clouds.openstack import OpenStackCloud
from allmende.clouds.settling import WentWrongError
from allmende.clouds.signing import signed_headers
from allmende.collect.attempting import working
from allmende.collect.collector import collector
from allmende.collect.openstack import s3_address
from allmende.collect.visit import Visit
from allmende.facts.openstack_work import S3Work

_LIST = re.compile(rb"<ListAllMyBucketsResult\b")


@collector(seconds=240, usual_seconds=1, creates=True)
async def s3_work(visit: Visit) -> S3Work:
    """Two requests, and one to remove the credential."""
    url = await s3_address(visit.cloud)
    async with working(visit, S3Work) as (work, holding):
        access, secret = await work.step("make an EC2 credential", _credential(visit.cloud, holding))
        await work.step("list the buckets with it", _buckets(visit.cloud, url, access, secret), seen=str)
    return S3Work(attempts=work.attempts, url=url)


async def _credential(cloud: OpenStackCloud, holding: Holding) -> tuple[str, str]:
    """Return access key and secret; keystone names the credential by the hash of its access key."""
    access, secret = token_hex(16), token_hex(16)
    identifier = hashlib.sha256(access.encode()).hexdigest()

    async def ask(_name: str) -> str:
        wish = {
            "type": "ec2",
            "blob": json.dumps({"access": access, "secret": secret}),
            "project_id": await cloud.project_id(),
            "user_id": await cloud.user_id(),
        }
        await cloud.request("identity", "POST", "/credentials", json={"credential": wish}, confidential=True)
        return identifier

    await holding.obtain("credential", "credential", ask, identifier=identifier)
    return access, secret


async def _buckets(cloud: OpenStackCloud, url: str, access: str, secret: str) -> str:
    answer = await cloud.ask(url, headers=signed_headers(url, access, secret))
    if error := complaint(answer):
        raise error
    if not _LIST.search(answer.content):
        raise WentWrongError(f"HTTP {answer.status} without a list of buckets")
    return "a list of buckets"
