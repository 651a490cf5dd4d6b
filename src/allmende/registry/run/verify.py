"""Verify the public record of a registry elsewhere: fetch all of it, compute every hash again, believe nothing.

Each question is answered with an outcome: PASS when it was proven, FAIL when the opposite was, DNF when it could not be
determined, MISS when there was nothing to compare with yet. What was not proven never counts as proven.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from allmende.canonical import digest
from allmende.errors import DocumentError, RegistryUnreachableError, SignatureError
from allmende.outcome import Outcome
from allmende.registry.fetch.record import PublicRecord, StandardsSaid, TableSaid
from allmende.registry.rules import leaves, merkle
from allmende.registry.rules.certificates import SHOWN_AFTER, standing_in_log
from allmende.registry.rules.checkpoint import Checkpoint, VerifierKey, opened, parse_verifier_key
from allmende.registry.rules.credentials import is_by
from allmende.registry.rules.credentials import read as read_credential
from allmende.registry.rules.leaves import (
    CertificateLeaf,
    DecisionLeaf,
    IntegratorLeaf,
    KeyLeaf,
    Leaf,
    OtherLeaf,
    ReportLeaf,
    VerdictLeaf,
)
from allmende.registry.rules.replay import CellsShown, Replay, misstated, other_standards
from allmende.report import formats
from allmende.report.document import Report
from allmende.report.formats import Form
from allmende.report.sign import signer
from allmende.standards.model import Standards
from allmende.standards.verdict import verdict

AT_ONCE = 8
TRIES = 3
NAMED = 5

Told = Callable[[str, int, int], None]
"""Is told what is being fetched, how much of it is there, and how much there will be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was found for one question: `said` is one sentence, `particulars` name the offenders."""

    question: str
    outcome: Outcome
    said: str
    particulars: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """All answers, and the state of the log that they are about: as it was sent (`note`), read, and whose key signed.

    `checkpoint` and `key` are None when it is not signed. `signers` has, by account, the fingerprints of the keys whose
    signatures were verified.
    """

    registry: str
    answers: tuple[Answer, ...]
    checkpoint: Checkpoint | None
    key: VerifierKey | None
    note: str
    signers: Mapping[str, frozenset[str]]

    @property
    def outcome(self) -> Outcome:
        """PASS when everything that could be compared was proven."""
        return verdict(answer.outcome for answer in self.answers if answer.outcome is not Outcome.MISS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a log before: a key that must be among its keys, and a state that it had."""

    key: VerifierKey | None = None
    checkpoint: Checkpoint | None = None


@dataclass(slots=True)
class _Seen:
    """What was fetched: a state of the log, the table that was shown with it, and all entries."""

    note: str
    table: TableSaid
    standards: StandardsSaid
    contents: list[bytes] = field(default_factory=list)
    entries: list[Leaf | OtherLeaf] = field(default_factory=list)


async def verify(record: PublicRecord, standards: Standards, known: Known, told: Told) -> Verification:
    """Return what of this record is proven. RegistryUnreachableError when it cannot be read."""
    seen = await _settled(record)
    keys = tuple(parse_verifier_key(line) for line in await record.keys())
    signed, checkpoint = _signature(seen.note, keys)
    if checkpoint is None:
        return Verification(
            registry=record.address, answers=(signed,), checkpoint=None, key=None, note=seen.note, signers={}
        )
    await _fetch_entries(record, seen, checkpoint.size, told)
    whole = _whole(seen, checkpoint, keys)
    answers = [signed, whole, _kept(seen, known, keys)]
    signers: dict[str, set[str]] = {}
    if whole.outcome is Outcome.PASS:
        reports, genuine = await _reports(record, seen, told, signers)
        answers += [genuine, *_derived(seen, reports, standards)]
        certificates = await _certificates(record, seen, keys)
        answers += [certificates] if certificates else []
    return Verification(
        registry=record.address,
        answers=tuple(answers),
        checkpoint=checkpoint,
        key=keys[-1],
        note=seen.note,
        signers={account: frozenset(fingerprints) for account, fingerprints in signers.items()},
    )


async def _settled(record: PublicRecord) -> _Seen:
    """Return the table together with a state of the log between which nothing was recorded."""
    before = await record.checkpoint()
    for _ in range(TRIES):
        table, standards, after = await record.table(), await record.standards(), await record.checkpoint()
        if after == before:
            return _Seen(note=after, table=table, standards=standards)
        before = after
    raise RegistryUnreachableError(
        "The registry recorded something each time it was looked at.", hint="Try again in a quieter minute."
    )


def _signature(note: str, keys: Sequence[VerifierKey]) -> tuple[Answer, Checkpoint | None]:
    question = "The state of the log is signed"
    try:
        checkpoint = opened(note, keys[-1:])
    except SignatureError as error:
        return Answer(question=question, outcome=Outcome.FAIL, said=str(error)), None
    said = f"{checkpoint.size} entries, signed with the key {keys[-1].line}"
    return Answer(question=question, outcome=Outcome.PASS, said=said), checkpoint


async def _fetch_entries(record: PublicRecord, seen: _Seen, size: int, told: Told) -> None:
    told("entries of the log", 0, size)
    while len(seen.contents) < size:
        more = await record.entries(len(seen.contents), size - len(seen.contents))
        if not more:
            return
        seen.contents += more
        told("entries of the log", len(seen.contents), size)


def _whole(seen: _Seen, checkpoint: Checkpoint, keys: Sequence[VerifierKey]) -> Answer:
    """Tell whether the entries are those of the signed state, and name the keys that the registry names."""
    question = "The entries are those that were signed for"

    def wrong(said: str) -> Answer:
        return Answer(question=question, outcome=Outcome.FAIL, said=said)

    if len(seen.contents) < checkpoint.size:
        return wrong(f"{checkpoint.size} entries are signed for, and the registry shows {len(seen.contents)} of them.")
    if _root(seen, checkpoint.size) != checkpoint.root:
        return wrong(
            "An entry was changed, added or taken away: the root that follows from them is not the signed one."
        )
    try:
        seen.entries = [leaves.read(content) for content in seen.contents]
    except DocumentError as error:
        return wrong(str(error))
    if [leaf.key for leaf in seen.entries if isinstance(leaf, KeyLeaf)] != [key.line for key in keys]:
        return wrong("The keys that the registry names are not those that its log introduces.")
    return Answer(
        question=question,
        outcome=Outcome.PASS,
        said=f"from all {checkpoint.size} entries follows the signed root",
    )


def _kept(seen: _Seen, known: Known, keys: Sequence[VerifierKey]) -> Answer:
    """Tell whether what was known of the log still holds."""
    question = "What was in the log earlier is still in it"
    if known.key is not None and known.key not in keys:
        said = f"The key {known.key.line} never signed this log."
        return Answer(question=question, outcome=Outcome.FAIL, said=said)
    earlier = known.checkpoint
    if earlier is None or earlier.size == 0:
        said = "no earlier state of it is known here; the one of today is kept"
        return Answer(question=question, outcome=Outcome.MISS, said=said)
    if earlier.size > len(seen.contents):
        said = f"It had {earlier.size} entries at the last look, and now has {len(seen.contents)}."
        return Answer(question=question, outcome=Outcome.FAIL, said=said)
    if earlier.origin != keys[-1].name or _root(seen, earlier.size) != earlier.root:
        said = f"History was rewritten: the first {earlier.size} entries are not what they were at the last look."
        return Answer(question=question, outcome=Outcome.FAIL, said=said)
    said = f"the first {earlier.size} entries are what they were at the last look"
    return Answer(question=question, outcome=Outcome.PASS, said=said)


def _root(seen: _Seen, size: int) -> bytes:
    return merkle.root(size, merkle.grown([merkle.leaf_hash(content) for content in seen.contents[:size]]))


async def _reports(
    record: PublicRecord, seen: _Seen, told: Told, signers: dict[str, set[str]]
) -> tuple[Mapping[UUID, Report], Answer]:
    """Fetch the reports that the log names; tell whether they are the signed bytes that it says."""
    named = [leaf for leaf in seen.entries if isinstance(leaf, ReportLeaf)]
    found: dict[UUID, Report] = {}
    wrong: list[str] = []
    withheld = 0
    lanes = asyncio.Semaphore(AT_ONCE)

    async def one(leaf: ReportLeaf) -> None:
        nonlocal withheld
        async with lanes:
            sent = await record.signed_bytes(leaf.report)
            if sent is None and await record.is_withheld(leaf.report):
                withheld += 1
                found[leaf.report] = await record.said_of(leaf.report)
                return
        objection = "the registry does not have it" if sent is None else _objection(leaf, *sent)
        if objection:
            wrong.append(f"report {leaf.report} on {leaf.subject}: {objection}")
        elif sent is not None:
            (found[leaf.report],) = formats.read(Form.OWN, sent[0])
            signers.setdefault(leaf.account, set()).add(leaf.fingerprint)
        told("reports", len(found) + len(wrong), len(named))

    told("reports", 0, len(named))
    await asyncio.gather(*(one(leaf) for leaf in named))
    wrong += [said for leaf in named if leaf.report in found and (said := misstated(leaf, found[leaf.report]))]
    return found, _genuine(len(named), withheld, wrong)


def _objection(leaf: ReportLeaf, content: bytes, signature: bytes) -> str | None:
    if digest(content) != leaf.digest:
        return "its bytes are not those that the log has"
    try:
        key = signer(content, signature)
        formats.read(Form.OWN, content)
    except DocumentError as error:
        return str(error)
    if key.fingerprint != leaf.fingerprint:
        return f"it is signed by {key.fingerprint}, and the log says by {leaf.fingerprint}"
    return None


def _genuine(named: int, withheld: int, wrong: Sequence[str]) -> Answer:
    question = "The reports are the signed bytes that the log names"
    if wrong:
        said = f"{len(wrong)} of {named} reports are not"
        return Answer(question=question, outcome=Outcome.FAIL, said=said, particulars=tuple(sorted(wrong)))
    if named == withheld:
        said = "there are no reports" if not named else f"none of the {named} reports shows its bytes to everybody"
        return Answer(question=question, outcome=Outcome.DNF, said=said)
    said = f"{named - withheld} of {named} reports: their digests and signatures hold"
    if withheld:
        said += f"; the bytes of {withheld} (form of the test suite) are not public, and taken on the registry's word"
    return Answer(question=question, outcome=Outcome.PASS, said=said)


def _derived(seen: _Seen, reports: Mapping[UUID, Report], standards: Standards) -> list[Answer]:
    """Tell whether verdicts and table follow from the reports."""
    questions = ("The verdicts in the log follow from the reports", "The table follows from the reports")
    others = other_standards(standards, _judged_by(seen.standards), seen.table.as_of)
    if others:
        said = f"the registry judges by other standards than this Allmende: {', '.join(others[:NAMED])}"
        return [Answer(question=question, outcome=Outcome.DNF, said=said) for question in questions]
    replay = Replay(standards)
    objections, verdicts = [], 0
    for leaf in seen.entries:
        if isinstance(leaf, ReportLeaf) and leaf.report in reports:
            replay.take_report(reports[leaf.report])
        elif isinstance(leaf, DecisionLeaf) and leaf.report in reports:
            objections.append(replay.take_decision(leaf, reports[leaf.report]))
        elif isinstance(leaf, VerdictLeaf):
            verdicts += 1
            objections.append(replay.take_verdict(leaf))
    wrong = tuple(said for said in objections if said)
    subjects = [subject.subject for row in seen.table.rows for subject in row.subjects]
    differing = tuple(replay.differences(subjects, _shown(seen.table), seen.table.as_of))
    return [
        _followed(questions[0], wrong, verdicts, "verdict"),
        _followed(questions[1], differing, len(seen.table.rows), "row"),
    ]


async def _certificates(record: PublicRecord, seen: _Seen, keys: tuple[VerifierKey, ...]) -> Answer | None:
    """Tell whether the certificates that are listed are those of the log, and worth what it says; None without any."""
    in_log: dict[UUID, list[CertificateLeaf | IntegratorLeaf]] = {}
    for leaf in seen.entries:
        if isinstance(leaf, CertificateLeaf | IntegratorLeaf):
            in_log.setdefault(leaf.certificate, []).append(leaf)
    said = list(await record.certificates("/api/certificates"))
    if any(isinstance(leaf, IntegratorLeaf) for leaf in seen.entries):
        said += await record.certificates("/api/integrators/certificates")
    listed = {each.id: each for each in said}
    if not in_log and not listed:
        return None
    wrong = [f"certificate {id_}: the log does not have it" for id_ in sorted(listed.keys() - in_log.keys())]
    for id_, entries in in_log.items():
        worth = standing_in_log(entries, seen.table.as_of)
        is_kept = seen.table.as_of < entries[0].expires_at + SHOWN_AFTER
        shown = listed.get(id_)
        if is_kept and (shown is None or shown.standing is not worth):
            as_what = "nothing" if shown is None else shown.standing
            wrong.append(f"certificate {id_}: it is {worth} by the log, and shown as {as_what}")
        elif is_kept and shown and not _is_credential(await record.credential(shown), entries, keys):
            wrong.append(f"certificate {id_}: its credential is not what the log has, or not signed by its key")
    question = "The certificates are those of the log"
    if wrong:
        return Answer(question=question, outcome=Outcome.FAIL, said=f"{len(wrong)} are not", particulars=tuple(wrong))
    words = f"{len(in_log)} issued, each signed and worth what the log says"
    return Answer(question=question, outcome=Outcome.PASS, said=words)


def _is_credential(
    token: bytes, entries: Sequence[CertificateLeaf | IntegratorLeaf], keys: tuple[VerifierKey, ...]
) -> bool:
    try:
        _, public = read_credential(token.decode("ascii", "replace"))
    except SignatureError:
        return False
    return is_by(public, keys) and all(entry.credential_digest == digest(token) for entry in entries)


def _followed(question: str, wrong: tuple[str, ...], number: int, noun: str) -> Answer:
    if wrong:
        return Answer(
            question=question, outcome=Outcome.FAIL, said=f"in {len(wrong)} cases they do not", particulars=wrong
        )
    if not number:
        return Answer(question=question, outcome=Outcome.DNF, said=f"there is no {noun}")
    said = f"{number} {noun}{'' if number == 1 else 's'}, each computed again"
    return Answer(question=question, outcome=Outcome.PASS, said=said)


def _shown(table: TableSaid) -> CellsShown:
    return {
        (row.name, cell.scope): {verdict.version: (verdict.outcome, dict(verdict.counts)) for verdict in cell.verdicts}
        for row in table.rows
        for cell in row.cells
    }


def _judged_by(said: StandardsSaid) -> Mapping[UUID, Mapping[str, tuple[str, frozenset[str]]]]:
    return {
        scope.uuid: {
            version.name: (version.validity, frozenset(one for ids in version.testcases.values() for one in ids))
            for version in scope.versions
        }
        for scope in said.scopes
    }
