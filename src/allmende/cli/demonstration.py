"""What `allmende serve --demo` shows: the public table of existing providers as it stood on 2024-12-11.

The table is public; which versions were passed is what it said. The reports that lead to it are made here, and signed
with a key that is made for the demonstration: nobody measured these clouds for it, which every page says. Of
a subject that passed nothing, nothing is reported: the table does not say why.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal
from uuid import UUID

import yaml
from pydantic import BaseModel, ConfigDict

from allmende.cli.record import opened_registry
from allmende.registry.model.record import Receipt, Subject
from allmende.registry.run import administer
from allmende.registry.run.accept import accept
from allmende.registry.run.registry import Registry
from allmende.report.formats import Form, write
from allmende.report.keys import PrivateKey, ed25519_key
from allmende.report.made import made_report
from allmende.report.sign import joined, signed
from allmende.storage.database import sqlite_url

_MARKS = "*†"


class PublishedSubject(BaseModel):
    """A subject of the table; `passed` are versions of the scope, with the marks they had there."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: str
    passed: tuple[str, ...]
    health: Literal["link", "soon"] | None


class PublishedRow(BaseModel):
    """A row of the table: one subject, or the regions of one cloud."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str
    description: str
    operator: str
    subjects: tuple[PublishedSubject, ...]

    def members(self) -> tuple[Subject, ...]:
        """Return the subjects as a registry knows them."""
        several = len(self.subjects) > 1
        return tuple(
            Subject(
                id=each.id,
                name=each.id if several else self.name,
                group=self.name if several else "",
                operator=self.operator,
                description=self.description,
            )
            for each in self.subjects
        )


class Published(BaseModel):
    """The table as it stood on a day."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    as_of: date
    scope: str
    rows: tuple[PublishedRow, ...]

    @property
    def moment(self) -> datetime:
        """The beginning of that day."""
        return datetime.combine(self.as_of, time.min, UTC)


def published() -> Published:
    """Return the table of 2024-12-11."""
    text = (files("allmende.cli") / "data" / "providers-2024-12-11.yaml").read_text(encoding="utf-8")
    return Published.model_validate(yaml.safe_load(text))


def furnish(registry: Registry, table: Published, key: PrivateKey) -> None:
    """Register the subjects of the table, and record for each what it passed, signed with the key."""
    now = table.moment
    for row in table.rows:
        account = row.subjects[0].id
        administer.ensure_account(registry, account, now)
        administer.ensure_key(registry, account, key.public, now)
        for member in row.members():
            administer.ensure_subject(registry, member)
            administer.ensure_grant(registry, account, member.id)
        for subject in row.subjects:
            _report(registry, table, account, subject, key)


@contextmanager
def demonstration() -> Iterator[Registry]:
    """Yield a registry with the table, in a directory that is removed afterwards."""
    with (
        TemporaryDirectory(prefix="allmende-demo-") as directory,
        opened_registry(sqlite_url(Path(directory) / "record.sqlite")) as registry,
    ):
        furnish(registry, published(), ed25519_key(secrets.token_bytes(32)))
        yield registry


def clock_from(start: datetime, clock: Callable[[], datetime]) -> Callable[[], datetime]:
    """Return a clock that goes on from `start` as fast as `clock` does."""
    began = clock()
    return lambda: start + (clock() - began)


def _report(registry: Registry, table: Published, account: str, subject: PublishedSubject, key: PrivateKey) -> None:
    reporter = administer.account_called(registry, account)
    for age, version in enumerate([name.rstrip(_MARKS) for name in subject.passed], start=1):
        checked_at = table.moment - timedelta(hours=age)
        report = made_report(
            registry.standards,
            subject.id,
            checked_at,
            {},
            scope=table.scope,
            version=version,
            id_=UUID(bytes=secrets.token_bytes(16), version=4),
        )
        content = write(Form.OWN, [report])
        answer = accept(registry, reporter, Form.OWN, joined(signed(content, key), content), table.moment)
        if not isinstance(answer, Receipt):
            raise TypeError(f"The demonstration's own report was refused: {answer.detail}")
