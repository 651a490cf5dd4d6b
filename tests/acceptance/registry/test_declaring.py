"""Subjects and accounts as a file: what it declares comes true, and a registry says of itself what it is."""

from datetime import datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from allmende.cli.registry import app
from allmende.errors import DocumentError, UsageError
from allmende.registry.model.accounts import Role
from allmende.registry.model.record import Subject
from allmende.registry.rules.declaration import Declared, DeclaredAccount, changes, read, written
from allmende.registry.run.declare import carry_out, declared
from allmende.registry.run.registry import Registry
from allmende.report.keys import ed25519_key

KEY = ed25519_key(bytes(32)).public
FILE = f"""
subjects:
  - {{id: cloud-a, name: Cloud a, operator: Operator AG, group: Cloud}}
  - {{id: cloud-b, operator: Operator AG, url: https://cloud.example.org}}
accounts:
  - name: operator-ci
    subjects: [cloud-a, cloud-b]
    keys: ["{KEY.line} a comment"]
  - {{name: assessor, roles: [assessor]}}
"""

texts = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=12)
ids = st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True)
subject_values = st.builds(Subject, id=ids, name=texts, operator=texts, description=texts, group=texts)


def applied(registry: Registry, content: str, now: datetime, *, prune: bool = False) -> list[str]:
    planned = changes(read(content.encode(), "registry.yaml"), declared(registry), prune=prune)
    carry_out(registry, planned, now)
    return [each.words for each in planned]


def test_what_is_declared_comes_true_once(registry: Registry, now: datetime) -> None:
    done = applied(registry, FILE, now)
    assert done == [
        "+ subject cloud-a",
        "+ subject cloud-b",
        "+ account operator-ci",
        "+ grant operator-ci: cloud-a",
        "+ grant operator-ci: cloud-b",
        f"+ key operator-ci: {KEY.fingerprint}",
        "+ account assessor",
        "+ role assessor: assessor",
    ]
    assert applied(registry, FILE, now) == []
    assert applied(registry, written(declared(registry)), now) == []


def test_a_change_is_shown_with_what_was_before(registry: Registry, now: datetime) -> None:
    applied(registry, FILE, now)
    done = applied(registry, FILE.replace("name: Cloud a", "name: Cloud A"), now)
    assert done == ["~ subject cloud-a: name 'Cloud a' → 'Cloud A'"]


def test_nothing_is_taken_back_without_being_told(registry: Registry, now: datetime) -> None:
    applied(registry, FILE, now)
    less = "accounts: [{name: operator-ci, subjects: [cloud-b]}, {name: assessor}]"
    assert applied(registry, less, now) == []
    assert applied(registry, less, now, prune=True) == [
        "- grant operator-ci: cloud-a",
        f"- key operator-ci: {KEY.fingerprint}",
        "- role assessor: assessor",
    ]
    assert {subject.id for subject in declared(registry).subjects} == {"cloud-a", "cloud-b"}


@given(
    subjects=st.lists(subject_values, unique_by=lambda each: each.id, max_size=4),
    roles=st.frozensets(st.sampled_from(Role)),
)
def test_a_file_says_again_what_was_read(subjects: list[Subject], roles: frozenset[Role]) -> None:
    account = DeclaredAccount(
        name="a", subjects=frozenset(each.id for each in subjects), roles=roles, keys=frozenset({KEY.line})
    )
    wanted = Declared(subjects=tuple(sorted(subjects, key=lambda each: each.id)), accounts=(account,))
    assert read(written(wanted).encode(), "x.yaml") == wanted
    assert changes(wanted, wanted, prune=True) == ()


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("subjects: [{name: x}]", "`id` is missing"),
        ("subjects: [{id: a}, {id: a}]", "the subject a stands twice"),
        ("subjects: [{id: a, colour: red}]", "unknown: `colour`"),
        ("accounts: [{name: a, roles: [king]}]", "king"),
        ("accounts: [{name: a, keys: [nonsense]}]", "no OpenSSH public key"),
        ("tokens: []", "unknown: `tokens`"),
        ("- a", "must be a mapping"),
        ("a: [", "not the YAML that is expected"),
    ],
)
def test_what_is_wrong_is_named(content: str, complaint: str) -> None:
    with pytest.raises(DocumentError, match=complaint):
        read(content.encode(), "registry.yaml")


def test_a_wrong_name_changes_nothing_at_all(registry: Registry, now: datetime) -> None:
    with pytest.raises(UsageError, match="cannot be the id"):
        applied(registry, "subjects: [{id: good}, {id: ../bad}]", now)
    with pytest.raises(DocumentError, match="is no subject"):
        applied(registry, "subjects: [{id: good}]\naccounts: [{name: a, subjects: [nobody]}]", now)
    assert declared(registry) == Declared()


def test_the_command_shows_the_plan_and_carries_it_out_when_told(tmp_path: Path) -> None:
    file, database = tmp_path / "registry.yaml", f"sqlite:///{tmp_path}/record.sqlite"
    file.write_text(FILE)

    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, [*words, "--database", database])
        return done.exit_code, done.stdout

    code, shown = run("apply", str(file))
    assert "+ subject cloud-a" in shown
    assert code != 0
    assert yaml.safe_load(run("export")[1]) == {"subjects": [], "accounts": []}
    code, shown = run("apply", str(file), "--yes", "--json")
    assert (code, len(yaml.safe_load(shown))) == (0, 8)
    assert [each["id"] for each in yaml.safe_load(run("export")[1])["subjects"]] == ["cloud-a", "cloud-b"]
    assert run("apply", str(file), "--yes") == (0, "")
