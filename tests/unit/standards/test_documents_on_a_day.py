"""What documents and scopes were on a day: status, title, track, validity."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allmende.standards.load import load_standards
from allmende.standards.model import DocumentType, DocumentVersion, FormerFace, Status, Track, Validity
from allmende.standards.overview import State, overview

STANDARDS = load_standards()
DOCUMENTS = {document.name: document for document in STANDARDS.documents}
days = st.dates(min_value=date(2020, 1, 1), max_value=date(2030, 1, 1))

DOCUMENT = DocumentVersion(
    id="scs-0900",
    version="v1",
    title="Third",
    type=DocumentType.STANDARD,
    track=Track.IAAS,
    published=date(2024, 1, 1),
    stabilized=date(2024, 6, 1),
    deprecated=date(2025, 6, 1),
    former=(
        FormerFace(until=date(2024, 2, 1), title="First", track=Track.GLOBAL, type=DocumentType.PROCEDURAL),
        FormerFace(until=date(2024, 3, 1), title="Second"),
    ),
)


@pytest.mark.parametrize(
    ("on", "status"),
    [
        (date(2024, 1, 1), Status.DRAFT),
        (date(2024, 5, 31), Status.DRAFT),
        (date(2024, 6, 1), Status.STABLE),
        (date(2025, 5, 31), Status.STABLE),
        (date(2025, 6, 1), Status.DEPRECATED),
    ],
)
def test_a_status_begins_on_its_day(on: date, status: Status) -> None:
    assert DOCUMENT.status(on) is status


@pytest.mark.parametrize(
    ("on", "face"),
    [
        (date(2024, 1, 31), ("First", Track.GLOBAL, DocumentType.PROCEDURAL)),
        (date(2024, 2, 1), ("Second", Track.IAAS, DocumentType.STANDARD)),
        (date(2024, 3, 1), ("Third", Track.IAAS, DocumentType.STANDARD)),
    ],
)
def test_a_face_holds_until_its_day(on: date, face: tuple[str, Track, DocumentType]) -> None:
    then = DOCUMENT.as_of(on)
    assert (then.title, then.track, then.type) == face


def test_a_document_is_not_listed_before_the_overview_had_it() -> None:
    notes = DOCUMENTS["scs-0102-w1"]
    assert notes.published < date(2024, 12, 11)
    assert not notes.is_public(date(2024, 12, 11))
    assert notes.is_public(date(2024, 12, 12))


@given(days)
def test_the_overview_of_a_day_holds_each_public_document_once(on: date) -> None:
    rows = overview(STANDARDS.documents, on)
    assert len({row.id for row in rows}) == len(rows)
    assert sum(len(names) for row in rows for names in row.versions.values()) == sum(
        document.is_public(on) and document.type is not DocumentType.SUPPLEMENT for document in STANDARDS.documents
    )


@given(days, days)
def test_documents_never_vanish_and_never_become_draft_again(one: date, other: date) -> None:
    early, late = sorted((one, other))
    then = {row.id: row for row in overview(STANDARDS.documents, early)}
    now = {row.id: row for row in overview(STANDARDS.documents, late)}
    assert set(then) <= set(now)
    for id_, row in then.items():
        grown_up = {*row.versions.get(State.EFFECTIVE, ()), *row.versions.get(State.DEPRECATED, ())}
        assert not grown_up.intersection(now[id_].versions.get(State.DRAFT, ()))


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2020, 12, 31), {}),
        (date(2024, 6, 1), {"v4": Validity.EFFECTIVE, "v3": Validity.WARN}),
        (date(2024, 12, 11), {"v5": Validity.EFFECTIVE, "v4": Validity.EFFECTIVE}),
        (date(2024, 12, 19), {"v5.1": Validity.EFFECTIVE, "v4": Validity.EFFECTIVE}),
        (date(2025, 2, 1), {"v5.1": Validity.EFFECTIVE, "v4": Validity.WARN}),
        (date(2025, 7, 1), {"v5.1": Validity.EFFECTIVE}),
        (date(2026, 11, 23), {"v5.1": Validity.EFFECTIVE, "next": Validity.DRAFT}),
    ],
)
def test_versions_of_the_iaas_scope_count_as_its_timeline_says(on: date, expected: dict[str, Validity]) -> None:
    scope = STANDARDS.scope("iaas")
    counting = {version.name: scope.validity(version.name, on) for version in scope.versions}
    assert {name: v for name, v in counting.items() if v is not Validity.DEPRECATED} == expected


@given(days.filter(lambda day: day >= date(2021, 1, 1)))
def test_at_every_time_some_version_of_the_iaas_scope_can_be_certified(on: date) -> None:
    assert STANDARDS.scope("iaas").effective(on)


@given(days)
def test_a_timeline_changes_on_its_days_only(on: date) -> None:
    for scope in STANDARDS.scopes:
        if on not in {entry.since for entry in scope.timeline}:
            before = on - timedelta(days=1)
            assert all(scope.validity(v.name, on) is scope.validity(v.name, before) for v in scope.versions)
