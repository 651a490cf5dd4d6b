"""Tokens: recognised once with care and then quickly, for what they were made for, until they end."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import httpx
import pytest
from argon2 import PasswordHasher

from allmende.errors import UsageError
from allmende.registry.model.accounts import Account, TokenScope
from allmende.registry.model.refusals import Reason, Refusal
from allmende.registry.run.administer import list_tokens, revoke_tokens
from allmende.registry.run.registry import Registry
from allmende.registry.run.tokens import TokenMemory, authenticate
from allmende.report.formats import Form
from allmende.testing.registry import Operator, made_report, token_for


async def sent(client: httpx.AsyncClient, registry: Registry, operator: Operator, token: str) -> httpx.Response:
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    body = operator.body(made_report(registry.standards, "cloud", now))
    return await client.post("/reports", content=body, auth=("operator", token), headers={"Content-Type": Form.OWN})


def known(registry: Registry, token: str, now: datetime, scope: TokenScope = TokenScope.READ) -> Account | Refusal:
    return authenticate(registry.database, registry.tokens, ("operator", token), scope, now)


async def test_a_token_is_for_what_it_was_made_for(
    client: httpx.AsyncClient, registry: Registry, operator: Operator, now: datetime
) -> None:
    reader = token_for(registry, "operator", now, scopes=[TokenScope.READ], name="reader")
    answer = await sent(client, registry, operator, reader)
    assert answer.status_code == 403
    assert "it has read, not submit" in answer.json()["detail"]
    sender = token_for(registry, "operator", now, scopes=[TokenScope.SUBMIT], name="sender")
    assert (await sent(client, registry, operator, sender)).status_code == 201


async def test_a_token_that_has_ended_says_so(
    client: httpx.AsyncClient, registry: Registry, operator: Operator, now: datetime
) -> None:
    expired = token_for(registry, "operator", now - timedelta(days=9), expires_at=now, name="expired")
    answer = await sent(client, registry, operator, expired)
    assert answer.status_code == 401
    assert "expired on 2026-11-23" in answer.json()["detail"]
    lasting = token_for(registry, "operator", now, expires_at=now + timedelta(seconds=1), name="lasting")
    assert (await sent(client, registry, operator, lasting)).status_code == 201
    (found,) = (token for token in list_tokens(registry, "operator") if token.name == "lasting")
    revoke_tokens(registry, "operator", now, found.id)
    answer = await sent(client, registry, operator, lasting)
    assert answer.status_code == 401
    assert "was revoked" in answer.json()["detail"], "also when it was recognised a moment ago"


def test_what_is_kept_of_a_token_is_its_argon2id_hash(registry: Registry, operator: Operator, tmp_path: Path) -> None:
    (token,) = list_tokens(registry, "operator")
    assert token.hash.startswith("$argon2id$")
    secret = operator.token.rpartition("_")[2]
    assert secret.encode() not in b"".join(path.read_bytes() for path in tmp_path.glob("record.sqlite*"))
    assert secret not in repr(token)


def test_the_hash_is_computed_once_for_each_text(registry: Registry, operator: Operator, now: datetime) -> None:
    class Counting(PasswordHasher):
        calls = 0

        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 -- the library's name
            self.calls += 1
            return super().verify(hash, password)

    hasher = Counting()
    memory = TokenMemory(hasher=hasher)
    wrong = operator.token[:-1] + ("0" if operator.token[-1] != "0" else "1")
    for text, expected in ((operator.token, Account), (wrong, Refusal)) * 3:
        found = authenticate(registry.database, memory, ("operator", text), TokenScope.READ, now)
        assert isinstance(found, expected)
    assert hasher.calls == 2


@pytest.mark.parametrize(
    "text", ["", "x", "allmende_", "allmende_" + "0" * 64, "allmende_0123456789abcdef_" + "0" * 64]
)
def test_what_is_no_token_is_nobodys(registry: Registry, operator: Operator, now: datetime, text: str) -> None:
    found = known(registry, text, now)
    assert isinstance(found, Refusal)
    assert found.reason is Reason.NOT_AUTHENTICATED


def test_a_token_of_another_account_is_not_mine(registry: Registry, operator: Operator, now: datetime) -> None:
    found = authenticate(registry.database, registry.tokens, ("somebody", operator.token), TokenScope.READ, now)
    assert isinstance(found, Refusal)


def test_the_last_use_is_known_to_the_hour(registry: Registry, operator: Operator, now: datetime) -> None:
    def used() -> datetime | None:
        return list_tokens(registry, "operator")[0].used_at

    assert used() is None
    known(registry, operator.token, now)
    assert used() == now
    known(registry, operator.token, now + timedelta(minutes=59))
    assert used() == now
    known(registry, operator.token, now + timedelta(minutes=60))
    assert used() == now + timedelta(minutes=60)


def test_a_token_cannot_have_ended_before_it_is_made(registry: Registry, operator: Operator, now: datetime) -> None:
    with pytest.raises(UsageError, match="expired already"):
        token_for(registry, "operator", now, expires_at=now, name="x")
    with pytest.raises(UsageError, match="printable"):
        token_for(registry, "operator", now, name="a\x1b[31m")
