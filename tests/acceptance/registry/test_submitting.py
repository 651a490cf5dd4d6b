"""POST /reports: what is recorded, and how each wrong input is answered. Nothing refused is ever stored or counted."""

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from allmende.outcome import Outcome
from allmende.registry.model.record import Subject
from allmende.registry.run import administer
from allmende.registry.run.registry import Registry
from allmende.registry.store import reports
from allmende.report.document import Report, ReportedExclusion
from allmende.report.formats import Form, write
from allmende.report.keys import ed25519_key, parse_public_key
from allmende.report.sign import joined, signed
from allmende.testing.registry import Operator, made_report, registered

Send = Callable[..., Awaitable[httpx.Response]]
STRANGER = ed25519_key(b"s" * 32)


@pytest.fixture
def send(client: httpx.AsyncClient, operator: Operator) -> Send:
    async def post(body: bytes, form: str = Form.OWN, **options: Any) -> httpx.Response:
        options.setdefault("auth", operator.credentials)
        headers = {"Content-Type": str(form), **options.pop("headers", {})}
        return await client.post("/reports", content=body, headers=headers, **options)

    return post


@pytest.fixture
def report(registry: Registry, now: datetime) -> Report:
    return made_report(registry.standards, "cloud", now)


def _stored(registry: Registry) -> int:
    with registry.database.reading() as connection:
        assert (connection.execute(text("SELECT count(*) FROM results")).scalar_one() == 0) is (
            reports.count(connection) == 0
        )
        return reports.count(connection)


def _changed(report: Report, **changes: Any) -> Report:
    return report.model_copy(update=changes)


def _refused(answer: httpx.Response, status: int, kind: str, *words: str) -> None:
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json"), answer.text
    problem = answer.json()
    assert problem["type"] == f"urn:allmende:problem:{kind}"
    assert problem["status"] == status
    for word in words:
        assert word in f"{problem['detail']} {problem['next']}"


@pytest.mark.parametrize("form", list(Form))
async def test_a_signed_report_is_recorded_and_counts(
    send: Send, client: httpx.AsyncClient, operator: Operator, report: Report, form: Form
) -> None:
    answer = await send(operator.body(report, form=form), form)
    assert answer.status_code == 201, answer.text
    (line,) = answer.json()["reports"]
    assert (line["report"], line["subject"], line["is_new"]) == (str(report.id), "cloud", True)

    (row,) = (await client.get("/api/table")).json()["rows"]
    cell = row["cells"][0]
    assert (row["name"], cell["version"], cell["outcome"]) == ("A cloud", "v5.1", "PASS")
    record = (await client.get("/api/subjects/cloud")).json()
    assert [r["id"] for r in record["reports"]] == [str(report.id)]


async def test_what_the_public_tools_send_is_recorded(
    send: Send, client: httpx.AsyncClient, registry: Registry, operator: Operator, now: datetime, tmp_path: Path
) -> None:
    """Sign with ssh-keygen and join with an ampersand, as `curl --data-binary @sig --data-binary @yaml` does."""
    key = tmp_path / "id"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    public = parse_public_key(key.with_suffix(".pub").read_text())
    administer.ensure_key(registry, "operator", public, now)
    administer.ensure_subject(registry, Subject(id="second", name="Second"))
    administer.ensure_grant(registry, "operator", "second")
    several = [made_report(registry.standards, subject, now) for subject in ("cloud", "second")]
    file = tmp_path / "report.yaml"
    file.write_bytes(write(Form.UPSTREAM_YAML, several))
    subprocess.run(["ssh-keygen", "-Y", "sign", "-q", "-n", "report", "-f", key, file], check=True)

    signature = file.with_suffix(".yaml.sig").read_bytes()
    answer = await send(signature + b"&" + file.read_bytes(), Form.UPSTREAM_YAML)

    assert answer.status_code == 201, answer.text
    assert [line["subject"] for line in answer.json()["reports"]] == ["cloud", "second"]
    assert answer.json()["fingerprint"] == public.fingerprint
    kept = await client.get(f"/api/reports/{several[0].id}/document", auth=operator.credentials)
    assert kept.content == file.read_bytes()
    assert (await client.get(f"/api/reports/{several[0].id}/signature")).content == signature


async def test_sending_the_same_again_changes_nothing(
    send: Send, registry: Registry, operator: Operator, report: Report
) -> None:
    body = operator.body(report)
    assert (await send(body)).status_code == 201
    again = await send(body)
    assert again.status_code == 200
    assert [line["is_new"] for line in again.json()["reports"]] == [False]
    assert _stored(registry) == 1


async def test_another_report_with_the_same_id_is_a_conflict(
    send: Send, registry: Registry, operator: Operator, report: Report, now: datetime
) -> None:
    assert (await send(operator.body(report))).status_code == 201
    other = made_report(registry.standards, "cloud", now - timedelta(hours=1), id_=report.id)
    _refused(await send(operator.body(other)), 409, "conflict", str(report.id))
    assert _stored(registry) == 1


async def test_many_reports_at_once_are_all_recorded(
    send: Send, registry: Registry, operator: Operator, now: datetime
) -> None:
    bodies = [
        operator.body(made_report(registry.standards, "cloud", now - timedelta(minutes=minute))) for minute in range(20)
    ]
    answers = await asyncio.gather(*(send(body) for body in bodies))
    assert {answer.status_code for answer in answers} == {201}
    assert _stored(registry) == 20


async def test_the_same_report_at_once_is_recorded_once(
    send: Send, registry: Registry, operator: Operator, report: Report
) -> None:
    body = operator.body(report)
    answers = await asyncio.gather(*(send(body) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert _stored(registry) == 1


@pytest.mark.parametrize("credentials", [None, ("operator", "wrong"), ("stranger", "wrong"), ("operator", "")])
async def test_who_is_not_known_is_asked_to_say_so(
    send: Send, registry: Registry, operator: Operator, report: Report, credentials: tuple[str, str] | None
) -> None:
    answer = await send(operator.body(report), auth=credentials)
    _refused(answer, 401, "not-authenticated", "basic authentication")
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    assert _stored(registry) == 0


async def test_a_token_opens_its_own_account_only(
    send: Send, registry: Registry, operator: Operator, report: Report, now: datetime
) -> None:
    other = registered(registry, "other", now=now)
    _refused(await send(operator.body(report), auth=("operator", other.token)), 401, "not-authenticated")


async def test_an_unsigned_report_is_refused(send: Send, registry: Registry, report: Report) -> None:
    _refused(await send(write(Form.OWN, [report])), 401, "unsigned", "ampersand")
    _refused(await send(b""), 401, "unsigned")
    assert _stored(registry) == 0


async def test_a_report_that_was_changed_is_refused(
    send: Send, registry: Registry, operator: Operator, report: Report
) -> None:
    body = operator.body(report).replace(b'"PASS"', b'"FAIL"', 1)
    _refused(await send(body), 401, "signature-invalid", "changed after signing")
    assert _stored(registry) == 0


async def test_a_report_signed_by_a_stranger_is_refused(
    send: Send, registry: Registry, operator: Operator, report: Report
) -> None:
    content = write(Form.OWN, [report])
    answer = await send(joined(signed(content, STRANGER), content))
    _refused(answer, 403, "unknown-signer", STRANGER.public.fingerprint)
    assert _stored(registry) == 0


async def test_a_key_of_another_account_is_a_strangers(
    send: Send, registry: Registry, operator: Operator, report: Report, now: datetime
) -> None:
    other = registered(registry, "other", now=now)
    _refused(await send(other.body(report)), 403, "unknown-signer")
    assert _stored(registry) == 0


async def test_a_key_that_was_removed_no_longer_signs(
    send: Send, registry: Registry, operator: Operator, report: Report
) -> None:
    administer.drop_key(registry, "operator", operator.key.public.fingerprint)
    _refused(await send(operator.body(report)), 403, "unknown-signer")


async def test_a_report_for_a_foreign_subject_is_refused(
    send: Send, registry: Registry, operator: Operator, report: Report, now: datetime
) -> None:
    registered(registry, "other", Subject(id="theirs", name="Theirs"), now=now)
    for subject in ("theirs", "nobodys"):
        answer = await send(operator.body(_changed(report, subject=subject)))
        _refused(answer, 403, "foreign-subject", subject, "operator")
    assert _stored(registry) == 0


async def test_one_wrong_report_of_a_stream_refuses_all_of_it(
    send: Send, registry: Registry, operator: Operator, report: Report
) -> None:
    foreign = _changed(report, subject="theirs", id=uuid4())
    answer = await send(operator.body(report, foreign, form=Form.UPSTREAM_YAML), Form.UPSTREAM_YAML)
    _refused(answer, 403, "foreign-subject")
    assert _stored(registry) == 0


async def test_too_large_a_report_is_refused(
    send: Send, registry: Registry, operator: Operator, report: Report
) -> None:
    body = operator.body(report) + b" " * registry.limits.max_bytes
    _refused(await send(body), 413, "too-large", str(registry.limits.max_bytes))
    assert _stored(registry) == 0


async def test_an_endless_report_is_cut_off(send: Send, registry: Registry) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 100:
            sent += 1
            yield b"x" * 256 * 1024

    _refused(await send(endless()), 413, "too-large")
    assert sent * 256 * 1024 <= registry.limits.max_bytes + 256 * 1024


@pytest.mark.parametrize("form", ["application/json", "text/plain", "", "multipart/form-data; boundary=x"])
async def test_a_form_that_is_not_known_is_refused(send: Send, operator: Operator, report: Report, form: str) -> None:
    _refused(await send(operator.body(report), form), 415, "unsupported-form", Form.UPSTREAM_YAML)


async def test_a_compressed_body_is_refused(send: Send, operator: Operator, report: Report) -> None:
    answer = await send(operator.body(report), headers={"Content-Encoding": "gzip"})
    _refused(answer, 415, "unsupported-form", "gzip")


@pytest.mark.parametrize(
    ("form", "content", "word"),
    [
        (Form.OWN, b"\xff\xfe\x00", "not UTF-8"),
        (Form.UPSTREAM_YAML, b"subject: \xe9t\xe9", "not UTF-8"),
        (Form.OWN, b"{", "not JSON"),
        (Form.UPSTREAM_YAML, b"a: &a [*a]", "Anchors"),
        (Form.UPSTREAM_YAML, b"subject: [", "not YAML"),
        (Form.OWN, b'{"schema": "allmende.report/2"}', "schema"),
    ],
)
async def test_what_cannot_be_read_is_refused(
    send: Send, registry: Registry, operator: Operator, form: Form, content: bytes, word: str
) -> None:
    _refused(await send(joined(signed(content, operator.key), content), form), 422, "malformed", word)
    assert _stored(registry) == 0


async def test_an_outcome_that_cannot_be_reported_is_refused(send: Send, operator: Operator, report: Report) -> None:
    value = json.loads(write(Form.OWN, [report]))
    value["results"][0]["outcome"] = "MISS"
    content = json.dumps(value).encode()
    _refused(await send(joined(signed(content, operator.key), content)), 422, "malformed", "results.0.outcome")


def _excluding(report: Report, *testcases: str, days: int = 30, owner: str = "Team <t@example.org>") -> Report:
    expires = (report.finished_at + timedelta(days=days)).date()
    said = (
        ReportedExclusion.model_construct(testcase=t, reason="Later.", owner=owner, expires=expires) for t in testcases
    )
    return _changed(report, exclusions=tuple(said))


def _with_results(report: Report, **changes: Any) -> Report:
    return _changed(report, results=tuple(result.model_copy(update=changes) for result in report.results))


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda r, now: _changed(r, results=()), "no-results"),
        (lambda r, now: _changed(r, scope=uuid4()), "unknown-scope"),
        (lambda r, now: _with_results(_changed(r, results=r.results[:2]), testcase="scs-9999-x"), "duplicate-testcase"),
        (lambda r, now: _with_results(_changed(r, results=r.results[:1]), testcase="scs-9999-x"), "unknown-testcase"),
        (lambda r, now: _changed(r, finished_at=now + timedelta(minutes=6)), "from-the-future"),
        (lambda r, now: _with_results(r, checked_at=now + timedelta(days=1)), "from-the-future"),
        (lambda r, now: _changed(r, started_at=now, finished_at=now - timedelta(days=1)), "inconsistent-times"),
        (
            lambda r, now: _changed(r, started_at=now - timedelta(2), finished_at=now - timedelta(1)),
            "inconsistent-times",
        ),
        (lambda r, now: _with_results(r, checked_at=now - timedelta(days=400)), "too-old"),
        (lambda r, now: _changed(r, started_at=datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))), "malformed"),
        (lambda r, now: _changed(r, requests=2**31), "malformed"),
        (lambda r, now: _excluding(r, "scs-9999-x"), "exclusion-not-in-order"),
        (lambda r, now: _excluding(r, "scs-0100-syntax-check", "scs-0100-syntax-check"), "exclusion-not-in-order"),
        (lambda r, now: _excluding(r, "scs-0100-syntax-check", days=-1), "exclusion-not-in-order"),
        (lambda r, now: _excluding(r, "scs-0100-syntax-check", days=367), "exclusion-not-in-order"),
        (lambda r, now: _excluding(r, "scs-0100-syntax-check", owner=""), "malformed"),
        (lambda r, now: _changed(r, scope_name="\u202esetatS"), "malformed"),
    ],
)
async def test_what_may_not_be_recorded_is_refused(
    send: Send,
    registry: Registry,
    operator: Operator,
    report: Report,
    now: datetime,
    change: Callable[[Report, datetime], Report],
    kind: str,
) -> None:
    _refused(await send(operator.body(change(report, now))), 422, kind)
    assert _stored(registry) == 0


async def test_a_stream_without_reports_is_refused(send: Send, operator: Operator) -> None:
    content = b"---\n---\n"
    answer = await send(joined(signed(content, operator.key), content), Form.UPSTREAM_YAML)
    _refused(answer, 422, "no-results")


async def test_a_clock_that_is_a_little_ahead_is_forgiven_and_hides_nothing(
    send: Send, client: httpx.AsyncClient, registry: Registry, operator: Operator, now: datetime
) -> None:
    ahead = made_report(registry.standards, "cloud", now + timedelta(minutes=4))
    assert (await send(operator.body(ahead))).status_code == 201
    (row,) = (await client.get("/api/table")).json()["rows"]
    assert row["cells"][0]["outcome"] == "PASS"


async def test_a_report_without_an_important_testcase_is_recorded_and_does_not_pass(
    send: Send, client: httpx.AsyncClient, registry: Registry, operator: Operator, now: datetime
) -> None:
    partial = made_report(registry.standards, "cloud", now, {"scs-0115-default-rules": Outcome.MISS})
    assert (await send(operator.body(partial))).status_code == 201
    (row,) = (await client.get("/api/table")).json()["rows"]
    assert row["cells"][0]["outcome"] == "MISS"


async def test_a_full_disk_refuses_and_keeps_nothing_half(
    send: Send, client: httpx.AsyncClient, registry: Registry, operator: Operator, report: Report
) -> None:
    with registry.database.reading() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
    with registry.database.writing() as connection:
        connection.execute(text(f"PRAGMA max_page_count = {pages + 1}"))
    answers = [await send(operator.body(report)) for _ in range(2)]
    for answer in answers:
        _refused(answer, 507, "store-full", "Nothing of this request was stored")
    assert _stored(registry) == 0
    assert (await client.get("/api/table")).status_code == 200


async def test_a_database_that_cannot_be_written_refuses_and_is_still_read(
    send: Send, registry: Registry, operator: Operator, report: Report, caplog: pytest.LogCaptureFixture
) -> None:
    with registry.database.writing() as connection:
        connection.execute(
            text("CREATE TRIGGER no BEFORE INSERT ON results BEGIN SELECT RAISE(ABORT, 'no such luck'); END")
        )
    answer = await send(operator.body(report))
    _refused(answer, 503, "store-unavailable")
    assert answer.headers["Retry-After"] == "30"
    assert "no such luck" in caplog.text
    assert "no such luck" not in answer.text
    assert _stored(registry) == 0


async def test_a_browser_is_answered_in_words(client: httpx.AsyncClient, operator: Operator) -> None:
    answer = await client.post("/reports", content=b"", headers={"Accept": "text/html"})
    assert answer.status_code == 401
    assert answer.headers["Content-Type"].startswith("text/html")
