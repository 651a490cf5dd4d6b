"""Running a plan over a fake cloud: what fails stays with the testcases that need it."""

import asyncio
import itertools
import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio

from allmende.checks.catalog import Check, catalogue
from allmende.clouds.clean import place_of
from allmende.clouds.journal import Journal
from allmende.clouds.lease import Leases
from allmende.clouds.limits import Limits
from allmende.clouds.openstack import OpenStackCloud, open_cloud
from allmende.clouds.removal import Leftover
from allmende.collect.means import Account, Means
from allmende.errors import CloudAuthError
from allmende.facts.openstack import Flavors
from allmende.outcome import Finding, Outcome
from allmende.runner.execute import execute
from allmende.runner.plan import Plan, Reach, plan
from allmende.runner.record import recorded
from allmende.runner.run import Deadlines, Run, Standing
from allmende.standards.load import load_standards
from allmende.standards.model import Standards
from allmende.testing.openstack import FakeOpenStack

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
NOTHING_TO_SHOW = ["scs-0121-storage-zones"]  # the cloud has one zone
ONCE = Limits(attempts=1, per_second=1000)


@pytest.fixture(scope="module")
def standards() -> Standards:
    return load_standards()


@pytest.fixture
def fake(standards: Standards) -> Iterator[FakeOpenStack]:
    with FakeOpenStack.conformant(standards, NOW) as cloud:
        yield cloud


@pytest_asyncio.fixture
async def cloud(fake: FakeOpenStack, tmp_path: Path) -> AsyncIterator[OpenStackCloud]:
    files = [fake.write_clouds_yaml(tmp_path)]
    async with await open_cloud("fake", environ={}, limits=ONCE, config_files=files) as door:
        yield door


def planned(standards: Standards, *only: str, checks: Mapping[str, Check] | None = None) -> Plan:
    iaas = standards.scope("iaas")
    reach = Reach(active=False)
    return plan(standards, checks or catalogue(standards), iaas, iaas.version("v5.1"), only, reach)


def silent(_standing: Standing) -> None:
    pass


async def executed(plan: Plan, cloud: OpenStackCloud, deadlines: Deadlines | None = None) -> Run:
    return await execute(plan, cloud, lambda: NOW, silent, deadlines)


def outcomes(run: Run) -> dict[str, Outcome]:
    return {judgement.testcase.id: judgement.finding.outcome for judgement in run.judgements}


def finding(run: Run, testcase: str) -> Finding:
    return next(judgement.finding for judgement in run.judgements if judgement.testcase.id == testcase)


async def test_a_conformant_cloud_passes_everything_with_thirteen_requests(
    standards: Standards, cloud: OpenStackCloud, fake: FakeOpenStack
) -> None:
    run = await executed(planned(standards), cloud)
    assert [id_ for id_, outcome in outcomes(run).items() if outcome is not Outcome.PASS] == NOTHING_TO_SHOW
    assert run.complete
    assert run.requests == len(fake.calls) == 13


async def test_each_fact_is_fetched_once_however_many_checks_need_it(
    standards: Standards, cloud: OpenStackCloud, fake: FakeOpenStack
) -> None:
    await executed(planned(standards, "scs-0103-*", "scs-0100-*"), cloud)
    assert fake.calls.count("GET /compute/v2.1/flavors/detail") == 1
    assert len(fake.calls) == 3


async def test_one_failing_service_leaves_only_its_testcases_undetermined(
    standards: Standards, cloud: OpenStackCloud, fake: FakeOpenStack
) -> None:
    fake.fail("image", status=500)
    run = await executed(planned(standards), cloud)
    undetermined = {id_ for id_, outcome in outcomes(run).items() if outcome is Outcome.DNF}
    about_images = ("scs-0102", "scs-0104", "scs-0101-image")
    assert undetermined == {id_ for id_ in outcomes(run) if id_.startswith(about_images)} | set(NOTHING_TO_SHOW)
    assert Outcome.FAIL not in outcomes(run).values()
    reason = finding(run, "scs-0102-prop-min_disk").summary
    assert "The images could not be observed: image: GET" in reason
    assert "req-" in reason


async def test_a_hanging_service_costs_its_deadline_and_no_more(
    standards: Standards, cloud: OpenStackCloud, fake: FakeOpenStack
) -> None:
    fake.hang("network")
    run = await executed(planned(standards), cloud, Deadlines(fact_seconds=2))
    assert finding(run, "scs-0115-default-rules").outcome is Outcome.DNF
    assert "within 2 s" in finding(run, "scs-0115-default-rules").summary
    late = [judgement.testcase.id for judgement in run.judgements if judgement.finding.outcome is not Outcome.PASS]
    assert late == ["scs-0115-default-rules", "scs-0121-zones-visible", "scs-0121-storage-zones"]


async def test_the_whole_run_has_a_deadline_too(
    standards: Standards, cloud: OpenStackCloud, fake: FakeOpenStack
) -> None:
    fake.hang("network")
    run = await executed(planned(standards), cloud, Deadlines(total_seconds=2))
    assert "limited to 2 s" in finding(run, "scs-0115-default-rules").summary
    assert finding(run, "scs-0103-flavor-2v-8").outcome is Outcome.PASS
    assert run.complete


async def test_without_a_token_there_is_no_run(
    standards: Standards, cloud: OpenStackCloud, fake: FakeOpenStack
) -> None:
    fake.state.password = "another"
    with pytest.raises(CloudAuthError):
        await executed(planned(standards), cloud)


async def test_an_interrupted_run_keeps_what_can_be_judged_and_says_that_it_is_incomplete(
    standards: Standards, cloud: OpenStackCloud, fake: FakeOpenStack
) -> None:
    fake.hang("image")
    only_images_left = asyncio.Event()

    def watch(standing: Standing) -> None:
        if [one.name for one in standing.awaited] == ["images"]:
            only_images_left.set()

    task = asyncio.create_task(execute(planned(standards), cloud, lambda: NOW, watch))
    await asyncio.wait_for(only_images_left.wait(), 10)
    task.cancel()
    run = await task
    assert not run.complete
    assert [id_ for id_, outcome in outcomes(run).items() if outcome is not Outcome.PASS] == NOTHING_TO_SHOW
    assert not any(id_.startswith("scs-0102") for id_ in outcomes(run))
    assert "scs-0103-flavor-2v-8" in outcomes(run)


async def test_a_bug_in_one_check_stays_in_its_testcase(
    standards: Standards, cloud: OpenStackCloud, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(flavors: Flavors) -> Finding:
        raise ZeroDivisionError(f"{len(flavors.items)} flavors were too many")

    checks = dict(catalogue(standards))
    original = checks["scs-0100-syntax-check"]
    checks["scs-0100-syntax-check"] = Check(
        testcase=original.testcase, function=broken, parameters={"flavors": Flavors}
    )
    with caplog.at_level(logging.ERROR, logger="allmende"):
        run = await executed(planned(standards, "scs-0100-*", checks=checks), cloud)
    assert outcomes(run) == {"scs-0100-syntax-check": Outcome.DNF, "scs-0100-semantics-check": Outcome.PASS}
    assert "bug in Allmende" in finding(run, "scs-0100-syntax-check").summary
    assert "were too many" in caplog.text


async def test_progress_tells_what_is_waited_for(standards: Standards, cloud: OpenStackCloud) -> None:
    told: list[Standing] = []
    await execute(planned(standards), cloud, lambda: NOW, told.append)
    assert [one.name for one in told[0].awaited] == ["a token"]
    assert [one.name for one in told[1].awaited] == [
        "availability zones", "catalog", "default security group rules", "flavors", "images", "member", "S3 probe",
        "S3 work", "volume types",
    ]  # fmt: skip
    assert told[-1].awaited == ()
    assert all(len(one.settled) <= len(two.settled) for one, two in itertools.pairwise(told))


async def test_a_run_becomes_a_report_with_every_result(standards: Standards, cloud: OpenStackCloud) -> None:
    run = await executed(planned(standards), cloud)
    identifier = UUID("4fd44f30-2929-45e4-81c7-b8a0c8908869")
    report = recorded(run, subject="a-cloud", identifier=identifier, version="0.1.0")
    assert [result.testcase for result in report.results] == [judgement.testcase.id for judgement in run.judgements]
    assert {result.checked_at for result in report.results} == {NOW}
    assert report.scope == UUID(standards.scope("iaas").uuid)
    assert report.requests == 13


async def test_what_stays_in_the_project_of_another_account_is_said_as_well(
    standards: Standards, cloud: OpenStackCloud, tmp_path: Path
) -> None:
    journal = Journal.begun(tmp_path / "leases", "0123456789ab", await place_of(cloud), part="2")
    other = Account(cloud=cloud, leases=Leases(cloud, journal, lambda: NOW))
    lease = journal.wanted("network", "allmende-0123456789ab-network", NOW)
    other.leases.leftovers.append(Leftover(lease=lease, why="it is in use"))
    only_rules = planned(standards, "scs-0115-*")
    run = await execute(only_rules, cloud, lambda: NOW, silent, means=Means(others=(other,)))
    journal.close()
    assert run.left_behind == ("network allmende-0123456789ab-network: it is in use",)


async def test_a_bug_in_a_collector_stays_with_the_testcases_that_need_its_fact(
    standards: Standards, cloud: OpenStackCloud, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object, **__: object) -> list[dict[str, object]]:
        raise ZeroDivisionError("a volume type too many")

    original = OpenStackCloud.items

    async def items(self: OpenStackCloud, service: str, path: str, key: str, **more: object) -> object:
        return await (broken() if path == "/types" else original(self, service, path, key, **more))  # type: ignore[arg-type]

    monkeypatch.setattr(OpenStackCloud, "items", items)
    with caplog.at_level(logging.ERROR, logger="allmende"):
        run = await executed(planned(standards, "scs-0114-*", "scs-0103-*"), cloud)
    assert outcomes(run)["scs-0114-syntax-check"] is Outcome.DNF
    assert "this is a bug in Allmende" in finding(run, "scs-0114-syntax-check").summary
    assert outcomes(run)["scs-0103-flavor-2v-8"] is Outcome.PASS
    assert "a volume type too many" in caplog.text
