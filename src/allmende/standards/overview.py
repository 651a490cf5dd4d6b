"""What the public overview of documents says on a day: for each document, which version is in which state.

The overview calls a version effective from the day it is Stable. A document is known by the title and track of its
newest effective version; where there is none, of its newest draft, else of its newest deprecated version.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby
from typing import assert_never

from allmende.standards.model import DocumentType, DocumentVersion, Status, Track


class State(StrEnum):
    """The state of a document version, in the overview's words."""

    DRAFT = "draft"
    EFFECTIVE = "effective"
    DEPRECATED = "deprecated"


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewRow:
    """One document on a day: its versions (`v3`) by state, and its supplements (`w1`) with theirs."""

    id: str
    title: str
    track: Track
    versions: Mapping[State, tuple[str, ...]]
    supplements: Mapping[str, State]


def overview(documents: Iterable[DocumentVersion], on: date) -> tuple[OverviewRow, ...]:
    """Return a row for each document that was public on that day, by track and id."""
    public = sorted((d.as_of(on) for d in documents if d.is_public(on)), key=_number)
    rows = [_row(id_, list(versions), on) for id_, versions in groupby(public, key=lambda document: document.id)]
    tracks = list(Track)
    return tuple(sorted((row for row in rows if row), key=lambda row: (tracks.index(row.track), row.id)))


def state(document: DocumentVersion, on: date) -> State:
    """Return what the overview says of one version on that day."""
    match document.status(on):
        case Status.DRAFT:
            return State.DRAFT
        case Status.STABLE:
            return State.EFFECTIVE
        case Status.DEPRECATED:
            return State.DEPRECATED
        case unexpected:
            assert_never(unexpected)


def _row(id_: str, versions: list[DocumentVersion], on: date) -> OverviewRow | None:
    main = [version for version in versions if version.type is not DocumentType.SUPPLEMENT]
    if not main:
        return None
    by_state = {wanted: [v for v in main if state(v, on) is wanted] for wanted in State}
    face = (by_state[State.EFFECTIVE] or by_state[State.DRAFT] or by_state[State.DEPRECATED])[-1]
    return OverviewRow(
        id=id_,
        title=face.title,
        track=face.track,
        versions={wanted: tuple(v.version for v in found) for wanted, found in by_state.items() if found},
        supplements={v.version: state(v, on) for v in versions if v.type is DocumentType.SUPPLEMENT},
    )


def _number(document: DocumentVersion) -> tuple[str, str, tuple[int, ...]]:
    return document.id, document.version[0], tuple(int(part) for part in document.version[1:].split("."))
