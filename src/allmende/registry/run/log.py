"""The transparency log: append to it what enters the record, sign its state, and prove what is in it.

Entries are appended in the transaction that stores what they record. What time alone changes (a result expires, a
version becomes effective) is found by `sweep`, which somebody has to call now and then.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from allmende.errors import SettingsError, StoreError, UnknownNameError
from allmende.registry.model.assessment import Ruling
from allmende.registry.model.record import CurrentResult, LogEntry, StoredReport
from allmende.registry.rules import leaves, merkle, notifications, scores
from allmende.registry.rules.admission import known_scope
from allmende.registry.rules.checkpoint import Checkpoint, VerifierKey, parse_verifier_key, sealed, verifier_key
from allmende.registry.rules.leaves import KeyLeaf, VerdictLeaf
from allmende.registry.run.registry import Registry
from allmende.registry.store import events, log, reports, verdicts
from allmende.report.keys import PrivateKey
from allmende.standards.model import Standards

LOST = "allmende registry log rotate-key --lost"
"""What to type when the key is lost."""

_BATCH = 500


class KeyReplacedError(StoreError):
    """The log is signed with a newer key than this process has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notary:
    """Who signs the state of the log: the name of the log, and the Ed25519 key."""

    origin: str
    key: PrivateKey


def record_report(
    connection: Connection, standards: Standards, report: StoredReport, current: Sequence[CurrentResult]
) -> None:
    """Append a report that was just stored, and the verdicts that changed with it: those on its `current` results."""
    log.append(connection, [leaves.of_report(report)])
    _record_verdicts(connection, standards, (report.subject, report.scope), current, report.received_at)


def record_ruling(connection: Connection, standards: Standards, report: StoredReport, ruling: Ruling) -> None:
    """Append a decision that was just stored, and the verdicts that changed with it."""
    log.append(connection, [leaves.of_ruling(ruling)])
    events.add(connection, [notifications.of_ruling(report, ruling)])
    place = (report.subject, report.scope)
    current = reports.current(connection, report.subject).get(place, ())
    _record_verdicts(connection, standards, place, current, ruling.at)


def sweep(registry: Registry, now: datetime) -> None:
    """Append the verdicts that changed with time alone, and the reports of before there was a log."""
    while _caught_up(registry) == _BATCH:
        pass
    with registry.database.reading() as connection:
        changed = {
            place[0]
            for place, current in reports.current(connection).items()
            if _changed_verdicts(connection, registry.standards, place, current, now)
        }
    for subject in sorted(changed):
        with registry.database.writing() as connection:
            reports.lock(connection, subject)  # so that no report comes between what is read and what is recorded
            for place, current in reports.current(connection, subject).items():
                _record_verdicts(connection, registry.standards, place, current, now)


def notary(registry: Registry, key: PrivateKey, now: datetime) -> Notary:
    """Return the notary that signs with this key; the first one gives the log its name.

    SettingsError when the log says that another key signs it.
    """
    with registry.database.writing() as connection:
        known = _keys(connection)
        if not known:
            fresh = verifier_key("", key)
            introduced = verifier_key(f"allmende.{fresh.hash.hex()}", key)
            log.append(connection, [leaves.of_key(introduced, now)])
            return Notary(origin=introduced.name, key=key)
    if known[-1] != verifier_key(known[-1].name, key):
        raise SettingsError(
            "The log of this record is signed with another key than the one given.",
            hint=f"Give back the key that it had; when that is lost: {LOST}",
        )
    return Notary(origin=known[-1].name, key=key)


def rotate(registry: Registry, key: PrivateKey, now: datetime) -> Notary:
    """Let another key sign from now on; what earlier keys signed stays valid."""
    with registry.database.writing() as connection:
        known = _keys(connection)
        if not known:
            raise SettingsError("No key signs this log yet.", hint="The first one does when the registry is served.")
        introduced = verifier_key(known[-1].name, key)
        log.append(connection, [leaves.of_key(introduced, now)])
    return Notary(origin=introduced.name, key=key)


def keys(registry: Registry) -> tuple[VerifierKey, ...]:
    """Return the keys that ever signed the log, oldest first; the last one signs today."""
    with registry.database.reading() as connection:
        return _keys(connection)


def checkpoint(registry: Registry) -> Checkpoint:
    """Return the state of the log."""
    with registry.database.reading() as connection:
        size = log.size(connection)
        known = _keys(connection)
        return Checkpoint(
            origin=known[-1].name if known else "",
            size=size,
            root=merkle.root(size, log.subtree(connection)),
        )


def signed_checkpoint(registry: Registry, notary: Notary) -> str:
    """Return the state of the log as a signed note; KeyReplacedError when another key signs by now."""
    known = keys(registry)
    if known and known[-1] != verifier_key(notary.origin, notary.key):
        raise KeyReplacedError("The log is signed with a newer key by now.", hint="Restart the registry with that key.")
    return sealed(checkpoint(registry), notary.key)


def entries(registry: Registry, start: int, count: int) -> tuple[LogEntry, ...]:
    """Return at most `count` entries from the number `start` on."""
    with registry.database.reading() as connection:
        return log.entries(connection, start, count)


def entry(registry: Registry, number: int) -> LogEntry:
    """Return the entry with this number; UnknownNameError when there is none."""
    found = entries(registry, number, 1)
    if not found or found[0].number != number:
        raise UnknownNameError(f"The log has no entry {number}.", hint="How many it has: /log")
    return found[0]


def number_of(registry: Registry, report: UUID) -> int | None:
    """Return the number of a report's entry; None when the log does not have it yet."""
    with registry.database.reading() as connection:
        return log.number_of(connection, report)


def inclusion(registry: Registry, number: int, size: int) -> tuple[bytes, ...]:
    """Return what proves an entry in the tree of the first `size`; UnknownNameError when there is no such entry."""
    return _proven(registry, size, lambda tree: merkle.inclusion_proof(number, size, tree))


def consistency(registry: Registry, first: int, second: int) -> tuple[bytes, ...]:
    """Return what proves that the tree of `second` entries begins with that of `first`; UnknownNameError likewise."""
    return _proven(registry, second, lambda tree: merkle.consistency_proof(first, second, tree))


def _proven(registry: Registry, size: int, prove: Callable[[merkle.Subtree], Sequence[bytes]]) -> tuple[bytes, ...]:
    with registry.database.reading() as connection:
        known = log.size(connection)
        if size > known:
            raise UnknownNameError(
                f"The log has {known} entries, not {size}.", hint="Ask for the proof of a smaller size."
            )
        try:
            return tuple(prove(log.subtree(connection)))
        except ValueError as error:
            raise UnknownNameError(str(error)) from error


def _caught_up(registry: Registry) -> int:
    with registry.database.writing() as connection:
        missing = log.without_entry(connection, _BATCH)
        found = [reports.find(connection, id_) for id_ in missing]
        log.append(connection, [leaves.of_report(report) for report in found if report is not None])
    return len(missing)


def _record_verdicts(
    connection: Connection,
    standards: Standards,
    place: tuple[str, UUID],
    current: Sequence[CurrentResult],
    now: datetime,
) -> None:
    changed = _changed_verdicts(connection, standards, place, current, now)
    for leaf in changed:
        verdicts.put(connection, leaf)
        events.add(connection, [notifications.of_verdict(leaf, standards.scope(str(leaf.scope)).name)])
    log.append(connection, changed)


def _changed_verdicts(
    connection: Connection,
    standards: Standards,
    place: tuple[str, UUID],
    current: Sequence[CurrentResult],
    now: datetime,
) -> Sequence[VerdictLeaf]:
    subject, scope = place
    known = known_scope(standards, str(scope))
    if known is None:
        return ()
    before = verdicts.standing(connection, subject, scope)
    return [
        VerdictLeaf(at=now, subject=subject, scope=scope, version=version, outcome=outcome, before=before.get(version))
        for version, outcome in scores.verdicts(known, current, standards, now).items()
        if outcome is not before.get(version)
    ]


def _keys(connection: Connection) -> tuple[VerifierKey, ...]:
    found = (leaves.read(entry.content) for entry in log.keys(connection))
    return tuple(parse_verifier_key(leaf.key) for leaf in found if isinstance(leaf, KeyLeaf))
