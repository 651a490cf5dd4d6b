"""The rules of signing in: which passwords will do, when the next one is looked at, and where one is led."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allmende.registry.model.sign_in import Password
from allmende.registry.rules.sign_in import after_failure, fault_of_password, form_token, key_of, place_after, too_soon

NOW = datetime(2026, 11, 27, tzinfo=UTC)


@given(st.text())
def test_one_is_led_to_the_desk_and_nowhere_else(asked: str) -> None:
    place = place_after(asked)
    assert place == "/desk" or (place == asked and place.startswith(("/desk/", "/desk?")))


@given(st.text(alphabet="/\\.?#: \tdesk@").map(lambda end: "/desk" + end))
def test_what_begins_like_the_desk_leads_out_of_it_in_no_way(asked: str) -> None:
    place = place_after(asked)
    assert not set(place) & set("\\# \t")
    assert ".." not in place
    assert "//" not in place


@pytest.mark.parametrize("place", ["/desk", "/desk/access", "/desk/subjects?subject=a"])
def test_pages_of_the_desk_are_led_to(place: str) -> None:
    assert place_after(place) == place


@pytest.mark.parametrize("password", ["", "elevenchars", "x" * 12, "my Cloud account is", "y" + "x" * 200])
def test_such_passwords_will_not_do(password: str) -> None:
    refused = fault_of_password(password, "cloud")
    assert refused is not None
    assert refused.hint


def test_a_long_password_of_any_characters_will_do() -> None:
    assert fault_of_password("vier Wörter ohne Ziffer", "cloud") is None


def test_pauses_begin_with_the_fourth_failure_and_double_up_to_a_quarter_of_an_hour() -> None:
    password, pauses = Password(account="a", hash="h", set_at=NOW), []
    for _ in range(14):
        password = after_failure(password, NOW)
        pauses.append((password.next_at - NOW).total_seconds() if password.next_at else 0)
    assert pauses[:6] == [0, 0, 0, 15, 30, 60]
    assert pauses[-1] == 900
    assert too_soon(password, NOW) is not None
    assert too_soon(password, NOW + timedelta(minutes=15)) is None


@given(st.text(min_size=1))
def test_what_a_form_carries_is_not_by_what_the_session_is_found(secret: str) -> None:
    assert len({secret, key_of(secret), form_token(secret)}) == 3
