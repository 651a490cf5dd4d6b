"""How a plan is put together: one change for each thing, exact requests, commands that can be copied."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from allmende.checks.catalog import Check
from allmende.errors import UsageError
from allmende.facts.fact import Fact
from allmende.facts.openstack import (
    DefaultSecurityGroupRules,
    Flavor,
    Flavors,
    Image,
    Images,
    Member,
    Moment,
    SecurityGroupRule,
    VolumeType,
    VolumeTypes,
)
from allmende.outcome import Finding, Outcome, failed, passed
from allmende.repair.model import Claim, Edit, Failing, Plan, PropertyWish, Wishes
from allmende.repair.rules.plan import plan
from allmende.standards.load import load_standards
from allmende.testing import conformant
from allmende.testing.judge import published_checks

STANDARDS = load_standards()
MEMBER = Member(user="alice", project="demo", roles=frozenset({"member"}))
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
GOOD = {flavor.name: flavor for flavor in conformant.flavors(STANDARDS)}
IMAGE = next(image for image in conformant.images(STANDARDS, NOW) if image.name == "Debian 12")


def planned(wishes: Wishes, *facts: Fact) -> Plan:
    """The plan for everything that fails on a cloud with these facts."""
    seen: dict[type[Fact], Fact] = {type(fact): fact for fact in (*facts, Moment(at=NOW), MEMBER)}
    checks = [check for check in published_checks().values() if check.facts <= seen.keys()]
    findings = [(check, check.judge(seen)) for check in checks]
    failing = [Failing(check=c, finding=f) for c, f in findings if f.outcome is Outcome.FAIL]
    return plan(seen, failing, wishes)


def mandatory(*changed: Flavor) -> Flavors:
    others = {**GOOD, **{flavor.id: flavor for flavor in changed}}
    return Flavors(items=tuple(others.values()))


def images(*items: Image) -> Images:
    return Images(items=items)


def with_properties(image: Image, **properties: str | None) -> Image:
    merged = {**image.properties, **properties}
    return replace(image, properties={key: value for key, value in merged.items() if value is not None})


def values(edits: Sequence[Edit]) -> dict[str, tuple[str | None, str | None]]:
    return {edit.key: (edit.before, edit.after) for edit in edits}


def test_a_missing_flavor_is_created_with_figures_and_properties() -> None:
    flavors = Flavors(items=tuple(flavor for name, flavor in GOOD.items() if name != "SCS-2V-4-20s"))
    (change,) = planned(Wishes(), flavors).changes
    assert change.thing.is_new
    assert values(change.edits)["ram"] == (None, "4096")
    create, specs = change.requests
    assert (create.method, create.path) == ("POST", "/flavors")
    assert create.body == {"flavor": {"name": "SCS-2V-4-20s", "vcpus": 2, "ram": 4096, "disk": 20}}
    assert specs.path == "/flavors/{id}/os-extra_specs"
    (command,) = change.commands
    assert command == (
        "openstack flavor create SCS-2V-4-20s --vcpus 2 --ram 4096 --disk 20 --property scs:name-v1=SCS-2V:4:20s "
        "--property scs:name-v2=SCS-2V-4-20s --property scs:cpu-type=shared-core --property scs:disk0-type=ssd "
        "--property hw_rng:allowed=True"
    )
    assert change.undo == ("openstack flavor delete SCS-2V-4-20s",)
    assert "local SSD" in change.notes[0]


def test_what_is_missing_of_a_flavor_is_added_and_what_differs_is_left_alone() -> None:
    right = GOOD["SCS-2V-8"]
    specs = {"scs:name-v2": "SCS-2V-8", "scs:cpu-type": "dedicated-core", "scs:disk0-type": "ssd"}
    specs["hw_rng:allowed"] = "True"
    found = planned(Wishes(), mandatory(replace(right, extra_specs=specs)))
    (added,), (left,) = found.changes, found.left_alone
    assert values(added.edits) == {"scs:name-v1": (None, "SCS-2V:8")}
    assert values(left.edits) == {
        "scs:cpu-type": ("dedicated-core", "shared-core"),
        "scs:disk0-type": ("ssd", None),
    }
    assert left.commands == (
        "openstack flavor set --property scs:cpu-type=shared-core SCS-2V-8",
        "openstack flavor unset --property scs:disk0-type SCS-2V-8",
    )
    assert left.undo == (
        "openstack flavor set --property scs:cpu-type=dedicated-core --property scs:disk0-type=ssd SCS-2V-8",
    )
    assert found.foreseen == frozenset()


def test_a_flavor_with_other_figures_is_not_touched_and_the_way_out_is_said() -> None:
    found = planned(Wishes(overwrite=True), mandatory(replace(GOOD["SCS-2V-8"], ram_mib=4096)))
    assert not found.changes
    point = next(point for point in found.open if point.testcase == "scs-0103-flavor-2v-8")
    assert "openstack flavor delete SCS-2V-8" in point.steps


def test_a_declared_flavor_with_other_figures_does_not_keep_the_right_one_from_being_created() -> None:
    odd = replace(GOOD["SCS-2V-8"], name="mine", vcpus=99)
    (change,) = planned(Wishes(), mandatory(odd)).changes
    assert change.thing.name == "SCS-2V-8"
    assert change.thing.is_new


def test_what_a_root_disk_is_made_of_is_asked_for() -> None:
    flavors = Flavors(items=tuple(flavor for name, flavor in GOOD.items() if name != "SCS-1V-4-10"))
    asked = planned(Wishes(), flavors)
    assert [point.asks for point in asked.open] == [("--disk-type network|hdd|ssd|nvme",)]
    assert not asked.changes
    (change,) = planned(Wishes(disk_type="hdd"), flavors).changes
    assert values(change.edits)["scs:disk0-type"] == (None, "hdd")


def test_an_image_is_changed_once_for_all_its_testcases() -> None:
    bad = replace(with_properties(IMAGE, os_distro=None, uuid_validity="often", architecture="amd64"), min_ram_mib=0)
    wishes = Wishes(
        overwrite=True,
        properties=(
            PropertyWish(image="Debian *", key="min_ram", value="512"),
            PropertyWish(image="*", key="uuid_validity", value="none"),
            PropertyWish(image="*", key="os_distro", value="debian"),
        ),
    )
    (change,) = planned(wishes, images(bad)).changes
    (request,) = change.requests
    assert request.method == "PATCH"
    assert {(op["op"], op["path"], op["value"]) for op in request.body} == {  # type: ignore[attr-defined]
        ("replace", "/architecture", "x86_64"),
        ("replace", "/min_ram", 512),
        ("add", "/os_distro", "debian"),
        ("replace", "/uuid_validity", "none"),
    }
    assert change.commands[0].startswith("openstack image set --min-ram 512 --property architecture=x86_64")
    assert change.undo[-1] == f"openstack image unset --property os_distro {bad.id}"


def test_a_value_that_differs_is_left_alone_even_when_it_is_given() -> None:
    bad = with_properties(IMAGE, replace_frequency="sometimes")
    wish = PropertyWish(image=bad.id, key="replace_frequency", value="monthly")
    found = planned(Wishes(properties=(wish,)), images(bad))
    assert [values(change.edits) for change in found.left_alone] == [{"replace_frequency": ("sometimes", "monthly")}]
    assert not found.changes


def test_a_value_that_would_not_help_is_refused() -> None:
    bad = with_properties(IMAGE, replace_frequency=None)
    wish = PropertyWish(image="*", key="replace_frequency", value="often")
    with pytest.raises(UsageError, match="`replace_frequency=often` would not satisfy"):
        planned(Wishes(properties=(wish,)), images(bad))


def test_a_value_that_may_be_absent_and_is_wrong_is_removed() -> None:
    bad = with_properties(IMAGE, hotfix_hours="soon")
    (change,) = planned(Wishes(overwrite=True), images(bad)).changes
    assert change.requests[0].body == [{"op": "remove", "path": "/hotfix_hours"}]


def test_an_outdated_image_is_hidden_only_behind_a_recent_one_of_its_name() -> None:
    old = with_properties(
        replace(IMAGE, id="old", created_at=datetime(2026, 6, 2, tzinfo=UTC)),
        image_build_date="2026-06-01",
        provided_until="2028-01-01",
        os_purpose="custom",
    )
    (change,) = planned(Wishes(overwrite=True), images(IMAGE, old)).changes
    assert (change.thing.id, values(change.edits)) == ("old", {"os_hidden": ("false", "true")})
    assert change.commands == ("openstack image set --hidden old",)
    assert change.undo == ("openstack image set --unhidden old",)
    alone = planned(Wishes(overwrite=True), images(old))
    assert not alone.changes
    assert "No recent image replaces Debian 12" in next(p for p in alone.open if "recency" in p.testcase).says


def test_of_generic_images_of_one_name_the_newest_stays() -> None:
    older = with_properties(replace(IMAGE, id="older"), image_build_date="2026-11-01")
    (change,) = planned(Wishes(overwrite=True), images(older, IMAGE)).changes
    assert (change.thing.id, values(change.edits)) == ("older", {"os_hidden": ("false", "true")})


def test_a_generic_image_of_another_name_is_not_hidden_but_asked_about() -> None:
    other = with_properties(replace(IMAGE, id="2", name="Debian 12 mini"), image_build_date="2026-11-01")
    found = planned(Wishes(overwrite=True), images(IMAGE, other))
    asks = {point.testcase: point.asks for point in found.open}
    assert asks["scs-0102-os_purpose-uniqueness"] == ("--set 'Debian 12 mini:os_purpose=PURPOSE'",)
    assert not found.changes
    wish = PropertyWish(image="Debian 12 mini", key="os_purpose", value="minimal")
    told = planned(Wishes(overwrite=True, properties=(wish,)), images(IMAGE, other))
    assert [values(change.edits) for change in told.changes] == [{"os_purpose": ("generic", "minimal")}]
    assert told.foreseen == {"scs-0102-os_purpose-uniqueness"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[scs:replicated, encrypted] Three copies", "[scs:encrypted, replicated] Three copies"),
        ("[scs:encrypted, encrypted]", "[scs:encrypted]"),
        ("[scs:Encrypted] LUKS", "[scs:encrypted] LUKS"),
        ("[scs:fast] SSD", "SSD"),
    ],
)
def test_a_list_of_aspects_is_put_into_the_standards_form(before: str, after: str) -> None:
    types = VolumeTypes(items=(VolumeType(id="1", name="t", description=before),))
    assert not planned(Wishes(), types).changes
    changes = planned(Wishes(overwrite=True), types).changes
    assert [values(change.edits) for change in changes] == [{"description": (before, after)}]


def test_an_aspect_is_claimed_on_a_persons_word_and_keeps_the_text() -> None:
    types = VolumeTypes(items=(VolumeType(id="1", name="t", description="Three copies"),))
    found = planned(Wishes(claims=(Claim(type="t", aspect="replicated"),)), types)
    assert [values(change.edits) for change in found.changes] == [
        {"description": ("Three copies", "[scs:replicated] Three copies")}
    ]
    assert found.foreseen == {"scs-0114-replicated-type"}
    assert [point.asks for point in found.open] == [("--claim TYPE:encrypted",)]


def written(plan: Plan) -> tuple[list[str], list[str]]:
    """The commands of the changes, and of those that are left alone, without what they have in common."""
    prefix = "openstack default security group rule "
    changes, left_alone = (
        [command.removeprefix(prefix) for change in changes for command in change.commands]
        for changes in (plan.changes, plan.left_alone)
    )
    return changes, left_alone


OWN_EVERYWHERE = SecurityGroupRule(direction="ingress", ethertype="IPv4", remote_group="PARENT", id="r1")
OUT = SecurityGroupRule(direction="egress", ethertype="IPv4", id="r2")


def test_an_offending_rule_is_deleted_before_what_replaces_it_is_created() -> None:
    rules = DefaultSecurityGroupRules(items=(OWN_EVERYWHERE, replace(OUT, used_in_other_groups=False)))
    replacing = ["delete r1", "create --ingress --ethertype IPv4 --remote-group PARENT --for-default-sg"]
    adding = [
        "create --egress --ethertype IPv4 --for-custom-sg",
        "create --egress --ethertype IPv6 --for-default-sg --for-custom-sg",
    ]
    found = planned(Wishes(overwrite=True), rules)
    assert written(found) == ([*replacing, *adding], [])
    assert found.foreseen == {"scs-0115-default-rules"}
    assert written(planned(Wishes(), rules)) == (adding, replacing)


def test_a_rule_for_other_groups_makes_way_for_one_that_is_for_all() -> None:
    half = replace(OUT, used_in_default_group=False)
    rules = DefaultSecurityGroupRules(items=(half, replace(OUT, ethertype="IPv6", id="r3")))
    found = planned(Wishes(overwrite=True), rules)
    replacing = ["delete r2", "create --egress --ethertype IPv4 --for-default-sg --for-custom-sg"]
    assert written(found) == (replacing, [])
    assert found.foreseen == {"scs-0115-default-rules"}
    assert written(planned(Wishes(), rules)) == ([], replacing)


def test_a_way_out_with_its_address_written_out_makes_way_for_one_that_counts() -> None:
    """Neutron takes the two for the same rule, and refuses the second."""
    named = replace(OUT, remote_ip_prefix="0.0.0.0/0")
    rules = DefaultSecurityGroupRules(items=(named, replace(OUT, ethertype="IPv6", id="r3")))
    replacing = ["delete r2", "create --egress --ethertype IPv4 --for-default-sg --for-custom-sg"]
    assert written(planned(Wishes(overwrite=True), rules)) == (replacing, [])
    assert written(planned(Wishes(), rules)) == ([], replacing)


def test_what_no_request_settles_comes_with_its_steps() -> None:
    found = planned(Wishes(overwrite=True), images(replace(IMAGE, name="Other")))
    point = next(point for point in found.open if point.testcase == "scs-0104-image-debian-12")
    assert "openstack image create" in point.steps


@pytest.mark.parametrize(
    ("testcase", "kind", "facts", "command"),
    [
        (
            "scs-0101-flavor-property",
            Flavors,
            Flavors(items=(Flavor(id="1", name="tiny", vcpus=1, ram_mib=512, disk_gib=1),)),
            "openstack flavor set --property hw_rng:allowed=True tiny",
        ),
        (
            "scs-0101-image-property",
            Images,
            Images(items=(with_properties(IMAGE, hw_rng_model=None),)),
            f"openstack image set --property hw_rng_model=virtio {IMAGE.id}",
        ),
    ],
)
def test_a_random_number_generator_is_allowed_and_asked_for(
    testcase: str, kind: type[Fact], facts: Flavors | Images, command: str
) -> None:
    def has_it(seen: Flavors | Images) -> Finding:
        texts = [
            item.extra_specs.get("hw_rng:allowed") if isinstance(item, Flavor) else item.properties.get("hw_rng_model")
            for item in seen.items
        ]
        return passed("All have it.") if all(texts) else failed("One lacks it.", [])

    described = replace(STANDARDS.testcases["scs-0101-entropy-avail"], id=testcase)
    check = Check(testcase=described, function=has_it, parameters={"seen": kind})
    found = plan({kind: facts}, [Failing(check=check, finding=has_it(facts))], Wishes())
    assert [change.commands for change in found.changes] == [(command,)]
    assert found.foreseen == {testcase}
