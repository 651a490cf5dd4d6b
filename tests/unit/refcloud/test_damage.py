"""What a step makes of the state that it finds."""

from typing import Any

import pytest

from allmende.errors import ReferenceCloudError
from allmende.refcloud.model.defects import Defect, State, Step
from allmende.refcloud.rules.damage import renewed, thing, wanted
from allmende.refcloud.rules.defects import load_defects

FLAVOR = {"id": "7", "name": "F", "vcpus": 2, "ram": 4096, "disk": 0, "extra_specs": {"a": "b"}}
RULE = {"direction": "egress", "ethertype": "IPv4"}
OTHER_RULE = {"direction": "ingress", "ethertype": "IPv4"}


def step(**words: Any) -> Step:
    row = {"id": "one", "sentence": "It is broken.", "outcomes": {}, "steps": [words]}
    return Defect.model_validate(row).steps[0]


CASES: list[tuple[Step, State, State]] = [
    (step(remove_flavor="F"), FLAVOR, {}),
    (step(flavor="F", ram_mib=2048), FLAVOR, {**FLAVOR, "ram": 2048}),
    (
        step(add_flavor="F", vcpus=1, ram_mib=512),
        {},
        {"name": "F", "vcpus": 1, "ram": 512, "disk": 0, "extra_specs": {}},
    ),
    (
        step(flavor_properties="F", set={"a": None}),
        {"id": "7", "values": {"a": "b"}},
        {"id": "7", "values": {"a": None}},
    ),
    (
        step(image="I", set={"min_ram": 0}),
        {"id": "8", "values": {"min_ram": 64}},
        {"id": "8", "values": {"min_ram": 0}},
    ),
    (step(add_image="I", set={"a": "b"}), {}, {"name": "I", "a": "b"}),
    (step(volume_type="V", description="new"), {"id": "9", "description": None}, {"id": "9", "description": "new"}),
    (step(default_rules={"add": OTHER_RULE}), {"rules": [RULE]}, {"rules": [RULE, OTHER_RULE]}),
    (step(default_rules={"remove": {"direction": "ingress"}}), {"rules": [RULE, OTHER_RULE]}, {"rules": [RULE]}),
    (step(hide_service="image"), {"id": "1", "enabled": True}, {"id": "1", "enabled": False}),
    (step(hide_endpoint="image"), {"id": "1", "enabled": True}, {"id": "1", "enabled": False}),
    (step(stop="u"), {"runs": True}, {"runs": False}),
    (step(disable="w", service="compute"), {"id": "1", "status": "enabled"}, {"id": "1", "status": "disabled"}),
    (step(file="f", restart="u", text="new"), {"text": None}, {"text": "new"}),
    (step(file="f", restart="u", replace={"a": "c"}), {"text": "a b"}, {"text": "c b"}),
    (step(quota="volumes", service="block-storage"), {"value": 10}, {"value": "in use"}),
    (step(take_role="member"), {"held": True}, {"held": False}),
]


@pytest.mark.parametrize(("change", "former", "after"), CASES, ids=lambda value: type(value).__name__)
def test_a_step_changes_what_it_says_and_nothing_else(change: Step, former: State, after: State) -> None:
    assert wanted(change, former) == after


@pytest.mark.parametrize(("change", "former", "after"), CASES, ids=lambda value: type(value).__name__)
def test_what_is_so_already_is_no_defect(change: Step, former: State, after: State) -> None:
    with pytest.raises(ReferenceCloudError) as error:
        wanted(change, after)
    assert error.value.hint


def test_every_kind_of_step_was_tried() -> None:
    tried = {type(change) for change, _, _ in CASES}
    assert {type(one) for defect in load_defects() for one in defect.steps} <= tried


@pytest.mark.parametrize(
    "change", [change for change, former, _ in CASES if former], ids=lambda one: type(one).__name__
)
def test_what_is_not_there_cannot_be_broken(change: Step) -> None:
    with pytest.raises(ReferenceCloudError, match="is not there") as error:
        wanted(change, {})
    assert str(error.value).startswith(thing(change))


def test_a_file_that_says_something_else_is_left_alone() -> None:
    with pytest.raises(ReferenceCloudError, match="does not contain «a»"):
        wanted(step(file="f", restart="u", replace={"a": "c"}), {"text": "b"})


def test_a_cloud_that_came_up_anew_keeps_its_new_files() -> None:
    planned = {"f": "port 2"}
    assert renewed(step(file="f", restart="u", replace={"a": "c"}), {"text": "port 1"}, planned) == {"text": "port 2"}
    assert renewed(step(file="g", restart="u", text="x"), {"text": None}, planned) == {"text": None}
    assert renewed(step(stop="u"), {"runs": True}, planned) == {"runs": True}
