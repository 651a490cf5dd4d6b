"""`allmende registry import`: take over the reports of another registry, so that its history goes on here."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from allmende.cli.clock import utc_now
from allmende.cli.keys import read_key, read_secret
from allmende.cli.record import DatabaseOption, opened_registry
from allmende.errors import DocumentError, UsageError
from allmende.registry.model.refusals import Refusal
from allmende.registry.run import administer
from allmende.registry.run.accept import accept
from allmende.registry.run.registry import Registry
from allmende.report.document import Report
from allmende.report.formats import Form, read, recognised
from allmende.report.keys import PrivateKey
from allmende.report.sign import joined, signed
from allmende.web.words import count

EXAMPLES = """Examples:

\b
  allmende registry import history/ --account import --key id_ed25519
  allmende registry import a.yaml b.yaml --account import --key id_ed25519

Each file holds one report, or several as a stream of YAML, in the form of the
SCS test suite or in Allmende's own; of a directory, every .yaml, .yml and .json
file is taken. The account must report for their subjects, and the key must be
one of its own: who takes a history over signs that it is the same. Import it
before anybody subscribes, or they are told of transitions of long ago.
"""

OLDEST = timedelta(days=3650)
_ENDINGS = (".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A file with what it holds."""

    path: Path
    form: Form
    content: bytes
    reports: tuple[Report, ...]

    @property
    def begins(self) -> datetime:
        """When its first report is from."""
        return min(report.started_at for report in self.reports)


def import_history(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Reports, or directories of them.")],
    *,
    account: Annotated[str, typer.Option(help="Who takes them over.")],
    key: Annotated[Path, typer.Option(metavar="FILE", help="The private key that signs for the account.")],
    database: DatabaseOption = None,
) -> None:
    """Record the reports of another registry, oldest first; what is there already is left as it is."""
    signer, now = read_key(key, os.environ), utc_now()
    new = known = 0
    refused: list[str] = []
    with opened_registry(database) as opened:
        registry = replace(opened, limits=replace(opened.limits, oldest=OLDEST))
        administer.account_called(registry, account)
        taken = []
        for path in _paths(files):
            try:
                taken.append(_taken(path, registry))
            except DocumentError as error:
                refused.append(f"{path}: {error}")
        for each in sorted(taken, key=lambda one: one.begins):
            answer = _recorded(registry, account, signer, each, now)
            if isinstance(answer, Refusal):
                refused.append(f"{each.path}: {answer.detail}")
                continue
            new += answer
            known += len(each.reports) - answer
            if new and new % 500 == 0:
                typer.echo(f"{count(new, 'report')} recorded, up to {each.begins.date()}", err=True)
    for line in refused:
        typer.echo(f"not recorded: {line}", err=True)
    typer.echo(
        f"{count(new, 'report')} recorded, {known} there already, {count(len(refused), 'file')} refused.", err=True
    )
    if refused:
        raise typer.Exit(1)


def _paths(given: list[Path]) -> Iterator[Path]:
    for path in given:
        if not path.is_dir():
            yield path
            continue
        inside = sorted(each for each in path.rglob("*") if each.suffix in _ENDINGS)
        if not inside:
            raise UsageError(f"{path} holds no file that ends in {', '.join(_ENDINGS)}.", hint="Name the files.")
        yield from inside


def _taken(path: Path, registry: Registry) -> Taken:
    content = read_secret(path, "report")
    form = recognised(content)
    return Taken(
        path=path,
        form=form,
        content=content,
        reports=read(form, content, max_documents=registry.limits.max_documents),
    )


def _recorded(registry: Registry, account: str, signer: PrivateKey, each: Taken, now: datetime) -> int | Refusal:
    """Return how many of the reports are new."""
    reporter = administer.account_called(registry, account)
    answer = accept(registry, reporter, each.form, joined(signed(each.content, signer), each.content), now)
    return answer if isinstance(answer, Refusal) else sum(line.is_new for line in answer.lines)
