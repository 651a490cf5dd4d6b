"""Every testcase is judged rightly on facts that pass, facts that fail, and no facts at all."""

from dataclasses import replace

import pytest

from allmende.facts.openstack import Catalog, DefaultSecurityGroupRules, Flavors, Images, VolumeTypes
from allmende.outcome import Outcome
from allmende.standards.flavor_name import parse
from allmende.standards.load import load_standards
from allmende.testing import conformant
from allmende.testing.judge import judge, published_checks

from . import (
    flavor_examples,
    govstack_examples,
    image_examples,
    preview_examples,
    service_examples,
    tempest_examples,
    work_examples,
)
from .examples import Example, words

STANDARDS = load_standards()
EXAMPLES = [
    *flavor_examples.examples(STANDARDS),
    *image_examples.examples(STANDARDS),
    *service_examples.examples(STANDARDS),
    *preview_examples.examples(),
    *tempest_examples.examples(),
    *work_examples.examples(),
    *govstack_examples.examples(),
]


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_facts_have_the_finding_that_the_standard_gives_them(example: Example) -> None:
    finding = judge(example.testcase, *example.facts)
    assert finding.outcome is example.outcome, words(finding)
    assert example.says in words(finding)


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_findings_are_sentences_with_offenders_first(example: Example) -> None:
    finding = judge(example.testcase, *example.facts)
    assert not finding.summary[0].islower()
    assert finding.summary.endswith(".")
    agreement = [item.ok for item in finding.evidence]
    assert agreement == sorted(agreement)
    if finding.outcome is Outcome.FAIL:
        assert not agreement[0]
    if finding.outcome is Outcome.PASS:
        assert all(agreement)


@pytest.mark.parametrize("outcome", [Outcome.PASS, Outcome.FAIL])
def test_every_check_has_an_example_that_passes_and_one_that_fails(outcome: Outcome) -> None:
    shown = {example.testcase for example in EXAMPLES if example.outcome is outcome}
    assert set(published_checks()) - shown == set()


def test_no_testcase_passes_on_a_cloud_that_shows_nothing() -> None:
    nothing = (
        Flavors(items=()),
        Images(items=()),
        VolumeTypes(items=()),
        DefaultSecurityGroupRules(items=()),
        Catalog(items=()),
        tempest_examples.ran(),
        image_examples.MOMENT,
        *preview_examples.NOTHING,
    )
    known = {type(fact) for fact in nothing}
    findings = {id_: judge(id_, *nothing) for id_, check in published_checks().items() if check.required_facts <= known}
    assert len(findings) > 75
    assert [id_ for id_, finding in findings.items() if finding.outcome is Outcome.PASS] == []


def test_a_conformant_cloud_passes_every_check_of_flavors_images_and_types() -> None:
    facts = (
        Flavors(items=tuple(conformant.flavors(STANDARDS))),
        Images(items=tuple(conformant.images(STANDARDS, image_examples.NOW))),
        VolumeTypes(items=tuple(conformant.volume_types())),
        DefaultSecurityGroupRules(items=tuple(conformant.default_rules())),
        image_examples.MOMENT,
    )
    known = {type(fact) for fact in facts}
    findings = {id_: judge(id_, *facts) for id_, check in published_checks().items() if check.facts <= known}
    assert len(findings) > 60
    assert {id_: f.summary for id_, f in findings.items() if f.outcome is not Outcome.PASS} == {}


def test_a_remark_about_tiny_ram_ends_where_systems_boot() -> None:
    enough = replace(image_examples.GOOD, min_ram_mib=64)
    assert judge("scs-0102-prop-min_ram", image_examples.images(enough)).notes == ()


def test_an_image_is_required_just_where_every_version_that_looks_at_its_source_wants_it() -> None:
    for id_, testcase in STANDARDS.testcases.items():
        if not id_.startswith("scs-0104-source-"):
            continue
        presence = id_.replace("source", "image")
        versions = [v for scope in STANDARDS.scopes for v in scope.versions if id_ in v.testcases()]
        demanded = [v for v in versions if presence in v.testcases() and v.target_of(presence) == "main"]
        assert (testcase.parameters.get("presence") == "required") == (versions == demanded), id_


def test_the_rows_of_the_standard_flavors_say_what_their_names_say() -> None:
    for id_, testcase in STANDARDS.testcases.items():
        if not id_.startswith("scs-0103-flavor-"):
            continue
        name = parse(str(testcase.parameters["flavor"]))
        disk_gb, disk_type = (name.disks.size_gb, name.disks.type) if name.disks else (0, None)
        assert id_ == f"scs-0103-flavor-{str(name).removeprefix('SCS-').lower()}"
        assert testcase.parameters["name_v1"] == name.in_v1_form()
        assert testcase.parameters["cpu_type"] == name.cpu_type.extra_spec
        assert testcase.parameters["disk_type"] == (
            disk_type.extra_spec if disk_type else "any" if name.disks else "none"
        )
        assert f"exactly {name.vcpus} vCPU, {name.ram_mib} MiB" in testcase.demand
        assert f" {disk_gb} GB of root disk" in testcase.demand
