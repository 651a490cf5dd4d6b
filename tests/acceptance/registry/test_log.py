"""A public record that anyone can verify: an honest one is proven, and whatever is changed in it is noticed."""

from base64 import b64decode
from collections.abc import Callable
from datetime import datetime, timedelta

import httpx
import pytest
from sqlalchemy import Connection, delete, func, select, update

from allmende.errors import RegistryUnreachableError, SettingsError
from allmende.outcome import Outcome
from allmende.registry.fetch.record import PublicRecord
from allmende.registry.model.record import Receipt, Subject
from allmende.registry.rules import leaves
from allmende.registry.rules.checkpoint import opened, parse_verifier_key, verifier_key
from allmende.registry.rules.merkle import leaf_hash, proves_consistency, proves_inclusion
from allmende.registry.run import log
from allmende.registry.run.accept import accept
from allmende.registry.run.administer import account_called
from allmende.registry.run.registry import Registry
from allmende.registry.run.verify import Known, Verification, verify
from allmende.registry.store.log import append
from allmende.registry.store.tables import (
    current_results,
    log_entries,
    log_nodes,
    log_size,
    results,
    standing_verdicts,
    submissions,
)
from allmende.registry.store.tables import reports as reports_table
from allmende.report.document import Report
from allmende.report.formats import Form
from allmende.report.keys import ed25519_key
from allmende.server import create_app
from allmende.testing.registry import Operator, made_report, notary_of, registered

DEFAULT_RULES = "scs-0115-default-rules"

SIGNED = "The state of the log is signed"
WHOLE = "The entries are those that were signed for"
KEPT = "What was in the log earlier is still in it"
GENUINE = "The reports are the signed bytes that the log names"
VERDICTS = "The verdicts in the log follow from the reports"
TABLE = "The table follows from the reports"


def recorded(registry: Registry, operator: Operator, now: datetime, *reports: Report, form: Form = Form.OWN) -> None:
    account = account_called(registry, operator.account)
    for report in reports:
        assert isinstance(accept(registry, account, form, operator.body(report, form=form), now), Receipt)


@pytest.fixture
def filled(registry: Registry, operator: Operator, now: datetime) -> Registry:
    """A record in which a cloud passed, failed, and passed again."""
    notary_of(registry, now)
    for hours, outcome in ((3, Outcome.PASS), (2, Outcome.FAIL), (1, Outcome.PASS)):
        at = now - timedelta(hours=hours)
        recorded(registry, operator, at, made_report(registry.standards, "cloud", at, {DEFAULT_RULES: outcome}))
    return registry


async def verified(registry: Registry, now: datetime, known: Known | None = None) -> Verification:
    app = create_app(registry, lambda: now, notary_of(registry, now))
    transport = httpx.ASGITransport(app=app)
    async with PublicRecord("http://registry", transport) as record:
        return await verify(record, registry.standards, known or Known(), lambda *_: None)


def outcomes(found: Verification) -> dict[str, Outcome]:
    return {answer.question: answer.outcome for answer in found.answers}


def said(found: Verification, question: str) -> str:
    (answer,) = (answer for answer in found.answers if answer.question == question)
    return " ".join((answer.said, *answer.particulars))


async def test_an_honest_record_is_proven(filled: Registry, operator: Operator, now: datetime) -> None:
    found = await verified(filled, now)
    assert outcomes(found) == {
        SIGNED: Outcome.PASS,
        WHOLE: Outcome.PASS,
        KEPT: Outcome.MISS,
        GENUINE: Outcome.PASS,
        VERDICTS: Outcome.PASS,
        TABLE: Outcome.PASS,
    }
    assert found.outcome is Outcome.PASS
    assert found.signers == {"operator": frozenset({operator.key.public.fingerprint})}
    assert "3 of 3 reports" in said(found, GENUINE)


async def test_each_transition_of_a_verdict_is_an_entry(client: httpx.AsyncClient, filled: Registry) -> None:
    documents = (await client.get("/api/log/entries")).json()["entries"]
    leaves = [entry["content"] for entry in documents]
    assert [entry["number"] for entry in documents] == list(range(len(leaves)))
    assert sum('"kind":"report"' in leaf for leaf in leaves) == 3
    changes = [leaf for leaf in leaves if '"kind":"verdict"' in leaf and '"version":"v5.1"' in leaf]
    assert ['"outcome":"PASS"' in leaf for leaf in changes] == [True, False, True]
    assert '"before":null' in changes[0]
    assert '"before":"FAIL"' in changes[2]


async def test_what_was_seen_earlier_is_proven_to_be_there_still(
    filled: Registry, operator: Operator, now: datetime
) -> None:
    earlier = await verified(filled, now)
    recorded(filled, operator, now, made_report(filled.standards, "cloud", now))
    found = await verified(filled, now, Known(checkpoint=earlier.checkpoint))
    assert outcomes(found)[KEPT] is Outcome.PASS
    assert found.outcome is Outcome.PASS


Tampering = Callable[[Connection], object]


def other_content(connection: Connection) -> None:
    content = connection.execute(select(log_entries.c.content).where(log_entries.c.number == 1)).scalar_one()
    changed = bytes(content).replace(b'"account":"operator"', b'"account":"somebody"')
    assert changed != content
    connection.execute(update(log_entries).where(log_entries.c.number == 1).values(content=changed))


def last_entry_gone(connection: Connection) -> None:
    last = connection.execute(select(func.max(log_entries.c.number))).scalar_one()
    connection.execute(delete(log_entries).where(log_entries.c.number == last))


def other_bytes(connection: Connection) -> None:
    first = connection.execute(select(func.min(submissions.c.id))).scalar_one()
    content = connection.execute(select(submissions.c.content).where(submissions.c.id == first)).scalar_one()
    changed = bytes(content).replace(b'"PASS"', b'"FAIL"', 1)
    connection.execute(update(submissions).where(submissions.c.id == first).values(content=changed))


def other_signature(connection: Connection) -> None:
    ids = connection.execute(select(submissions.c.id).order_by(submissions.c.id)).scalars().all()
    foreign = connection.execute(select(submissions.c.signature).where(submissions.c.id == ids[1])).scalar_one()
    connection.execute(update(submissions).where(submissions.c.id == ids[0]).values(signature=foreign))


def prettier_results(connection: Connection) -> None:
    where = current_results.c.testcase == DEFAULT_RULES
    connection.execute(update(current_results).where(where).values(outcome=Outcome.FAIL))


@pytest.mark.parametrize(
    ("tampering", "question", "words"),
    [
        (other_content, WHOLE, "An entry was changed"),
        (last_entry_gone, WHOLE, "entries are signed for"),
        (other_bytes, GENUINE, "its bytes are not those that the log has"),
        (other_signature, GENUINE, "signature does not fit"),
        (prettier_results, TABLE, "the table says"),
    ],
)
async def test_whatever_is_changed_is_noticed(
    filled: Registry, now: datetime, tampering: Tampering, question: str, words: str
) -> None:
    with filled.database.writing() as connection:
        tampering(connection)
    found = await verified(filled, now)
    assert outcomes(found)[question] is Outcome.FAIL
    assert words in said(found, question)
    assert found.outcome is Outcome.FAIL


async def test_a_history_that_was_rewritten_as_a_whole_is_noticed_by_who_kept_a_state(
    filled: Registry, now: datetime
) -> None:
    """The log is made again without its first report: in itself it is sound, but it is not what it was."""
    earlier = await verified(filled, now)
    with filled.database.writing() as connection:
        everything = connection.execute(select(log_entries.c.content).order_by(log_entries.c.number)).scalars().all()
        kept = [leaves.read(bytes(content)) for number, content in enumerate(everything) if number > 1]
        connection.execute(delete(log_entries))
        connection.execute(delete(log_nodes))
        connection.execute(update(log_size).values(size=0))
        key = leaves.read(bytes(everything[0]))
        append(connection, [key, *kept])  # type: ignore[list-item]  # nothing of another kind is there
    found = await verified(filled, now, Known(checkpoint=earlier.checkpoint))
    assert outcomes(found)[WHOLE] is Outcome.PASS
    assert outcomes(found)[KEPT] is Outcome.FAIL


async def test_a_log_that_another_key_signs_is_not_the_one_that_was_expected(filled: Registry, now: datetime) -> None:
    other = verifier_key("allmende.other", ed25519_key(b"x" * 32))
    found = await verified(filled, now, Known(key=other))
    assert outcomes(found)[KEPT] is Outcome.FAIL


async def test_a_verdict_that_does_not_follow_is_noticed(filled: Registry, now: datetime) -> None:
    with filled.database.writing() as connection:
        connection.execute(update(standing_verdicts).values(outcome=Outcome.FAIL))
    log.sweep(filled, now)
    found = await verified(filled, now)
    assert outcomes(found)[WHOLE] is Outcome.PASS
    assert "and before that it says PASS" in said(found, VERDICTS)


async def test_a_verdict_that_time_alone_changes_is_recorded_and_follows(filled: Registry, now: datetime) -> None:
    much_later = now + timedelta(days=90)
    size = log.checkpoint(filled).size
    log.sweep(filled, much_later)
    assert log.checkpoint(filled).size > size
    assert (await verified(filled, much_later)).outcome is Outcome.PASS
    size = log.checkpoint(filled).size
    log.sweep(filled, much_later)
    assert log.checkpoint(filled).size == size


async def test_reports_whose_bytes_are_not_public_are_never_called_verified(
    registry: Registry, operator: Operator, now: datetime
) -> None:
    recorded(registry, operator, now, made_report(registry.standards, "cloud", now), form=Form.UPSTREAM_YAML)
    found = await verified(registry, now)
    assert outcomes(found)[GENUINE] is Outcome.DNF
    assert found.outcome is Outcome.DNF
    recorded(registry, operator, now, made_report(registry.standards, "cloud", now))
    assert "1 of 2 reports" in said(await verified(registry, now), GENUINE)


async def test_a_report_that_is_not_there_is_not_taken_for_one_that_is_withheld(
    filled: Registry, now: datetime
) -> None:
    with filled.database.writing() as connection:
        report = connection.execute(select(log_entries.c.report).where(log_entries.c.number == 1)).scalar_one()
        connection.execute(delete(results).where(results.c.report == report))
        connection.execute(update(log_entries).where(log_entries.c.number == 1).values(report=None))
        connection.execute(delete(current_results))
        connection.execute(delete(reports_table).where(reports_table.c.id == report))
    found = await verified(filled, now)
    assert "the registry does not have it" in said(found, GENUINE)


async def test_reports_of_before_there_was_a_log_are_appended_in_their_order(
    registry: Registry, operator: Operator, now: datetime
) -> None:
    reports = [made_report(registry.standards, "cloud", now - timedelta(minutes=minutes)) for minutes in (9, 8, 7)]
    recorded(registry, operator, now, *reports)
    with registry.database.writing() as connection:
        connection.execute(delete(log_entries))
        connection.execute(delete(log_nodes))
        connection.execute(delete(standing_verdicts))
        connection.execute(update(log_size).values(size=0))
    notary_of(registry, now)
    log.sweep(registry, now)
    assert [log.number_of(registry, report.id) for report in reports] == [1, 2, 3]
    assert (await verified(registry, now)).outcome is Outcome.PASS


async def test_a_submission_that_is_refused_leaves_no_entry(
    client: httpx.AsyncClient, filled: Registry, operator: Operator, now: datetime
) -> None:
    before = log.checkpoint(filled)
    body = operator.body(made_report(filled.standards, "another", now))
    answer = await client.post("/reports", content=body, auth=operator.credentials, headers={"Content-Type": Form.OWN})
    assert answer.status_code == 403
    assert log.checkpoint(filled) == before


async def test_proofs_are_given_to_anybody(
    client: httpx.AsyncClient, filled: Registry, operator: Operator, now: datetime
) -> None:
    keys = [parse_verifier_key(line) for line in (await client.get("/api/log/keys")).json()["keys"]]
    first = opened((await client.get("/api/log/checkpoint")).text, keys)
    report = made_report(filled.standards, "cloud", now)
    recorded(filled, operator, now, report)
    second = opened((await client.get("/api/log/checkpoint")).text, keys)

    def hashes(document: dict[str, list[str]]) -> list[bytes]:
        return [b64decode(hash_) for hash_ in document["proof"]]

    sizes = {"first": first.size, "second": second.size}
    grown = hashes((await client.get("/api/log/proofs/consistency", params=sizes)).json())
    assert proves_consistency(first.size, second.size, grown, (first.root, second.root))
    included = (await client.get(f"/api/reports/{report.id}/log")).json()
    leaf = leaf_hash(included["content"].encode())
    assert proves_inclusion(leaf, included["number"], included["size"], hashes(included), second.root)


@pytest.mark.parametrize(
    "address",
    [
        "/api/log/proofs/inclusion?number=7000&size=7001",
        "/api/log/proofs/inclusion?number=3&size=2",
        "/api/log/proofs/consistency?first=0&second=2",
        "/api/log/proofs/consistency?first=2&second=7000",
        "/log/7000",
        "/api/reports/00000000-0000-4000-8000-000000000000/log",
    ],
)
async def test_what_is_not_in_the_log_is_answered_as_such(
    client: httpx.AsyncClient, filled: Registry, address: str
) -> None:
    answer = await client.get(address, headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert answer.json()["detail"]


async def test_what_is_no_registry_is_said_to_be_none(now: datetime) -> None:
    async def nothing(scope: object, receive: object, send: Callable[..., object]) -> None:
        await send({"type": "http.response.start", "status": 404, "headers": []})  # type: ignore[misc]
        await send({"type": "http.response.body", "body": b"<html>"})  # type: ignore[misc]

    async with PublicRecord("http://elsewhere", httpx.ASGITransport(app=nothing)) as record:
        with pytest.raises(RegistryUnreachableError, match="has a log there"):
            await verify(record, None, Known(), lambda *_: None)  # type: ignore[arg-type]  # it is not reached


def test_another_key_does_not_sign_without_being_introduced(registry: Registry, now: datetime) -> None:
    notary_of(registry, now)
    with pytest.raises(SettingsError, match="another key"):
        log.notary(registry, ed25519_key(b"y" * 32), now)


async def test_a_key_that_was_changed_in_order_leaves_everything_proven(filled: Registry, now: datetime) -> None:
    earlier = await verified(filled, now)
    new = log.rotate(filled, ed25519_key(b"y" * 32), now)
    app = create_app(filled, lambda: now, new)
    async with PublicRecord("http://registry", httpx.ASGITransport(app=app)) as record:
        found = await verify(record, filled.standards, Known(checkpoint=earlier.checkpoint), lambda *_: None)
    assert found.outcome is Outcome.PASS
    assert outcomes(found)[KEPT] is Outcome.PASS


def test_two_subjects_share_one_log(registry: Registry, now: datetime) -> None:
    for name in ("one", "two"):
        operator = registered(registry, name, Subject(id=f"{name}-cloud", name=name), now=now)
        recorded(registry, operator, now, made_report(registry.standards, f"{name}-cloud", now))
    entries = log.entries(registry, 0, 100)
    assert [entry.number for entry in entries] == list(range(len(entries)))
    assert {b"one-cloud" in entry.content for entry in entries} == {True, False}
