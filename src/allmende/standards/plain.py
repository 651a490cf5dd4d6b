"""The standards as plain values, for JSON: the same words as everywhere, days as ISO dates, nothing that is empty."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from allmende.standards.difference import Change
from allmende.standards.model import DocumentVersion, Module, Scope, Testcase, TimelineEntry, Track, Version
from allmende.standards.overview import OverviewRow
from allmende.standards.uses import Use

Plain = dict[str, Any]


def of_overview(rows: Iterable[OverviewRow], on: date) -> Plain:
    """Return the overview of a day: the documents by id, and their ids by track."""
    rows = tuple(rows)
    tracks = {track: [row.id for row in rows if row.track is track] for track in Track}
    return {
        "as_of": on.isoformat(),
        "documents": {row.id: _overview_row(row) for row in rows},
        "sidebar": {track.value: ids for track, ids in tracks.items() if ids},
    }


def _overview_row(row: OverviewRow) -> Plain:
    plain: Plain = {"track": row.track.value, "title": row.title}
    plain |= {state.value: list(versions) for state, versions in row.versions.items()}
    if row.supplements:
        plain["supplements"] = {version: state.value for version, state in row.supplements.items()}
    return plain


def of_document(document: DocumentVersion, on: date) -> Plain:
    """Return one document version as it was on that day."""
    document = document.as_of(on)
    return _without_empty(
        {
            "name": document.name,
            "id": document.id,
            "version": document.version,
            "title": document.title,
            "type": document.type.value,
            "track": document.track.value,
            "status": document.status(on).value,
            "published": _day(document.published),
            "stabilized": _day(document.stabilized),
            "deprecated": _day(document.deprecated),
            "replaces": list(document.replaces),
            "supplements": list(document.supplements),
            "url": document.url,
        }
    )


def of_testcase(testcase: Testcase) -> Plain:
    """Return the definition of a testcase."""
    return _without_empty(
        {
            "id": testcase.id,
            "title": testcase.title,
            "standard": testcase.standard,
            "section": testcase.section,
            "demand": testcase.demand,
            "remedy": testcase.remedy,
            "url": testcase.url,
            "lifetime": testcase.lifetime.value,
            "automated": testcase.automated,
            "active": testcase.active,
            "own": testcase.own or None,
            "attestation": list(testcase.attestation),
            "parameters": {
                key: value if isinstance(value, str) else list(value) for key, value in testcase.parameters.items()
            },
        }
    )


def of_scope(scope: Scope, on: date) -> Plain:
    """Return a scope with its versions as they count on that day."""
    return {
        "id": scope.id,
        "uuid": scope.uuid,
        "name": scope.name,
        "level": scope.level,
        "layer": scope.layer,
        "url": scope.url,
        "as_of": on.isoformat(),
        "versions": [
            _without_empty(
                {
                    "name": version.name,
                    "validity": scope.validity(version.name, on).value,
                    "stabilized": _day(version.stabilized),
                    "modules": [_module(module) for module in version.modules],
                }
            )
            for version in scope.known(on)
        ],
    }


def of_timeline(scope: Scope, entries: Iterable[TimelineEntry], on: date) -> Plain:
    """Return entries of a scope's timeline, with the day that was asked about."""
    return {
        "scope": scope.id,
        "as_of": on.isoformat(),
        "timeline": [
            {"since": entry.since.isoformat(), "validity": {name: v.value for name, v in entry.validity.items()}}
            for entry in entries
        ],
    }


def of_changes(scope: Scope, old: Version, new: Version, changes: Iterable[Change], on: date) -> Plain:
    """Return what changes between two versions of a scope, and what they count for on that day."""
    return {
        "scope": scope.id,
        "as_of": on.isoformat(),
        "old": {"name": old.name, "validity": scope.validity(old.name, on).value},
        "new": {"name": new.name, "validity": scope.validity(new.name, on).value},
        "changes": [
            {
                "testcase": change.testcase,
                "module": change.module.id,
                "old": change.old.value if change.old else None,
                "new": change.new.value if change.new else None,
            }
            for change in changes
        ],
    }


def of_uses(uses: Iterable[Use]) -> list[dict[str, str]]:
    """Return the versions of scopes that list a testcase, with target and validity."""
    return [
        {
            "scope": use.scope.name,
            "version": use.version.name,
            "target": use.target.value,
            "validity": use.validity.value,
        }
        for use in uses
    ]


def _module(module: Module) -> Plain:
    targets = {target.value: list(ids) for target, ids in module.targets.items()}
    return {"id": module.id, "name": module.name, "url": module.url, "targets": targets}


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _without_empty(values: Mapping[str, Any]) -> Plain:
    return {key: value for key, value in values.items() if value not in (None, "", [], {})}
