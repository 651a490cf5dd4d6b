"""`allmende registry verify`: prove a registry's public record, or say what is wrong with it."""

import asyncio
import json
import os
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel, ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

from allmende.canonical import digest
from allmende.cli.exits import exit_code
from allmende.cli.keys import write_secret
from allmende.cli.options import AsJson
from allmende.cli.terminal import STYLES, print_wrapped, terminal
from allmende.config import Directories, directories
from allmende.errors import SettingsError, SignatureError, UsageError
from allmende.outcome import Outcome
from allmende.registry.fetch.record import PublicRecord
from allmende.registry.rules.checkpoint import Checkpoint, VerifierKey, opened, parse_verifier_key
from allmende.registry.run.verify import Known, Verification, verify
from allmende.standards.load import load_standards
from allmende.web.words import STATES

EXAMPLES = """Examples:

\b
  allmende registry verify https://registry.example.org
  allmende registry verify https://registry.example.org --key "$(cat log.pub)"
  allmende registry verify http://127.0.0.1:8080 --json

The state of the log is kept. The next time, it is proven that nothing of it was
changed since. Exit codes: 0 proven, 1 something is wrong, 3 inconclusive.
"""
SHOWN = 10


class _Kept(BaseModel):
    """What is kept of a registry: its address, the signed state, and the key that verifies it."""

    registry: str
    checkpoint: str
    key: str


def verify_registry(
    url: Annotated[str, typer.Argument(metavar="URL", help="The registry's address.")],
    *,
    key: Annotated[
        str | None, typer.Option("--key", metavar="KEY", help="Verifier key that must be the log's: name+hash+key.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Verify a registry's public record: every hash, every signature, and that the table follows from the reports."""
    places = directories(os.environ, Path.home())
    record = PublicRecord(url)
    kept = _kept(places, record.address)
    known = Known(key=_key(key) if key else None, checkpoint=kept)
    found = asyncio.run(_verified(record, known))
    if as_json:
        typer.echo(json.dumps(_document(found), indent=2, ensure_ascii=False))
    else:
        _show(found)
    if found.key is not None and found.outcome is not Outcome.FAIL:
        _keep(places, found, found.key)
    raise typer.Exit(exit_code(found.outcome, complete=True))


def _key(line: str) -> VerifierKey:
    try:
        return parse_verifier_key(line)
    except SignatureError as error:
        raise UsageError(str(error), hint="/log on the registry's pages shows its key; ask the body for it.") from error


async def _verified(record: PublicRecord, known: Known) -> Verification:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        tasks = {}

        def told(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(what, total=total)
            progress.update(tasks[what], completed=done, total=total)

        async with record:
            return await verify(record, load_standards(), known, told)


def _show(found: Verification) -> None:
    console = terminal()
    for answer in found.answers:
        shown = STATES[answer.outcome]
        console.print(Text.assemble((f"{shown.symbol} {answer.question}", STYLES[answer.outcome])))
        print_wrapped(console, answer.said, "  ")
        for particular in answer.particulars[:SHOWN]:
            print_wrapped(console, particular, "    ")
        if len(answer.particulars) > SHOWN:
            print_wrapped(console, f"… and {len(answer.particulars) - SHOWN} more (--json has them all)", "    ")
    if found.signers:
        console.print("\nWho signed, to be compared with what they say themselves:")
        for account, fingerprints in sorted(found.signers.items()):
            print_wrapped(console, f"{account} {' '.join(sorted(fingerprints))}", "  ")
    words = {Outcome.PASS: "proven", Outcome.FAIL: "not as it says"}.get(found.outcome, "inconclusive")
    console.print(Text.assemble("\n", (f"registry {found.registry}: {words}", STYLES[found.outcome])))


def _document(found: Verification) -> dict[str, object]:
    return {
        "registry": found.registry,
        "outcome": found.outcome,
        "entries": found.checkpoint.size if found.checkpoint else None,
        "checkpoint": found.note,
        "answers": [
            {
                "question": answer.question,
                "outcome": answer.outcome,
                "said": answer.said,
                "particulars": list(answer.particulars),
            }
            for answer in found.answers
        ],
        "signers": {account: sorted(keys) for account, keys in found.signers.items()},
    }


def _kept(places: Directories, registry: str) -> Checkpoint | None:
    path = _file(places, registry)
    try:
        kept = _Kept.model_validate_json(path.read_bytes())
        return opened(kept.checkpoint, [parse_verifier_key(kept.key)])
    except FileNotFoundError:
        return None
    except (OSError, ValidationError, SignatureError) as error:
        raise SettingsError(
            f"What was kept of {registry} cannot be read: {path}.",
            hint="Put it back from a copy. Only if you can do without the proof since then: delete it.",
        ) from error


def _keep(places: Directories, found: Verification, key: VerifierKey) -> None:
    kept = _Kept(registry=found.registry, checkpoint=found.note, key=key.line)
    write_secret(_file(places, found.registry), kept.model_dump_json(indent=2).encode())


def _file(places: Directories, registry: str) -> Path:
    return places.registries / f"{digest(registry.encode())[:32]}.json"
