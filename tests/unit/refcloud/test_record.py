"""What is remembered of a cloud between commands."""

from pathlib import Path

import pytest

from allmende.errors import ReferenceCloudError
from allmende.refcloud.apply.addresses import address_of
from allmende.refcloud.apply.blueprint import load_blueprint
from allmende.refcloud.apply.record import Memory, Record, locked, memories
from allmende.refcloud.model.blueprint import SecretKind
from allmende.refcloud.model.cloud import Identity, Profile

from .planned_cloud import given


def record(name: str) -> Record:
    return Record(
        identity=Identity(name=name, number=3, profile=Profile.API), ports={"keystone": 21000}, virt_type="qemu"
    )


def test_secrets_are_random_kept_and_closed_to_others(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "one")
    kinds = {"a": SecretKind.TOKEN, "b": SecretKind.FERNET}
    first = memory.secrets(kinds)
    assert memory.secrets({**kinds, "c": SecretKind.TOKEN}).items() >= first.items()
    assert len(set(first.values())) == 2
    assert Memory(tmp_path / "two").secrets(kinds) != first
    assert (tmp_path / "one" / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "one")
    assert memory.record() is None
    memory.remember(record("one"))
    assert memory.record() == record("one")
    assert [found.root.name for found in memories(tmp_path)] == ["one"]


def test_a_damaged_record_is_named_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "cloud.json").write_text('{"name": "on')
    with pytest.raises(ReferenceCloudError, match=r"cloud\.json is damaged") as error:
        Memory(tmp_path).record()
    assert "destroy" in error.value.hint


def test_only_one_command_works_on_a_cloud(tmp_path: Path) -> None:
    with (
        locked(tmp_path / "lock", complaint="Another command is working."),
        pytest.raises(ReferenceCloudError, match="Another command"),
        locked(tmp_path / "lock", complaint="Another command is working."),
    ):
        pass
    with locked(tmp_path / "lock", complaint="free again"):
        pass


def test_clouds_have_names_and_networks_of_their_own() -> None:
    blueprint = load_blueprint()
    one = given(blueprint).identity
    assert len(one.internal_bridge) <= 15
    assert str(one.external_address) == "198.18.7.1/24"
    address = address_of(given(blueprint))
    assert address.cloud == "allmende-reference"
    assert address.clouds_yaml != address.operator_yaml
