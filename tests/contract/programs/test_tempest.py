"""Tempest as a process: what it reports, how it is ended, what is kept, and what happens when it does not start."""

import asyncio
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

from allmende.errors import ProgramError
from allmende.facts.tempest import TempestOutcome, TempestResult
from allmende.programs.tempest.kept import KeptResults, Origin
from allmende.programs.tempest.process import Workspace, workspace, write
from allmende.programs.tempest.rounds import NO_SECOND_PROJECT, Order, Reported, run_tests
from allmende.standards.tempest_list import SECOND_PROJECT, DemandedTest
from allmende.testing.tempest import FakeTempest

NOW = datetime(2026, 11, 25, tzinfo=UTC)
ORIGIN = Origin(auth_url="https://cloud/v3", region="one", project="p", tests="list 1")


def demanded(number: int, *, needs: Iterable[str] = ()) -> DemandedTest:
    identifier = f"00000000-0000-0000-0000-{number:012}"
    return DemandedTest(class_name="tempest.api.T", method=f"test_{number}", id=identifier, needs=frozenset(needs))


TESTS = (demanded(1), demanded(2), demanded(3), demanded(4, needs=[SECOND_PROJECT]))
ONE, TWO, THREE, FOUR = (test.name for test in TESTS)


@pytest.fixture
def tempest(tmp_path: Path) -> FakeTempest:
    return FakeTempest(tmp_path / "venv", TESTS)


@pytest.fixture
def space(tempest: FakeTempest) -> Iterator[Workspace]:
    with workspace(tempest.venv) as space:
        write(space, {"tempest.conf": "[DEFAULT]\n", "accounts.yaml": "- {password: very secret}\n"})
        yield space


def order(*, projects: int = 2, seconds: float = 60.0, wanted: Iterable[str] = (ONE, TWO, THREE, FOUR)) -> Order:
    return Order(tests=TESTS, wanted=frozenset(wanted), projects=projects, seconds=seconds)


def running(pids: Iterable[int]) -> list[int]:
    alive = [pid for pid in pids if psutil.pid_exists(pid)]
    return [pid for pid in alive if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE]


async def ran(space: Workspace, wish: Order, had: Sequence[TempestResult] = ()) -> tuple[Reported, list[str]]:
    said: list[str] = []
    return await run_tests(space, wish, had, lambda _results, _at: None, said.append), said


def outcomes(reported: Reported) -> dict[str, str]:
    return {result.test: str(result.outcome) for result in reported.results}


async def test_results_come_with_reasons_and_progress_as_they_are_reported(
    tempest: FakeTempest, space: Workspace
) -> None:
    tempest.behave({TWO: "fail", THREE: "skip"})
    reported, said = await ran(space, order())
    assert outcomes(reported) == {ONE: "pass", TWO: "fail", THREE: "skip", FOUR: "pass"}
    failure = next(result for result in reported.results if result.test == TWO)
    assert failure.reason == "lib.Gone: No such thing"
    assert failure.request_id == "req-00000000-1111-2222-3333-444444444444"
    assert next(result for result in reported.results if result.test == THREE).reason == "Not switched on."
    assert (reported.missing, reported.why) == ((), "")
    assert said[-1] == "4 of 4, 1 failed"
    assert "1 of 4, test_2" in said


async def test_what_needs_a_second_project_goes_alone_at_the_end_and_is_skipped_without_one(
    tempest: FakeTempest, space: Workspace
) -> None:
    await ran(space, order(projects=2))
    tests = [[str(test).partition("[")[0] for test in call["tests"]] for call in tempest.calls]  # type: ignore[attr-defined]  # a list
    assert tests == [[ONE, TWO, THREE], [FOUR]]
    assert [call["concurrency"] for call in tempest.calls] == ["2", "1"]
    reported, _ = await ran(space, order(projects=1))
    assert [call["concurrency"] for call in tempest.calls[2:]] == ["1"]
    assert TempestResult(test=FOUR, outcome=TempestOutcome.SKIP, reason=NO_SECOND_PROJECT) in reported.results


async def test_passwords_lie_in_files_that_only_their_owner_reads_and_are_gone_afterwards(
    tempest: FakeTempest,
) -> None:
    with workspace(tempest.venv) as space:
        write(space, {"tempest.conf": "", "accounts.yaml": ""})
        assert stat.S_IMODE(space.folder.stat().st_mode) == 0o700
        await ran(space, order())
    call = tempest.calls[0]
    modes = call["modes"]
    assert isinstance(modes, dict)
    assert modes["accounts.yaml"] == modes["tempest.conf"] == "0o600"
    assert not space.folder.exists()


async def test_our_own_variables_do_not_reach_it(
    tempest: FakeTempest, space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OS_PASSWORD", "secret")
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    await ran(space, order())
    names = tempest.calls[0]["environment"]
    assert isinstance(names, list)
    assert {name for name in names if name.startswith(("OS_", "PYTHON"))} <= {"OS_TEST_TIMEOUT", "PYTHONUTF8"}


async def test_a_run_that_is_given_up_leaves_no_process_and_keeps_what_was_reported(
    tempest: FakeTempest, space: Workspace
) -> None:
    tempest.behave({TWO: "hang"})
    kept: list[TempestResult] = []
    run = asyncio.create_task(
        run_tests(space, order(), (), lambda results, _at: kept.extend(results), lambda _words: None)
    )
    while not tempest.pids:
        await asyncio.sleep(0.05)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert [result.test for result in kept] == [ONE]
    assert not running(tempest.pids)


async def test_when_time_is_up_the_rest_is_missing_and_the_run_says_why(tempest: FakeTempest, space: Workspace) -> None:
    tempest.behave({TWO: "hang"})
    reported, _ = await ran(space, order(seconds=3))
    assert outcomes(reported) == {ONE: "pass"}
    assert reported.missing == (TWO, THREE, FOUR)
    assert reported.why == "The run was limited to 3 s."
    assert not running(tempest.pids)


async def test_only_what_has_no_result_runs_again(tempest: FakeTempest, space: Workspace) -> None:
    had = [TempestResult(test=ONE, outcome=TempestOutcome.FAIL, reason="before")]
    reported, _ = await ran(space, order(), had)
    assert ONE not in str(tempest.calls)
    assert outcomes(reported) == {ONE: "fail", TWO: "pass", THREE: "pass", FOUR: "pass"}


async def test_a_tempest_that_dies_leaves_tests_without_result(tempest: FakeTempest, space: Workspace) -> None:
    tempest.behave({TWO: "die"})
    reported, _ = await ran(space, order(projects=1))
    assert outcomes(reported) == {ONE: "pass", FOUR: "skip"}
    assert reported.missing == (TWO, THREE)
    assert reported.why == "Tempest ended without reporting them."


async def test_a_release_that_lacks_a_test_is_no_pass(tempest: FakeTempest, space: Workspace) -> None:
    tempest.forget(THREE)
    reported, _ = await ran(space, order())
    assert reported.missing == (THREE,)
    assert reported.why == f"This release of Tempest does not have {THREE}."


async def test_one_that_does_not_start_is_an_error_with_what_it_said(tempest: FakeTempest, space: Workspace) -> None:
    tempest.behave({}, refuses=True)
    with pytest.raises(ProgramError, match="No module named tempest"):
        await ran(space, order())


async def test_one_that_is_not_there_says_what_to_remove(tempest: FakeTempest, space: Workspace) -> None:
    (tempest.venv / "bin/stestr").unlink()
    with pytest.raises(ProgramError, match="cannot be started") as error:
        await ran(space, order())
    assert str(tempest.venv) in error.value.hint


def test_kept_results_hold_for_a_day_and_for_the_same_tests_only(tmp_path: Path) -> None:
    kept = KeptResults(tmp_path, ORIGIN)
    assert kept.taken_up(NOW) == ()
    kept.begin()
    result = TempestResult(test=ONE, outcome=TempestOutcome.FAIL, reason="gone", request_id="req-1")
    kept.keep([result], NOW)
    with (tmp_path / ORIGIN.file_name).open("a") as file:
        file.write('\n{"test": "half a li')  # the run was killed at this moment
    kept.keep([replace(result, test=TWO)], NOW)
    assert kept.taken_up(NOW + timedelta(hours=23)) == (result, replace(result, test=TWO))
    assert kept.taken_up(NOW + timedelta(hours=25)) == ()
    other = Origin(auth_url=ORIGIN.auth_url, region=ORIGIN.region, project=ORIGIN.project, tests="list 2")
    assert KeptResults(tmp_path, other).taken_up(NOW) == ()
    kept.begin()
    assert kept.taken_up(NOW) == ()


async def test_when_we_are_killed_it_ends_as_well_and_no_password_stays(tempest: FakeTempest, tmp_path: Path) -> None:
    tempest.behave({TWO: "hang"})
    script = tmp_path / "ours.py"
    script.write_text(
        f"""
import asyncio
from pathlib import Path
from allmende.programs.tempest.process import reports, workspace, write

async def main():
    with workspace(Path({str(tempest.venv)!r})) as space:
        write(space, {{"accounts.yaml": "- {{password: very secret}}"}})
        Path({str(tmp_path / "folder")!r}).write_text(str(space.folder))
        async for _ in reports(space, [{f"{TWO}[id-x]"!r}], 1):
            pass

asyncio.run(main())
""",
        "utf-8",
    )
    ours = await asyncio.create_subprocess_exec(sys.executable, str(script))
    while not tempest.pids:
        await asyncio.sleep(0.05)
    ours.kill()
    await ours.wait()
    folder = Path((tmp_path / "folder").read_text("utf-8"))
    for _ in range(100):
        if not folder.exists() and not running(tempest.pids):
            break
        await asyncio.sleep(0.05)
    assert not folder.exists()
    assert not running(tempest.pids)
