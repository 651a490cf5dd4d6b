"""Put together what a status page shows of a cloud."""

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from allmende.operations.model.status import Component, Day, Impact, ImpactType, Incident, Phases, Severity, StatusPage
from allmende.operations.rules.stated import (
    Compared,
    Conduct,
    compared,
    conduct,
    impact_at,
    is_active,
    is_maintenance,
    phase_name,
)
from allmende.operations.run.pages import required
from allmende.operations.store import incidents, pages
from allmende.storage.database import Database

SHOWN_DAYS = 90

Measured = Callable[[str, datetime], Mapping[str, Mapping[date, Day]]]
"""Returns what was measured of the services of a cloud since a moment, by service and day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentLine:
    """A component: the worst impact that is said of it now, and its days."""

    component: Component
    impact: Impact | None
    days: tuple[Compared, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusView:
    """What the status page of a cloud says, and how that compares with what was measured in the same days.

    `unlisted` are the days of the services that were measured and are no component.
    """

    page: StatusPage
    components: tuple[ComponentLine, ...]
    unlisted: Mapping[str, tuple[Compared, ...]]
    severities: tuple[Severity, ...]
    phases: Mapping[int, Phases]
    impact_types: Mapping[UUID, ImpactType]
    open: tuple[Incident, ...]
    announced: tuple[Incident, ...]
    past: tuple[Incident, ...]
    withdrawn: tuple[Incident, ...]
    conduct: Conduct

    @property
    def worst(self) -> Impact | None:
        """The worst impact that is said of any component now."""
        impacts = (line.impact for line in self.components if line.impact is not None)
        return max(impacts, key=lambda impact: impact.severity, default=None)

    def phase_of(self, incident: Incident, now: datetime) -> str:
        """Return the name of the phase of an incident; empty when it has none to be said."""
        return "" if incident.phase is None else phase_name(incident, self.phases[incident.phase.generation], now)

    @property
    def newest_phases(self) -> tuple[str, ...]:
        """The names of the phases that an incident can be put in."""
        return self.phases[max(self.phases)].names

    def names_of(self, incident: Incident) -> tuple[str, ...]:
        """Return the names of the components that an incident affects."""
        names = {line.component.id: line.component.name for line in self.components}
        return tuple(names[impact.component] for impact in incident.affects if impact.component in names)


def state(database: Database, cloud: str) -> Hashable:
    """Return what changes whenever something new is said of a cloud; UnknownNameError when it has no page."""
    with database.reading() as connection:
        page = required(connection, cloud)
        return (
            page,
            incidents.between(connection, cloud),
            tuple(
                (each.id, each.name, tuple(sorted(each.labels.items())))
                for each in pages.components_of(connection, cloud)
            ),
            pages.severities_of(connection, cloud),
        )


def status_view(database: Database, cloud: str, measured: Measured, now: datetime) -> StatusView:
    """Return what the status page of a cloud shows; UnknownNameError when it has none."""
    days = [now.date() - timedelta(days=before) for before in reversed(range(SHOWN_DAYS))]
    with database.reading() as connection:
        page = required(connection, cloud)
        told = incidents.between(connection, cloud)
        components = pages.components_of(connection, cloud)
        values: dict[str, Any] = {
            "severities": pages.severities_of(connection, cloud),
            "phases": {each.generation: each for each in pages.phases_of(connection, cloud)},
            "impact_types": {each.id: each for each in pages.impact_types_of(connection, cloud)},
        }
    seen = measured(cloud, now - timedelta(days=SHOWN_DAYS))
    since_opened = [day for day in days if day >= page.opened_at.date()]

    def days_of(ids: Collection[UUID], service: str) -> tuple[Compared, ...]:
        return compared(ids, told, seen.get(service, {}), since_opened, now)

    services = {name: {each.id for each in components if each.service == name} for name in sorted(seen)}
    by_service = {name: days_of(ids, name) for name, ids in services.items()}
    lines = tuple(
        ComponentLine(
            component=component,
            impact=impact_at(component.id, told, now),
            days=days_of({component.id}, component.service),
        )
        for component in components
    )
    public = [each for each in told if each.is_public]
    active = [each for each in public if is_active(each, now)]
    return StatusView(
        page=page,
        components=lines,
        unlisted={name: days for name, days in by_service.items() if not services[name]},
        open=tuple(active),
        announced=tuple(sorted((each for each in public if each.began_at > now), key=lambda each: each.began_at)),
        past=tuple(each for each in public if each.ended_at is not None and each.ended_at <= now),
        withdrawn=tuple(each for each in told if each.published_at is not None and each.withdrawn_at is not None),
        conduct=conduct(told, [day for days in by_service.values() for day in days], now),
        **values,
    )


def kind_of(incident: Incident, now: datetime) -> str:
    """Return what an incident is, for people: maintenance, announced or not, or an incident."""
    if not is_maintenance(incident):
        return "incident"
    return "announced maintenance" if incident.began_at > now else "maintenance"


def matching(told: Sequence[Incident], words: str) -> tuple[Incident, ...]:
    """Return the incidents in which all of these words occur: in what was said, or in what was learnt."""
    wanted = words.casefold().split()
    return tuple(each for each in told if all(word in _text(each) for word in wanted))


def _text(incident: Incident) -> str:
    learnt = incident.post_mortem
    said = [incident.name, incident.description]
    said += [text for update in incident.updates for text in (update.name, update.description)]
    if learnt is not None:
        said += [learnt.summary, learnt.impact, learnt.causes, *(action.what for action in learnt.actions)]
    return "\n".join(said).casefold()
