"""Examples for scs-0128."""

from collections.abc import Iterator

from allmende.facts.tempest import TempestOutcome, TempestResult, TempestRun

from .examples import Example, fails, passes, undetermined

TESTCASE = "scs-0128-tempest"
NOT_FOUND = "tempest.lib.exceptions.NotFound: Object not found"


def ran(*results: TempestResult, **others: object) -> TempestRun:
    whole: dict[str, object] = {"release": "47.0.0", "demanded": 3, "results": results}
    return TempestRun(**{**whole, **others})  # type: ignore[arg-type]  # as the examples need them


def result(name: str, outcome: TempestOutcome, reason: str = "", request_id: str = "") -> TempestResult:
    return TempestResult(test=f"tempest.api.x.Test.{name}", outcome=outcome, reason=reason, request_id=request_id)


def examples() -> Iterator[Example]:
    good = result("test_good", TempestOutcome.PASS)
    bad = result("test_bad", TempestOutcome.FAIL, NOT_FOUND, "req-1")
    skipped = result("test_other", TempestOutcome.SKIP, "validation tests are disabled")
    left = {"missing": ("tempest.api.x.Test.test_left",), "why_missing": "The run was limited to 60 s."}
    yield passes(TESTCASE, "all passed", ran(good), says="None of the 1 test of Tempest failed")
    yield passes(TESTCASE, "one skipped", ran(good, skipped), says="Skipped (1): test_other: validation tests are")
    yield passes(
        TESTCASE, "counts", ran(good, skipped, projects=2), says="in 2 projects, 3 tests demanded: 1 passed, 0 f"
    )
    yield passes(TESTCASE, "left", ran(good, left_behind=("port 1",)), says="was left alone: port 1")
    yield fails(TESTCASE, "one failed", ran(good, bad), says="test x.Test.test_bad: tempest.lib.exceptions.NotFound")
    yield fails(TESTCASE, "with the request", ran(good, bad), says="[req-1]")
    yield fails(TESTCASE, "a failure is one, unfinished or not", ran(bad, **left), says="1 test of Tempest failed")
    yield undetermined(TESTCASE, "nothing", ran(), says="No test ran")
    yield undetermined(TESTCASE, "only skips", ran(skipped), says="No test ran: 1 test skipped")
    yield undetermined(TESTCASE, "unfinished", ran(good, **left), says="1 demanded test without result. The run was l")
    yield undetermined(TESTCASE, "what to do", ran(good, **left), says="--resume")
