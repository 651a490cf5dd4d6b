"""OSCAL assessment results, read by compliance-trestle; only a pass satisfies an objective."""

import json
from typing import Any

import pytest
from trestle.oscal.assessment_results import AssessmentResults

from allmende.outcome import Outcome
from allmende.report.formats import oscal
from allmende.report.reading import Reading

from .examples import FAILS, NOT_ATTEMPTED, PASSES, READINGS, UNDETERMINED, every_outcome


def _document(reading: Reading) -> Any:
    return json.loads(oscal.write(reading))["assessment-results"]


def _findings(reading: Reading) -> dict[str, Any]:
    (result,) = _document(reading)["results"]
    return {finding["target"]["target-id"]: finding for finding in result.get("findings", [])}


def _identifiers(value: Any) -> list[str]:
    """Return every `uuid` in a document: what is named, not what is referred to."""
    if isinstance(value, list):
        return [found for each in value for found in _identifiers(each)]
    if isinstance(value, dict):
        own = [value["uuid"]] if "uuid" in value else []
        return own + [found for each in value.values() for found in _identifiers(each)]
    return []


@pytest.mark.parametrize("reading", READINGS.values(), ids=READINGS)
def test_trestle_reads_the_document(reading: Reading) -> None:
    read = AssessmentResults.model_validate(_document(reading))
    assert len(read.results[0].findings or []) == len(reading.lines)


@pytest.mark.parametrize("reading", READINGS.values(), ids=READINGS)
def test_every_uuid_is_given_once_and_every_reference_leads_somewhere(reading: Reading) -> None:
    document = _document(reading)
    given = _identifiers(document)
    assert len(given) == len(set(given))
    (result,) = document["results"]
    observed = {observation["uuid"] for observation in result.get("observations", [])}
    related = {r["observation-uuid"] for f in result.get("findings", []) for r in f.get("related-observations", [])}
    assert related == observed
    assert document["import-ap"]["href"].removeprefix("#") in given


def test_only_a_pass_is_satisfied() -> None:
    states = {id_: finding["target"]["status"] for id_, finding in _findings(every_outcome()).items()}
    assert states[PASSES] == {"state": "satisfied", "reason": "pass"}
    assert (states[FAILS]["state"], states[FAILS]["reason"]) == ("not-satisfied", "fail")
    assert states[UNDETERMINED] == {
        "state": "not-satisfied",
        "reason": "not-determined",
        "remarks": "Not determined: The object store did not answer within 30 s.",
    }
    assert (states[NOT_ATTEMPTED]["state"], states[NOT_ATTEMPTED]["reason"]) == ("not-satisfied", "not-attempted")


@pytest.mark.parametrize("reading", READINGS.values(), ids=READINGS)
def test_there_are_as_many_satisfied_findings_as_passes(reading: Reading) -> None:
    satisfied = [f for f in _findings(reading).values() if f["target"]["status"]["state"] == "satisfied"]
    assert len(satisfied) == sum(line.outcome is Outcome.PASS for line in reading.lines)


def test_an_observation_has_its_evidence_and_a_finding_its_remedy() -> None:
    (result,) = _document(every_outcome())["results"]
    finding = _findings(every_outcome())[FAILS]
    (reference,) = finding["related-observations"]
    (observation,) = [o for o in result["observations"] if o["uuid"] == reference["observation-uuid"]]
    assert observation["relevant-evidence"][0]["description"] == "flavor SCS-2V-8: 4096 MiB (demanded: 8192 MiB)"
    assert "openstack flavor create" in finding["remarks"]
    assert finding["links"][0]["href"].startswith("https://")


def test_the_same_report_makes_the_same_bytes() -> None:
    assert oscal.write(every_outcome()) == oscal.write(every_outcome())
