"""`allmende fix` as an operator uses it: look at the plan, make it, see before and after."""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from allmende.cli import main
from allmende.standards.load import load_standards
from allmende.testing.openstack import FakeOpenStack


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    code: int
    out: str
    err: str


Fix = Callable[..., Said]


@pytest.fixture
def fake() -> Iterator[FakeOpenStack]:
    now = datetime.now(UTC)  # noqa: TID251 -- the command line reads the clock, and images must be recent
    with FakeOpenStack.conformant(load_standards(), now) as cloud:
        yield cloud


@pytest.fixture
def fix(
    fake: FakeOpenStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Fix:
    """`allmende fix …` over the fake cloud; no secret is ever said."""
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(fake.write_clouds_yaml(tmp_path)))
    monkeypatch.delenv("OS_CLOUD", raising=False)
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["allmende", "fix", *words])
        with pytest.raises(SystemExit) as end:
            main()
        captured = capsys.readouterr()
        assert "canary" not in captured.out + captured.err
        return Said(code=int(str(end.value.code)), out=captured.out, err=captured.err)

    return run


@pytest.fixture
def operator(fake: FakeOpenStack, tmp_path: Path) -> tuple[str, ...]:
    return ("--cloud-admin", "operator", "--cloud-admin-file", str(fake.write_operator_yaml(tmp_path)))


def without_a_flavor(fake: FakeOpenStack) -> None:
    fake.state.flavors = [flavor for flavor in fake.state.flavors if flavor.name != "SCS-2V-8"]


def with_an_image_that_says(fake: FakeOpenStack, **properties: str) -> None:
    first = fake.state.images[0]
    fake.state.images[0] = replace(first, properties={**first.properties, **properties})


def changing(fake: FakeOpenStack) -> list[str]:
    return [call for call in fake.calls if not call.startswith("GET") and "/auth/tokens" not in call]


def test_on_a_conformant_cloud_there_is_nothing_to_do(fix: Fix) -> None:
    said = fix("fake")
    assert said.code == 0
    assert said.out == "fake: nothing to do, 50 ✓\n"


def test_a_plan_is_shown_as_a_diff_and_as_commands_and_changes_nothing(fix: Fix, fake: FakeOpenStack) -> None:
    without_a_flavor(fake)
    said = fix("fake", "--only", "scs-0103-*")
    assert said.code == 1
    assert "flavor SCS-2V-8 (new)\n  for scs-0103-flavor-2v-8\n  + vcpus                2\n" in said.out
    assert (
        "$ openstack flavor create SCS-2V-8 --vcpus 2 --ram 8192 --disk 0 --property scs:name-v1=SCS-2V:8" in said.out
    )
    assert "fake: 1 testcase failing; 1 change would let 1 of them pass." in said.out
    assert "--cloud-admin NAME --apply" in said.out
    assert changing(fake) == []


def test_a_repair_is_made_and_shown_before_and_after(fix: Fix, fake: FakeOpenStack, operator: tuple[str, ...]) -> None:
    without_a_flavor(fake)
    said = fix("fake", "--only", "scs-0103-*", *operator, "--apply", "--yes")
    assert said.code == 0
    assert "✓ flavor SCS-2V-8" in said.out
    assert f"  {'scs-0103-flavor-2v-8':<44} ✕ FAIL → ✓ PASS\n" in said.out
    assert said.out.endswith("fake: 1 done; now 15 ✓\n")
    assert fix("fake", "--only", "scs-0103-*").code == 0


def test_only_the_testcases_that_failed_are_tested_again(
    fix: Fix, fake: FakeOpenStack, operator: tuple[str, ...]
) -> None:
    without_a_flavor(fake)
    document = json.loads(fix("fake", *operator, "--apply", "--yes", "--json").out)
    assert document["after"] == {"scs-0103-flavor-2v-8": "PASS"}
    assert len(document["before"]) == 50
    assert len([call for call in fake.calls if call == "GET /network/v2.0/default-security-group-rules"]) == 1


def test_a_value_that_differs_is_left_alone_and_the_word_for_it_is_named(
    fix: Fix, fake: FakeOpenStack, operator: tuple[str, ...]
) -> None:
    with_an_image_that_says(fake, architecture="amd64")
    said = fix("fake", *operator, "--apply", "--yes")
    assert said.code == 1
    assert "— left alone without --overwrite" in said.out
    assert (
        "  - architecture         amd64\n  + architecture         x86_64   (OpenStack's word for amd64)\n" in said.out
    )
    assert changing(fake) == []
    assert fix("fake", *operator, "--apply", "--yes", "--overwrite").code == 0


def test_what_only_a_person_knows_is_asked_for_in_words_that_can_be_typed(
    fix: Fix, fake: FakeOpenStack, operator: tuple[str, ...]
) -> None:
    name = fake.state.images[0].name
    fake.state.images[0] = replace(fake.state.images[0], min_ram_mib=0)
    said = fix("fake")
    assert said.code == 1
    assert f"--set '{name}:min_ram=VALUE'" in said.out or f"--set {name}:min_ram=VALUE" in said.out
    assert fix("fake", *operator, "--apply", "--yes", "--set", f"{name}:min_ram=512").code == 0


def test_what_no_request_settles_is_said_with_its_steps(fix: Fix, fake: FakeOpenStack) -> None:
    fake.state.images = [image for image in fake.state.images if image.name != "Ubuntu 24.04"]
    said = fix("fake", "--only", "scs-0104-image-ubuntu-2404")
    assert said.code == 1
    assert "curl -fLo image https://cloud-images.ubuntu.com" in said.out
    assert "no change is planned" in said.out


def test_a_no_changes_nothing(
    fix: Fix, fake: FakeOpenStack, operator: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    without_a_flavor(fake)
    answer = tmp_path / "answer"
    answer.write_text("n\n")
    with answer.open() as said_no:
        monkeypatch.setattr(sys, "stdin", said_no)
        said = fix("fake", *operator, "--apply")
    assert said.code == 130
    assert "Make 1 change in fake?" in said.err
    assert changing(fake) == []


def test_recommended_testcases_are_repaired_when_asked_for_or_named(fix: Fix, fake: FakeOpenStack) -> None:
    fake.state.flavors = [flavor for flavor in fake.state.flavors if flavor.name != "SCS-16V-64"]
    assert fix("fake", "--only", "scs-0103-*").code == 0
    assert fix("fake", "--only", "scs-0103-*", "--include-recommended").code == 1
    assert fix("fake", "--only", "scs-0103-flavor-16v-64").code == 1


def test_what_cannot_be_seen_is_inconclusive_and_not_repaired(fix: Fix, fake: FakeOpenStack) -> None:
    fake.fail("network", status=500)
    said = fix("fake", "--only", "scs-0115-*")
    assert said.code == 3
    assert "? scs-0115-default-rules\n" in said.out


def test_a_testcase_that_needs_resources_is_not_taken_for_passed(fix: Fix) -> None:
    said = fix("fake", "--only", "scs-0117-test-backup")
    assert said.code == 3
    assert "– scs-0117-test-backup\n  Not looked at: it " in said.out  # noqa: RUF001 -- the symbol of missing
    assert "    openstack volume service list --service cinder-backup\n" in said.out
    assert "nothing failing among what could be judged, 1 –" in said.out  # noqa: RUF001 -- likewise


def test_the_account_for_machines_says_how_to_take_it_back(
    fix: Fix, fake: FakeOpenStack, operator: tuple[str, ...]
) -> None:
    fake.state.default_rules = [rule for rule in fake.state.default_rules or () if rule.direction == "ingress"]
    document = json.loads(fix("fake", *operator, "--apply", "--yes", "--json").out)
    assert document["schema"] == "allmende.fix/1"
    assert [deed["fate"] for deed in document["done"]] == ["done", "done"]
    made = document["done"][0]["id"]
    assert document["done"][0]["undo"] == [f"openstack default security group rule delete {made}"]
    assert document["plan"]["changes"][0]["requests"][0]["method"] == "POST"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("fake", "--apply"), "Changes need the operator's credential."),
        (("fake", "--cloud-admin", "x", "--apply", "--json"), "With --json nobody is asked"),
        (("fake", "--cloud-admin-file", "x"), "no entry of it"),
        (("fake", "--cloud-admin", "x", "--cloud-admin-file", "nowhere.yaml"), "There is no file nowhere.yaml"),
        (("fake", "--cloud-admin", "nobody"), "There is no cloud `nobody`."),
        (("fake", "--set", "min_ram=1"), "is not understood"),
        (("fake", "--claim", "LUKS:fast"), "is not understood"),
        (("fake", "--claim", "nothing:encrypted"), "shows no volume type `nothing`"),
        (("fake", "--set", "nothing:min_ram=1"), "shows no image `nothing`"),
        (("fake", "--disk-type", "tape"), "is no type of a disk"),
        (("fake", "--only", "scs-9999-*"), "No testcase of this version matches"),
        (("fake", "--only", "scs-0114-e*"), "None of these testcases"),
    ],
)
def test_wrong_words_are_refused_with_what_would_be_right(fix: Fix, words: tuple[str, ...], complaint: str) -> None:
    said = fix(*words)
    assert said.code == 2
    assert complaint in said.err
    assert "next: " in said.err


def test_names_of_the_cloud_do_not_steer_the_terminal(fix: Fix, fake: FakeOpenStack) -> None:
    with_an_image_that_says(fake, architecture="\x1b[2Kamd64")
    fake.state.images[0] = replace(fake.state.images[0], name="\x1b[32mDebian")
    assert "\x1b" not in fix("fake", "--only", "scs-0102-*").out


def test_every_line_fits_into_80_columns_but_commands_and_values(fix: Fix, fake: FakeOpenStack) -> None:
    fake.state.flavors = fake.state.flavors[::2]
    for line in fix("fake", "--include-recommended").out.splitlines():
        assert len(line) <= 80 or line.lstrip().startswith(("$", "openstack", "curl", "--")), line
