"""What every database behind the registry must do; `conftest.py` says which database that is."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import MetaData

from allmende.errors import StoreError
from allmende.health.store.tables import metadata as health_metadata
from allmende.operations.store.tables import metadata as operations_metadata
from allmende.outcome import Evidence, Outcome
from allmende.registry.model.accounts import Role, SigningKey, Token, TokenScope
from allmende.registry.model.record import CurrentResult, Subject, Submission
from allmende.registry.rules.admission import brought_up_to_date, content_digest
from allmende.registry.store import accounts, reports, revision, subjects, tokens
from allmende.registry.store.tables import metadata
from allmende.report.document import Report, ReportedEvidence, ReportedExclusion, Result, Tool
from allmende.standards.exclusions import Exclusion
from allmende.standards.verdict import verdict
from allmende.storage.database import Database

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
IAAS = UUID("50393e6f-2ae1-4c5c-a62c-3b75f2abef3f")


def report(*results: tuple[str, Any, datetime], subject: str = "cloud", id_: UUID | None = None) -> Report:
    """A report with these results, made by a run that ended with the newest of them."""
    finished = max(checked_at for _, _, checked_at in results)
    return Report(
        id=id_ or uuid4(),
        subject=subject,
        scope=IAAS,
        scope_name="SCS-compatible IaaS",
        started_at=finished,
        finished_at=finished,
        requests=9,
        tool=Tool(name="allmende", version="0.1.0"),
        results=tuple(
            Result(
                testcase=testcase,
                outcome=outcome,
                summary=f"{testcase} is {outcome}.",
                checked_at=checked_at,
                evidence=(ReportedEvidence(subject="flavor", seen="2", demanded="4", ok=False),),
                notes=("a note",),
            )
            for testcase, outcome, checked_at in results
        ),
    )


def submission(content: bytes = b"content") -> Submission:
    """A submission of the account `operator`."""
    return Submission(
        account="operator",
        media_type="application/x-signed-yaml",
        signature=b"signature",
        content=content,
        fingerprint="SHA256:abc",
        received_at=NOON,
    )


def store(database: Database, *documents: Report) -> None:
    """Store the documents as `run.accept` does."""
    with database.writing() as connection:
        number = reports.add_submission(connection, submission())
        for document in documents:
            reports.add(connection, number, document, content_digest(document))
            known = reports.current(connection, document.subject).get((document.subject, document.scope), ())
            changed = brought_up_to_date({result.testcase: result for result in known}, document.id, document.results)
            reports.put_current(connection, document.subject, document.scope, changed)


def current(database: Database, subject: str = "cloud") -> dict[str, CurrentResult]:
    with database.reading() as connection:
        return {r.testcase: r for r in reports.current(connection, subject).get((subject, IAAS), ())}


@pytest.fixture
def peopled(database: Database) -> Database:
    """A database with the subject `cloud` and the account `operator`."""
    with database.writing() as connection:
        subjects.put(connection, Subject(id="cloud", name="Cloud"))
        accounts.add(connection, "operator", NOON)
    return database


def test_the_migrations_make_the_tables(database: Database) -> None:
    def is_ours(name: str | None, *_: object) -> bool:
        return not (name or "").startswith("procrastinate_")

    with database.reading() as connection:
        tables = MetaData()
        for table in (
            *metadata.tables.values(),
            *health_metadata.tables.values(),
            *operations_metadata.tables.values(),
        ):
            table.to_metadata(tables)
        context = MigrationContext.configure(connection, opts={"include_name": is_ours})
        assert compare_metadata(context, tables) == []


def test_migrating_again_changes_nothing(peopled: Database) -> None:
    peopled.migrate()
    with peopled.reading() as connection:
        assert [subject.id for subject in subjects.everyone(connection)] == ["cloud"]


def test_a_subject_is_found_and_gets_a_new_face(peopled: Database) -> None:
    face = Subject(
        id="cloud",
        name="Größe",
        operator="Operator & Söhne",
        description="<b>public</b>",
        group="Clouds",
        url="https://example.org",
        health_url="https://health.example.org",
    )
    with peopled.writing() as connection:
        subjects.put(connection, face)
    with peopled.reading() as connection:
        assert subjects.everyone(connection) == (face,)
        assert subjects.find(connection, "nobody") is None


def test_an_account_has_keys_subjects_and_roles(peopled: Database) -> None:
    key = SigningKey(account="operator", public_key="ssh-ed25519 AAAA", fingerprint="SHA256:abc", added_at=NOON)
    with peopled.writing() as connection:
        accounts.add(connection, "operator", NOON + timedelta(days=1))
        for _ in range(2):
            accounts.grant(connection, "operator", "cloud")
            accounts.add_key(connection, key)
            accounts.give_role(connection, "operator", Role.ASSESSOR)
    with peopled.reading() as connection:
        account = accounts.find(connection, "operator")
        assert account is not None
        assert (account.name, account.created_at, account.subjects) == ("operator", NOON, frozenset({"cloud"}))
        assert account.roles == {Role.ASSESSOR}
        assert accounts.keys_of(connection, "operator") == (key,)
    with peopled.writing() as connection:
        assert accounts.drop_key(connection, "operator", "SHA256:abc")
        assert not accounts.drop_key(connection, "operator", "SHA256:abc")


def test_tokens_come_back_and_end(peopled: Database) -> None:
    one, two = (
        Token(
            id=id_,
            account="operator",
            name=id_,
            scopes=frozenset({TokenScope.READ}),
            hash="h",
            made_at=NOON,
            expires_at=NOON + timedelta(days=1),
        )
        for id_ in ("one", "two")
    )
    with peopled.writing() as connection:
        tokens.add(connection, one)
        tokens.add(connection, two)
        tokens.used(connection, "two", NOON)
        assert tokens.revoke(connection, "operator", NOON, "one") == 1
        assert tokens.revoke(connection, "operator", NOON, "one") == 0
    with peopled.reading() as connection:
        assert tokens.find(connection, "one") == replace(one, revoked_at=NOON)
        assert tokens.of_account(connection, "operator") == (replace(one, revoked_at=NOON), replace(two, used_at=NOON))
        assert tokens.find(connection, "three") is None


def test_a_report_comes_back_as_it_was(peopled: Database) -> None:
    document = report(("scs-0100-syntax-check", Outcome.FAIL, NOON))
    store(peopled, document)
    with peopled.reading() as connection:
        found = reports.find(connection, document.id)
        assert found is not None
        assert (found.subject, found.scope, found.tool, found.requests) == ("cloud", IAAS, "allmende 0.1.0", 9)
        assert (found.finished_at, found.received_at, found.fingerprint) == (NOON, NOON, "SHA256:abc")
        assert reports.newest(connection, "cloud", 10) == (found,)
        assert reports.content_digest(connection, document.id) == content_digest(document)
        assert reports.submission_of(connection, document.id) == submission()
        (result,) = reports.results_of(connection, document.id)
        assert (result.testcase, result.outcome, result.checked_at) == (
            "scs-0100-syntax-check",
            Outcome.FAIL,
            NOON,
        )
        assert result.evidence == (Evidence(subject="flavor", seen="2", demanded="4", ok=False),)
        assert result.notes == ("a note",)
        assert reports.current_in_full(connection, "cloud") == ((IAAS, result),)


def test_exclusions_come_back_with_their_report_and_stay_while_it_counts(peopled: Database) -> None:
    said = ReportedExclusion(
        testcase="a", reason="Größe\nfolgt", owner="Team <t@example.org>", expires=date(2027, 1, 31)
    )
    excluding = report(("a", Outcome.FAIL, NOON)).model_copy(update={"exclusions": (said,)})
    store(peopled, excluding, report(("b", Outcome.PASS, NOON)))
    expected = Exclusion(testcase="a", reason="Größe\nfolgt", owner="Team <t@example.org>", expires=date(2027, 1, 31))
    with peopled.reading() as connection:
        assert reports.exclusions_of(connection, excluding.id) == (expected,)
        assert reports.exclusions_behind(connection, "cloud") == {excluding.id: [expected]}
        assert reports.exclusions_behind(connection, "another") == {}
    store(peopled, report(("a", Outcome.FAIL, NOON + timedelta(hours=1))))
    with peopled.reading() as connection:
        assert reports.exclusions_of(connection, excluding.id) == (expected,)
        assert reports.exclusions_behind(connection, "cloud") == {}


def test_what_is_not_there_is_none(peopled: Database) -> None:
    with peopled.reading() as connection:
        assert reports.find(connection, uuid4()) is None
        assert reports.submission_of(connection, uuid4()) is None
        assert reports.results_of(connection, uuid4()) == ()
        assert reports.count(connection) == 0


def test_newer_results_replace_older_ones_and_late_reports_do_not(peopled: Database) -> None:
    hour = timedelta(hours=1)
    store(peopled, report(("a", Outcome.PASS, NOON), ("b", Outcome.FAIL, NOON)))
    store(peopled, report(("a", Outcome.FAIL, NOON + hour)))
    store(peopled, report(("a", Outcome.DNF, NOON - hour), ("b", Outcome.PASS, NOON - hour)))
    found = current(peopled)
    assert (found["a"].outcome, found["a"].last_passed) == (Outcome.FAIL, NOON)
    assert (found["b"].outcome, found["b"].last_passed) == (Outcome.FAIL, NOON - hour)


def test_history_is_in_order_and_begins_where_asked(peopled: Database) -> None:
    for days in (3, 1, 2, 40):
        store(peopled, report(("a", Outcome.PASS, NOON - timedelta(days=days))))
    with peopled.reading() as connection:
        found = reports.outcomes_since(connection, "cloud", IAAS, NOON - timedelta(days=30))
    assert found == tuple(("a", NOON - timedelta(days=days), Outcome.PASS) for days in (3, 2, 1))


def test_reports_and_results_of_some_subjects_come_newest_first(peopled: Database) -> None:
    with peopled.writing() as connection:
        subjects.put(connection, Subject(id="other", name="Other"))
    days = [NOON - timedelta(days=n) for n in (2, 0, 9)]
    documents = [report(("a", Outcome.PASS, day), ("b", Outcome.FAIL, day)) for day in days]
    store(peopled, *documents, report(("a", Outcome.DNF, NOON), subject="other"))
    older, newest, oldest = (document.id for document in documents)
    since = NOON - timedelta(days=7)
    with peopled.reading() as connection:
        assert reports.newest_ids(connection, {"cloud"}, 9, 0) == (newest, older, oldest)
        assert reports.newest_ids(connection, {"cloud"}, 1, 1) == (older,)
        assert reports.newest_ids(connection, set(), 9, 0) == ()
        found = reports.recent_results(connection, {"cloud"}, since, manual=(), approved=None, limit=9, skip=0)
        assert [(r.report, r.testcase, r.outcome) for r in found] == [
            (newest, "a", Outcome.PASS),
            (newest, "b", Outcome.FAIL),
            (older, "a", Outcome.PASS),
            (older, "b", Outcome.FAIL),
        ]
        assert (found[0].subject, found[0].scope, found[0].checked_at) == ("cloud", IAAS, NOON)
        passed = reports.recent_results(
            connection, {"cloud", "other"}, since, manual=(), approved=True, limit=9, skip=1
        )
        assert [r.report for r in passed] == [older]
        others = reports.recent_results(
            connection, {"cloud", "other"}, since, manual=(), approved=False, limit=9, skip=0
        )
        assert [r.outcome for r in others if r.subject == "other"] == [Outcome.DNF]
        stated = reports.recent_results(connection, {"cloud"}, since, manual={"a"}, approved=True, limit=9, skip=0)
        assert stated == (), "what people judge is approved when it is accepted"


def test_each_change_of_what_is_shown_has_a_number_of_its_own(peopled: Database) -> None:
    def number() -> int:
        with peopled.reading() as connection:
            return revision.number(connection)

    def of_subjects() -> Mapping[str, int]:
        with peopled.reading() as connection:
            found = revision.of_subjects(connection)
            assert all(revision.of_subject(connection, id_) == number for id_, number in found.items())
            assert revision.of_subject(connection, "nobody") is None
            return found

    with peopled.writing() as connection:
        subjects.put(connection, Subject(id="other", name="Other"))
    others = number()
    store(peopled, report(("a", Outcome.PASS, NOON)))
    with_report = number()
    store(peopled, report(("a", Outcome.FAIL, NOON - timedelta(hours=1))))
    with_late_report = number()
    with peopled.writing() as connection:
        subjects.put(connection, Subject(id="cloud", name="Another name"))
    assert others < with_report < with_late_report < number()
    assert of_subjects() == {"other": others, "cloud": number()}


def test_a_reader_sees_one_state(peopled: Database) -> None:
    with peopled.reading() as connection:
        before = subjects.everyone(connection)
        with peopled.writing() as writer:
            subjects.put(writer, Subject(id="another", name="Another"))
        assert subjects.everyone(connection) == before
    with peopled.reading() as connection:
        assert len(subjects.everyone(connection)) == 2


def test_a_block_that_raises_leaves_nothing(peopled: Database) -> None:
    def half() -> None:
        with peopled.writing() as connection:
            number = reports.add_submission(connection, submission())
            reports.add(connection, number, report(("a", Outcome.PASS, NOON)), "digest")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        half()
    with peopled.reading() as connection:
        assert reports.count(connection) == 0


def test_a_report_for_nobody_is_an_error_of_the_store(peopled: Database) -> None:
    with pytest.raises(StoreError):
        store(peopled, report(("a", Outcome.PASS, NOON), subject="nobody"))


def test_many_writers_at_once_lose_nothing(peopled: Database) -> None:
    documents = [report(("a", Outcome.PASS, NOON + timedelta(seconds=i))) for i in range(24)]
    errors: list[BaseException] = []

    def write(own: Sequence[Report]) -> None:
        try:
            for document in own:
                with peopled.writing() as connection:
                    reports.lock(connection, "cloud")
                    number = reports.add_submission(connection, submission())
                    reports.add(connection, number, document, "digest")
                    known = reports.current(connection, "cloud").get(("cloud", IAAS), ())
                    changed = brought_up_to_date({r.testcase: r for r in known}, document.id, document.results)
                    reports.put_current(connection, "cloud", IAAS, changed)
        except BaseException as error:  # noqa: BLE001 -- shown by the assertion in the test's own thread
            errors.append(error)

    threads = [threading.Thread(target=write, args=(documents[i::4],)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with peopled.reading() as connection:
        assert reports.count(connection) == 24
    assert current(peopled)["a"].checked_at == NOON + timedelta(seconds=23)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15, deadline=None)
@given(st.data())
def test_the_current_results_are_those_a_reader_of_all_would_find(peopled: Database, data: Any) -> None:
    subject = f"cloud-{uuid4()}"
    with peopled.writing() as connection:
        subjects.put(connection, Subject(id=subject, name="Cloud"))
    entries = st.tuples(
        st.sampled_from("abc"),
        st.sampled_from([Outcome.PASS, Outcome.FAIL, Outcome.DNF]),
        st.integers(min_value=0, max_value=3).map(lambda hours: NOON + timedelta(hours=hours)),
    )
    several = st.lists(st.lists(entries, min_size=1, max_size=3, unique_by=lambda e: e[0]), min_size=1, max_size=5)
    documents = [report(*results, subject=subject) for results in data.draw(several)]
    store(peopled, *documents)
    found = current(peopled, subject)
    for testcase in "abc":
        every = [r for d in documents for r in d.results if r.testcase == testcase]
        if not every:
            assert testcase not in found
            continue
        newest = max(r.checked_at for r in every)
        worst = verdict(r.outcome for r in every if r.checked_at == newest)
        passes = [r.checked_at for r in every if r.outcome is Outcome.PASS]
        assert (found[testcase].checked_at, found[testcase].outcome) == (newest, worst)
        assert found[testcase].last_passed == max(passes, default=None)
