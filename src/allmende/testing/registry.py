"""A registry in a directory, an operator who is registered there, and reports for them to send.

Everything is real: the database, the key, the signature. Only the moment and the randomness are given.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

from argon2 import PasswordHasher

from allmende.canonical import digest
from allmende.outcome import Outcome
from allmende.registry.model.accounts import Token, TokenScope
from allmende.registry.model.record import Subject
from allmende.registry.rules.tokens import RANDOM_BYTES
from allmende.registry.run import administer
from allmende.registry.run.log import Notary, notary
from allmende.registry.run.registry import Registry
from allmende.registry.run.tokens import TokenMemory
from allmende.report.document import Report
from allmende.report.formats import Form, write
from allmende.report.keys import PrivateKey, ed25519_key
from allmende.report.made import made_report as report_with
from allmende.report.sign import joined, signed
from allmende.standards.load import load_standards
from allmende.standards.model import Standards
from allmende.storage.database import open_database, sqlite_url


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """An account with what it needs to report."""

    account: str
    token: str
    key: PrivateKey

    @property
    def credentials(self) -> tuple[str, str]:
        """Name and token, as basic authentication wants them."""
        return self.account, self.token

    def body(self, *reports: Report, form: Form = Form.OWN) -> bytes:
        """Return the reports in this form, signed, as they are sent."""
        content = write(form, reports)
        return joined(signed(content, self.key), content)


def registry_in(directory: Path) -> Registry:
    """Return an empty registry whose database is in this directory; to be closed."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    return Registry(
        database=open_database(sqlite_url(directory / "record.sqlite")),
        standards=load_standards(),
        passwords=quick,
        tokens=TokenMemory(hasher=quick),
    )


def notary_of(registry: Registry, now: datetime) -> Notary:
    """Return who signs the log of this registry, with a key that is always the same."""
    return notary(registry, ed25519_key(bytes(32)), now)


def registered(registry: Registry, account: str, *subjects: Subject, now: datetime) -> Operator:
    """Register an operator with these subjects; the key and the token follow from the account's name."""
    seed = bytes.fromhex(digest(account.encode()))
    key = ed25519_key(seed)
    administer.ensure_account(registry, account, now)
    for subject in subjects:
        administer.ensure_subject(registry, subject)
        administer.ensure_grant(registry, account, subject.id)
    administer.ensure_key(registry, account, key.public, now)
    return Operator(account=account, token=token_for(registry, account, now), key=key)


def token_for(
    registry: Registry,
    account: str,
    now: datetime,
    *,
    scopes: Iterable[TokenScope] = TokenScope,
    expires_at: datetime | None = None,
    name: str = "",
) -> str:
    """Return a new token of an account; equal arguments make equal tokens."""
    wish = Token(
        id="", hash="", account=account, name=name, scopes=frozenset(scopes), made_at=now, expires_at=expires_at
    )
    randomness = hashlib.sha512(f"{account} {name}".encode()).digest()[:RANDOM_BYTES]
    return administer.new_token(registry, wish, randomness)


def made_report(
    standards: Standards,
    subject: str,
    checked_at: datetime,
    outcomes: Mapping[str, Outcome] | None = None,
    *,
    scope: str = "iaas",
    version: str = "v5.1",
    id_: UUID | None = None,
) -> Report:
    """Return a report in which every testcase of the version passed, but for those in `outcomes`."""
    return report_with(standards, subject, checked_at, outcomes or {}, scope=scope, version=version, id_=id_ or uuid4())
