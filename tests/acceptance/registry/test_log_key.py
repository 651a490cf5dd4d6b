"""The key file of the log: made once, never replaced by accident, and replaced in order, also when it is lost."""

from datetime import datetime
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from allmende.cli.log_key import ensure_log_key
from allmende.cli.registry import app
from allmende.errors import SettingsError
from allmende.registry.rules.checkpoint import verifier_key
from allmende.registry.run import log
from allmende.registry.run.registry import Registry
from allmende.report.keys import ed25519_key, parse_private_key
from allmende.server import create_app
from allmende.storage.database import sqlite_url


def rotated(tmp_path: Path, *words: str) -> tuple[int, str]:
    database = sqlite_url(tmp_path / "record.sqlite")
    done = CliRunner().invoke(app, ["log", "rotate-key", "--database", database, *words])
    return done.exit_code, f"{done.output}{done.exception or ''}"


def test_the_first_key_is_made_and_found_again(registry: Registry, tmp_path: Path, now: datetime) -> None:
    path = tmp_path / "record.log-key"
    key = ensure_log_key(registry, path)
    assert path.stat().st_mode & 0o777 == 0o600
    log.notary(registry, key, now)
    assert ensure_log_key(registry, path).public == key.public


def test_a_key_that_is_missing_is_not_made_anew_in_silence(registry: Registry, tmp_path: Path, now: datetime) -> None:
    log.notary(registry, ed25519_key(bytes(32)), now)
    with pytest.raises(SettingsError) as refused:
        ensure_log_key(registry, tmp_path / "record.log-key")
    assert log.LOST in refused.value.hint
    assert not (tmp_path / "record.log-key").exists()


def test_a_key_is_replaced_in_order_and_the_old_one_kept(registry: Registry, tmp_path: Path, now: datetime) -> None:
    path = tmp_path / "record.log-key"
    old = ensure_log_key(registry, path)
    log.notary(registry, old, now)
    code, _ = rotated(tmp_path)
    assert code == 0
    new = ensure_log_key(registry, path)
    assert new.public != old.public
    assert [key.public for key in log.keys(registry)][-1] == verifier_key("", new).public
    (kept,) = tmp_path.glob("record.log-key.until-*")
    assert parse_private_key(kept.read_bytes()).public == old.public


def test_only_a_key_that_is_said_to_be_lost_is_replaced_without_it(
    registry: Registry, tmp_path: Path, now: datetime
) -> None:
    log.notary(registry, ed25519_key(bytes(32)), now)
    code, said = rotated(tmp_path)
    assert code != 0
    assert "is not in" in said
    assert len(log.keys(registry)) == 1
    code, _ = rotated(tmp_path, "--lost")
    assert code == 0
    assert len(log.keys(registry)) == 2
    assert len({key.name for key in log.keys(registry)}) == 1, "the log keeps its name"


async def test_a_server_with_the_old_key_says_that_it_has_to_be_restarted(registry: Registry, now: datetime) -> None:
    notary = log.notary(registry, ed25519_key(bytes(32)), now)
    app_ = create_app(registry, lambda: now, notary)
    log.rotate(registry, ed25519_key(b"n" * 32), now)
    transport = httpx.ASGITransport(app=app_, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://registry") as client:
        answer = await client.get("/api/log/checkpoint", headers={"Accept": "application/json"})
        assert answer.status_code == 503
        assert "restart" in answer.json()["next"]
        assert (await client.get("/api/table")).status_code == 200
