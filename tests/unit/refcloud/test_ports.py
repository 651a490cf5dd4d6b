"""Which ports and numbers a cloud is given."""

import socket

import pytest
from hypothesis import given, strategies

from allmende.errors import ReferenceCloudError
from allmende.refcloud.apply.ports import is_free
from allmende.refcloud.rules.ports import FIRST, LAST, assign_number, assign_ports

ports = strategies.integers(FIRST, FIRST + 30)


@given(strategies.sets(ports), strategies.sets(ports), strategies.dictionaries(strategies.sampled_from("abcd"), ports))
def test_ports_are_free_different_and_nobody_elses(
    taken: set[int], foreign: set[int], remembered: dict[str, int]
) -> None:
    unique = {name: port for name, port in remembered.items() if list(remembered.values()).count(port) == 1}
    given_ports = assign_ports("abcd", unique, foreign=foreign - set(unique.values()), is_free=lambda p: p not in taken)
    assert len(set(given_ports.values())) == 4
    assert not set(given_ports.values()) & taken
    assert {name: given_ports[name] for name in unique if unique[name] not in taken}.items() <= unique.items()


def test_a_base_gives_the_ports_from_there_on() -> None:
    assert assign_ports("abc", {}, foreign=(), is_free=lambda _: True, base=35000) == {
        "a": 35000,
        "b": 35001,
        "c": 35002,
    }


def test_a_base_with_taken_ports_is_an_error_that_names_them() -> None:
    with pytest.raises(ReferenceCloudError, match="in use: 35001, 35002"):
        assign_ports("abc", {}, foreign=(35002,), is_free=lambda port: port != 35001, base=35000)


def test_when_no_port_is_left_it_is_said() -> None:
    with pytest.raises(ReferenceCloudError, match=f"No port between {FIRST} and {LAST}"):
        assign_ports("a", {}, foreign=(), is_free=lambda _: False)


def test_a_number_stays_unless_another_cloud_has_it() -> None:
    assert assign_number(5, preferred=1, foreign={1}, most=8) == 5
    assert assign_number(5, preferred=5, foreign={5, 6}, most=8) == 7
    assert assign_number(None, preferred=7, foreign={7}, most=8) == 0
    with pytest.raises(ReferenceCloudError, match="There are 2 reference clouds"):
        assign_number(None, preferred=0, foreign={0, 1}, most=2)


def test_a_port_that_somebody_listens_on_is_not_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert not is_free(port)
    assert is_free(port)
