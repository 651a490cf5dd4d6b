"""What reports mean for the demanded tests."""

from allmende.facts.tempest import TempestOutcome, TempestResult
from allmende.programs.subunit import Event, Status
from allmende.programs.tempest.tally import MOST_CHARACTERS, Tally, error_of
from allmende.standards.tempest_list import DemandedTest

CLASS = "tempest.api.network.Test"
TESTS = tuple(
    DemandedTest(class_name=CLASS, method=method, id="00000000-0000-0000-0000-000000000001")
    for method in ("test_one", "test_two")
)
ONE, TWO = (test.name for test in TESTS)
TRACEBACK = """Traceback (most recent call last):

  File "/x/test_networks.py", line 174, in test_one
    self.client.do(name=name)
           ^^^^^^^^^^^^^^^^^

tempest.lib.exceptions.NotFound: Object not found
Details: {'code': 404,
 'message': 'no port'}
"""


def tally(*events: Event) -> Tally:
    made = Tally(TESTS)
    for event in events:
        made.take(event)
    return made


def test_tags_in_the_name_do_not_matter() -> None:
    made = tally(Event(test=f"{ONE}[id-1,smoke]", status=Status.SUCCESS))
    assert made.results == {ONE: TempestResult(test=ONE, outcome=TempestOutcome.PASS)}


def test_a_failure_has_the_error_of_its_traceback_in_a_line() -> None:
    log = b"GET /a req-00000000-0000-0000-0000-000000000001\nGET /b req-00000000-0000-0000-0000-000000000002"
    made = tally(
        Event(test=ONE, file="pythonlogging:''", content=log),
        Event(test=ONE, file="traceback", content=TRACEBACK[:60].encode()),
        Event(test=ONE, file="traceback", content=TRACEBACK[60:].encode(), status=Status.FAIL),
    )
    result = made.results[ONE]
    assert (
        result.reason
        == "tempest.lib.exceptions.NotFound: Object not found Details: {'code': 404, 'message': 'no port'}"
    )
    assert result.request_id.endswith("2")


def test_a_class_that_cannot_be_set_up_speaks_for_its_tests() -> None:
    made = tally(
        Event(test=f"setUpClass ({CLASS})", file="traceback", content=TRACEBACK.encode()),
        Event(test=f"setUpClass ({CLASS})", status=Status.FAIL),
    )
    assert {test: result.outcome for test, result in made.results.items()} == dict.fromkeys(
        (ONE, TWO), TempestOutcome.FAIL
    )
    assert made.results[TWO].reason.startswith("the class could not be set up: tempest.lib.exceptions.NotFound")


def test_a_class_that_skips_skips_its_tests_but_no_result_that_is_known() -> None:
    skip = f"setUpClass ({CLASS})"
    made = tally(
        Event(test=ONE, status=Status.SUCCESS),
        Event(test=skip, file="reason", content=b"No IPv6."),
        Event(test=skip, status=Status.SKIP),
    )
    assert made.results[ONE].outcome is TempestOutcome.PASS
    assert (made.results[TWO].outcome, made.results[TWO].reason) == (TempestOutcome.SKIP, "No IPv6.")


def test_a_class_that_cannot_be_torn_down_is_a_failure_of_its_own() -> None:
    made = tally(Event(test=f"tearDownClass ({CLASS})", status=Status.FAIL))
    assert list(made.results) == [f"{CLASS}.tearDownClass"]


def test_a_failure_of_something_unknown_is_trouble_and_no_result() -> None:
    made = tally(Event(test="process-returncode", status=Status.FAIL))
    assert (made.results, made.troubles) == ({}, ["process-returncode: no reason was reported"])


def test_a_test_that_only_began_has_no_result() -> None:
    assert tally(Event(test=ONE, status=Status.IN_PROGRESS)).results == {}


def test_a_long_error_is_cut_and_an_empty_traceback_is_no_mistake() -> None:
    assert len(error_of("Traceback:\n  x\n" + "e" * 5000)) == MOST_CHARACTERS
    assert error_of("") == ""
