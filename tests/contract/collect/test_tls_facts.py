"""What sslyze says of servers, as facts; a stand-in for the program writes what the real one (6.3.1) wrote once."""

import json
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from allmende.clouds.limits import Limits
from allmende.clouds.openstack import open_cloud
from allmende.collect.means import Means
from allmende.collect.visit import Visit
from allmende.facts.tls import TlsServer, TlsServers
from allmende.outcome import Finding, Outcome, Unavailable
from allmende.programs.environment import shipped
from allmende.testing.judge import judge
from allmende.testing.openstack import FakeOpenStack

from .test_preview_facts import NOW

RECORDED = Path(__file__).parents[1] / "data/sslyze-6.3.1.json"
GOOD, BAD, DEAD = "127.0.0.1:8443", "127.0.0.1:9443", "127.0.0.1:1"
NOWHERE = "no.such.host.invalid:443"
STAND_IN = """#!{python}
import pathlib, sys
result = next(word.partition("=")[2] for word in sys.argv if word.startswith("--json_out="))
here = pathlib.Path(__file__).parent
(here / "words").write_text(" ".join(sys.argv[1:]))
if not (here / "answer.json").exists():
    print("this is what went wrong")
    raise SystemExit(2)
pathlib.Path(result).write_text((here / "answer.json").read_text())
"""


@pytest.fixture
def recorded() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(RECORDED.read_bytes())
    return document


class Program:
    """The stand-in, in the place where the environment is made."""

    def __init__(self, cache: Path) -> None:
        self.cache = cache
        venv = shipped("sslyze").path(cache)
        self.folder = venv / "bin"
        self.folder.mkdir(parents=True)
        (venv / ".complete").touch()
        program = self.folder / "sslyze"
        program.write_text(STAND_IN.format(python=sys.executable), "utf-8")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)

    def will_say(self, document: object) -> None:
        (self.folder / "answer.json").write_text(json.dumps(document), "utf-8")

    @property
    def words(self) -> list[str]:
        return (self.folder / "words").read_text("utf-8").split()


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path / "cache")


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    file = tmp_path / "authority.pem"
    file.touch()
    return file


async def looked_at(
    program: Program, authority: Path, **addresses: str
) -> tuple[TlsServers | Unavailable, Finding | None]:
    """Look at a cloud whose services have these addresses; return the fact, and its judgement where there is one."""
    services = {name.replace("_", "-"): url for name, url in addresses.items()}
    with FakeOpenStack(services=services) as fake:
        fake.state.provision.addresses = services
        files = [fake.write_clouds_yaml(authority.parent, cacert=str(authority))]
        async with await open_cloud(
            "fake", environ={}, limits=Limits(attempts=1, per_second=1000), config_files=files
        ) as cloud:
            fact = await Visit(cloud, NOW, Means(cache=program.cache)).observation(TlsServers)
            assert isinstance(fact, TlsServers | Unavailable)
            known = isinstance(fact, TlsServers)
            return fact, judge("scs-0125-tls-profile", fact, await cloud.catalog()) if known else None


def only(document: dict[str, Any], *addresses: str) -> dict[str, Any]:
    """Return the recorded document with these servers alone."""
    rows = [
        row
        for row in document["server_scan_results"]
        if f"{row['server_location']['hostname']}:{row['server_location']['port']}" in addresses
    ]
    invalid = [row for row in document["invalid_server_strings"] if row["server_string"] in addresses]
    return {**document, "server_scan_results": rows, "invalid_server_strings": invalid}


async def test_each_server_is_looked_at_once_and_known_by_its_services(
    program: Program, authority: Path, recorded: dict[str, Any]
) -> None:
    program.will_say(only(recorded, GOOD))
    fact, finding = await looked_at(
        program, authority, compute=f"https://{GOOD}/compute/v2.1", image=f"https://{GOOD}/image"
    )
    assert isinstance(fact, TlsServers)
    (server,) = fact.items
    assert (server.address, server.services, server.problem) == (GOOD, ("compute", "image"), "")
    assert server.versions == {"TLSv1.2", "TLSv1.3"}
    assert len(server.suites) == len(server.suites_13) == 3
    assert server.curves == {"secp256r1"}
    (certificate,) = server.certificates
    assert (certificate.key, certificate.curve, certificate.lifespan_days) == ("ecdsa", "secp256r1", 90)
    assert certificate.distrust == ""
    assert fact.scanner == "sslyze 6.3.1"
    assert finding is not None
    assert finding.outcome is Outcome.PASS
    assert program.words[-1] == GOOD
    assert program.words[program.words.index("--certinfo_ca_file") + 1] == str(authority)


async def test_what_is_outside_of_the_profile_is_named_with_its_values(
    program: Program, authority: Path, recorded: dict[str, Any]
) -> None:
    program.will_say(only(recorded, GOOD, BAD))
    _, finding = await looked_at(program, authority, compute=f"https://{GOOD}", image=f"https://{BAD}")
    assert finding is not None
    assert finding.outcome is Outcome.FAIL
    assert finding.summary.startswith("1 of 2 public servers does not fit the intermediate profile")
    seen = [item.seen for item in finding.evidence]
    assert "protocol versions TLSv1, TLSv1.1" in seen
    assert "curves X448, secp521r1" in seen
    assert "a certificate for 1095 days" in seen
    assert any("TLS_RSA_WITH_AES_128_CBC_SHA" in words for words in seen)
    assert {item.subject for item in finding.evidence} == {f"{BAD} (image)"}


async def test_a_certificate_that_nobody_known_signed_is_said_to_be_that(
    program: Program, authority: Path, recorded: dict[str, Any]
) -> None:
    document = only(recorded, GOOD)
    deployment = document["server_scan_results"][0]["scan_result"]["certificate_info"]["result"][
        "certificate_deployments"
    ][0]
    deployment["verified_certificate_chain"] = None
    deployment["path_validation_results"] = [
        row for row in deployment["path_validation_results"] if row["trust_store"]["name"] != "Supplied CA file"
    ]
    program.will_say(document)
    _, finding = await looked_at(program, authority, compute=f"https://{GOOD}")
    assert finding is not None
    assert finding.evidence[0].seen == "a certificate that is not trusted: no known authority signed it"


async def test_servers_that_do_not_answer_leave_it_open_with_the_reason(
    program: Program, authority: Path, recorded: dict[str, Any]
) -> None:
    program.will_say(only(recorded, DEAD, NOWHERE))
    fact, finding = await looked_at(program, authority, compute=f"https://{DEAD}", image=f"https://{NOWHERE}/image")
    assert isinstance(fact, TlsServers)
    problems = {server.address: server.problem for server in fact.items}
    assert problems == {
        DEAD: "no TLS session: Server rejected the connection",
        NOWHERE: "Could not resolve hostname no.such.host.invalid",
    }
    assert finding is not None
    assert finding.outcome is Outcome.DNF


async def test_a_scan_that_did_not_finish_is_no_answer(
    program: Program, authority: Path, recorded: dict[str, Any]
) -> None:
    document = only(recorded, GOOD)
    document["server_scan_results"][0]["scan_result"]["heartbleed"] = {"status": "ERROR", "result": None}
    program.will_say(document)
    fact, _ = await looked_at(program, authority, compute=f"https://{GOOD}")
    assert fact == TlsServers(
        items=(TlsServer(address=GOOD, services=("compute",), problem="the scan did not finish: heartbleed"),),
        scanner="sslyze 6.3.1",
    )


async def test_a_program_that_fails_leaves_the_fact_unknown_with_its_words(program: Program, authority: Path) -> None:
    fact, _ = await looked_at(program, authority, compute=f"https://{GOOD}")
    assert isinstance(fact, Unavailable)
    assert "Looking at TLS with sslyze failed with exit code 2" in fact.reason
    assert "this is what went wrong" in fact.reason


async def test_another_form_of_the_result_leaves_the_fact_unknown(program: Program, authority: Path) -> None:
    program.will_say({"server_scan_results": [{}], "invalid_server_strings": [], "sslyze_version": "7"})
    fact, _ = await looked_at(program, authority, compute=f"https://{GOOD}")
    assert isinstance(fact, Unavailable)
    assert "in an unknown form" in fact.reason
