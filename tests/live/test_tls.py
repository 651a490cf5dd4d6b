"""The TLS of servers on this machine, as the real sslyze sees it: judged by the criteria of sslyze itself."""

import re
import subprocess
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tls_servers import bad_cloud, good_cloud

from allmende.clouds.openstack import open_cloud
from allmende.collect.means import Means
from allmende.collect.visit import Visit
from allmende.facts.openstack import Catalog
from allmende.facts.tls import TlsServers
from allmende.outcome import Finding, Outcome
from allmende.programs.environment import made, shipped
from allmende.testing.judge import judge
from allmende.testing.openstack import FakeOpenStack

NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)
Serving = Callable[[Path], AbstractContextManager[tuple[FakeOpenStack, Path]]]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


async def finding(fake: FakeOpenStack, trusted: Path, folder: Path, cache: Path) -> Finding:
    files = [fake.write_clouds_yaml(folder, cacert=str(trusted))]
    async with await open_cloud("fake", environ={}, config_files=files) as cloud:
        servers = await Visit(cloud, NOW, Means(cache=cache)).observation(TlsServers)
        assert isinstance(servers, TlsServers), servers
        return judge("scs-0125-tls-profile", servers, await cloud.catalog())


async def criteria(fake: FakeOpenStack, trusted: Path, cache: Path) -> set[str]:
    """Return the criteria by which sslyze itself finds the server outside of the profile."""
    venv = await made(shipped("sslyze"), cache, cache / "log")
    where = fake.url.removeprefix("https://")
    words = [str(venv / "bin/sslyze"), "--mozilla_config=intermediate", f"--certinfo_ca_file={trusted}", where]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=300)
    verdict = done.stdout.partition("COMPLIANCE AGAINST TLS CONFIGURATION")[2]
    assert ("OK - Compliant" in verdict) == (done.returncode == 0), done.stdout
    return set(re.findall(r"^ +\* (\w+):", verdict, re.MULTILINE))


async def test_a_server_within_the_profile_passes_as_for_sslyze(tmp_path: Path, cache: Path) -> None:
    with good_cloud(tmp_path) as (fake, trusted):
        judged = await finding(fake, trusted, tmp_path, cache)
        assert await criteria(fake, trusted, cache) == set()
    assert judged.outcome is Outcome.PASS, judged
    assert judged.notes == ("Compared with Mozilla's intermediate profile 5.7, as sslyze 6.3.1 sees the servers.",)
    (seen,) = judged.evidence
    assert "TLSv1.2 and TLSv1.3" in seen.seen
    assert "identity" in seen.subject


async def test_a_server_outside_of_the_profile_fails_by_the_same_criteria(tmp_path: Path, cache: Path) -> None:
    with bad_cloud(tmp_path) as (fake, trusted):
        judged = await finding(fake, trusted, tmp_path, cache)
        said = await criteria(fake, trusted, cache)
    assert judged.outcome is Outcome.FAIL
    words = "\n".join(item.seen for item in judged.evidence)
    ours = {
        "tls_versions": "protocol versions TLSv1, TLSv1.1" in words,
        "ciphers": "cipher suites TLS_" in words,
        "tls_curves": "curves " in words,
        "maximum_certificate_lifespan": "a certificate for 1095 days" in words,
        "certificate_signatures": "certificates signed with" in words,
        "certificate_path_validation": "not trusted" in words,
    }
    assert {criterion for criterion, found in ours.items() if found} == said, (words, said)


async def test_a_certificate_of_an_unknown_authority_fails_with_the_reason(tmp_path: Path, cache: Path) -> None:
    with good_cloud(tmp_path) as (fake, _):
        files = [fake.write_clouds_yaml(tmp_path, verify=False)]
        async with await open_cloud("fake", environ={}, config_files=files) as cloud:
            servers = await Visit(cloud, NOW, Means(cache=cache)).observation(TlsServers)
            catalog = await cloud.catalog()
    assert isinstance(catalog, Catalog)
    judged = judge("scs-0125-tls-profile", servers, catalog)
    assert judged.outcome is Outcome.FAIL
    assert "a certificate that is not trusted" in judged.evidence[0].seen
