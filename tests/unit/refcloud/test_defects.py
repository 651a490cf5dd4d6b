"""The catalogue of defects, and which of them can be there at the same time."""

from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from allmende.errors import DocumentError, ReferenceCloudError, UnknownNameError
from allmende.outcome import Outcome
from allmende.refcloud.apply.blueprint import load_blueprint
from allmende.refcloud.apply.furnish.flavors import standard_flavors
from allmende.refcloud.fetch.catalogue import published_images, recipes
from allmende.refcloud.model.blueprint import ReportReady
from allmende.refcloud.model.cloud import Profile
from allmende.refcloud.model.defects import (
    Defect,
    EndpointHidden,
    FileChanged,
    FlavorAdded,
    FlavorChanged,
    FlavorDescribed,
    FlavorRemoved,
    ImageAdded,
    ImageChanged,
    ServiceHidden,
    Step,
    UnitStopped,
)
from allmende.refcloud.model.plan import Plan
from allmende.refcloud.rules.defects import (
    REPORTED_BY,
    assert_compatible,
    chosen,
    load_defects,
    mend_order,
    obstacle,
    parse_defects,
    said,
    together,
)
from allmende.refcloud.rules.plan import plan
from allmende.standards.load import load_standards
from allmende.standards.model import Target

from .planned_cloud import given

STANDARDS = load_standards()
DEFECTS = {defect.id: defect for defect in load_defects()}
STEPS = [
    pytest.param(step, id=f"{defect.id}-{n}") for defect in DEFECTS.values() for n, step in enumerate(defect.steps)
]


@pytest.fixture(scope="module")
def planned() -> Plan:
    blueprint = load_blueprint()
    return plan(blueprint, given(blueprint, Profile.CORE), supervisor=("supervisord",), lock_digest="lock")


def defect(id_: str = "one", **more: Any) -> dict[str, Any]:
    outcomes = {"scs-0115-default-rules": "FAIL"}
    return {"id": id_, "sentence": "It is broken.", "outcomes": outcomes, "steps": [{"stop": "neutron-api"}], **more}


def parsed(*rows: Mapping[str, Any]) -> tuple[Defect, ...]:
    return parse_defects(rows, STANDARDS)


def test_there_are_many_defects_and_each_breaks_something() -> None:
    assert len(DEFECTS) >= 60
    for each in DEFECTS.values():
        assert each.outcomes
        assert set(each.outcomes) <= STANDARDS.testcases.keys()
        assert set(each.outcomes.values()) & {Outcome.FAIL, Outcome.DNF}
        assert each.sentence.endswith(".")


def test_failures_of_every_standard_with_a_static_testcase_are_covered() -> None:
    broken = {case for each in DEFECTS.values() for case, outcome in each.outcomes.items() if outcome is Outcome.FAIL}
    counted = STANDARDS.scope("iaas").version("v5.1").testcases(Target.MAIN, Target.RECOMMENDED)
    automated = {STANDARDS.testcases[case].standard for case in counted if STANDARDS.testcases[case].automated}
    never_broken = automated - {STANDARDS.testcases[case].standard for case in broken}
    assert never_broken == {"scs-0101-v1"}  # the kernel of the guest decides, which no defect of a cloud reaches


@pytest.mark.parametrize("step", STEPS)
def test_every_step_speaks_of_something_that_a_new_cloud_has(step: Step, planned: Plan) -> None:
    flavors = {flavor.name for flavor in standard_flavors(STANDARDS)}
    images = {image.name for image in recipes()} | {image.name for image in published_images()}
    units = {unit.name for unit in planned.units}
    types = {"identity", *(endpoint.type for endpoint in planned.catalogue.endpoints)}
    match step:
        case FlavorRemoved(remove_flavor=name) | FlavorChanged(flavor=name) | FlavorDescribed(flavor_properties=name):
            assert name in flavors
        case FlavorAdded(add_flavor=name):
            assert name not in flavors
        case ImageChanged(image=name) | ImageAdded(add_image=name):
            assert name in images
        case ServiceHidden(hide_service=type_) | EndpointHidden(hide_endpoint=type_):
            assert type_ in types
        case UnitStopped(stop=unit):
            assert unit in units
        case FileChanged():
            assert step.restart in units
            found = [file for file in planned.files if file.path == Path("/state/clouds/reference/etc") / step.file]
            assert bool(found) == bool(step.replace)
            assert all(found[0].text.count(old) == 1 for old in step.replace)
        case _:
            pass


def test_units_whose_readiness_is_reported_are_known(planned: Plan) -> None:
    reported = {
        unit.name: unit.ready.report
        for service in load_blueprint().services
        for unit in service.units
        if isinstance(unit.ready, ReportReady)
    }
    assert reported == REPORTED_BY


def test_a_pattern_stands_for_the_static_testcases_that_fit() -> None:
    (found,) = parsed(defect(outcomes={"scs-0103-*": "DNF"}))
    assert len(found.outcomes) == 31
    assert "31 testcases of scs-0103 DNF" in said(found)


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        (defect(outcomes={"scs-0103-flavor-none": "FAIL"}), "no testcase"),
        (defect(outcomes={}), "changes no testcase"),
        (defect(steps=[]), "steps"),
        (defect(steps=[{"stop": "a", "start": "b"}]), "steps"),
        (defect(steps=[{"stop": "neutron-api"}, {"stop": "neutron-api"}]), "touch the same thing"),
        (defect("With Blanks"), "id"),
    ],
)
def test_a_wrong_defect_is_refused_with_its_mistake(row: dict[str, Any], complaint: str) -> None:
    with pytest.raises(DocumentError, match=complaint):
        parsed(row)


def test_two_defects_of_one_name_are_refused() -> None:
    with pytest.raises(DocumentError, match="Two defects are called one"):
        parsed(defect(), defect())


def test_an_unknown_defect_is_named_with_the_nearest_one() -> None:
    with pytest.raises(UnknownNameError) as error:
        chosen(DEFECTS.values(), ["flavor-misssing"])
    assert "Did you mean flavor-missing?" in error.value.hint


@pytest.mark.parametrize(
    ("one", "other", "compatible"),
    [
        ("image-without-architecture", "image-without-os-version", True),
        ("image-without-provided-until", "image-outdated", False),  # the same property
        ("image-without-architecture", "glance-stopped", False),  # through the API that is stopped
        ("flavor-missing", "compute-without-public-endpoint", False),
        ("flavor-missing", "glance-stopped", True),
        ("cinder-api-stopped", "backup-forbidden", False),  # the same unit
        ("placement-hidden", "object-store-removed", True),
        ("object-store-removed", "s3-hidden", False),
        ("nova-compute-stopped", "nova-api-stopped", False),  # whether it runs again is asked of the API
    ],
)
def test_defects_stand_in_each_others_way_or_do_not(one: str, other: str, *, compatible: bool) -> None:
    assert (obstacle(DEFECTS[one], [DEFECTS[other]]) is None) is compatible
    assert (obstacle(DEFECTS[other], [DEFECTS[one]]) is None) is compatible


def test_an_obstacle_is_named() -> None:
    with pytest.raises(ReferenceCloudError, match="image-outdated and glance-stopped") as error:
        assert_compatible([DEFECTS["image-outdated"]], [DEFECTS["glance-stopped"]])
    assert "allmende cloud mend glance-stopped" in error.value.hint


def test_groups_hold_every_defect_once_and_no_two_that_cannot_be_told_apart() -> None:
    groups = together(DEFECTS.values())
    assert sorted(each.id for group in groups for each in group) == sorted(DEFECTS)
    assert len(groups) <= 10
    for group in groups:
        assert_compatible(group, [])
        for one, other in combinations(group, 2):
            assert not one.outcomes.keys() & other.outcomes.keys()


def test_what_others_need_is_mended_first() -> None:
    turns = mend_order([DEFECTS["image-outdated"], DEFECTS["glance-stopped"], DEFECTS["flavor-missing"]])
    assert [{each.id for each in turn} for turn in turns] == [{"glance-stopped", "flavor-missing"}, {"image-outdated"}]
