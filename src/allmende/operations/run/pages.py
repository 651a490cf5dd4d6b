"""Open the status page of a cloud, and change what it is made of: components, impact types, severities and phases."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Connection

from allmende.errors import KeptError, UnknownNameError, UsageError
from allmende.operations.model.status import (
    Automatic,
    Component,
    ImpactType,
    Phases,
    Severity,
    StatusPage,
)
from allmende.operations.rules.defaults import IMPACT_TYPES, PHASES, SEVERITIES
from allmende.operations.rules.saying import ever_said
from allmende.operations.rules.wording import nameable, sayable
from allmende.operations.store import incidents, pages
from allmende.storage.database import Database

MOST = 200
"""So many components, impact types, severities and phases a page may have."""


def open_page(
    database: Database, cloud: str, automatic: Automatic | None, services: Collection[str], now: datetime
) -> StatusPage:
    """Open the page of a cloud, or change what becomes of alarms on it; each service that has none gets a component.

    None keeps what becomes of alarms; on a new page, they become drafts.
    """
    nameable("A cloud", cloud)
    nameable("A service", *services)
    if "/" in cloud or cloud in (".", ".."):
        raise UsageError(
            f"{cloud!r} is no name of a cloud.", hint="It is the subject's id, or the name it is measured by."
        )
    with database.writing() as connection:
        known = pages.page_of(connection, cloud, locked=True)
        before = known or StatusPage(cloud=cloud, automatic=Automatic.DRAFT, opened_at=now)
        page = before if automatic is None else replace(before, automatic=automatic)
        pages.put_page(connection, page)
        if known is None:
            pages.add_phases(connection, cloud, Phases(generation=1, names=PHASES))
            for severity in SEVERITIES:
                pages.put_severity(connection, cloud, severity)
            for name, description in IMPACT_TYPES.items():
                impact_type = ImpactType(id=uuid4(), cloud=cloud, name=name, description=description)
                pages.put_impact_type(connection, impact_type)
        for service in sorted(services):
            component_of(connection, cloud, service)
    return page


def component_of(connection: Connection, cloud: str, service: str) -> Component:
    """Return the component that is this service, which is made where there is none."""
    for component in pages.components_of(connection, cloud):
        if component.service == service:
            return component
    made = Component(id=uuid4(), cloud=cloud, name=service, labels={"service": service})
    pages.put_component(connection, made)
    return made


def all_pages(database: Database) -> tuple[StatusPage, ...]:
    """Return every status page, by cloud."""
    with database.reading() as connection:
        return pages.all_pages(connection)


def required(connection: Connection, cloud: str, *, locked: bool = False) -> StatusPage:
    """Return the page of a cloud, `locked` until the transaction ends; UnknownNameError when it has none."""
    page = pages.page_of(connection, cloud, locked=locked)
    if page is None:
        raise UnknownNameError(f"The cloud {cloud} has no status page.", hint=f"Open one: allmende status open {cloud}")
    return page


def components(database: Database, cloud: str) -> tuple[Component, ...]:
    """Return the components of a cloud, by name."""
    with database.reading() as connection:
        required(connection, cloud)
        return pages.components_of(connection, cloud)


def put_component(database: Database, component: Component, *, is_new: bool) -> None:
    """Add a component, or change one; UnknownNameError when there is none to change."""
    nameable("A component", component.name)
    sayable(*component.labels, *component.labels.values())
    with database.writing() as connection:
        required(connection, component.cloud, locked=True)
        _checked(component.id, pages.components_of(connection, component.cloud), "component", is_new=is_new)
        pages.put_component(connection, component)


def remove_component(database: Database, cloud: str, id_: UUID) -> None:
    """Remove a component; KeptError when an incident names it."""
    with database.writing() as connection:
        required(connection, cloud, locked=True)
        _find(id_, pages.components_of(connection, cloud), "component")
        if any(id_ == impact.component for each in incidents.between(connection, cloud) for impact in ever_said(each)):
            raise KeptError("Incidents affect this component.", hint="Keep it, so that they stay readable.")
        pages.remove_component(connection, id_)


def impact_types(database: Database, cloud: str) -> tuple[ImpactType, ...]:
    """Return the impact types of a cloud, by name."""
    with database.reading() as connection:
        required(connection, cloud)
        return pages.impact_types_of(connection, cloud)


def put_impact_type(database: Database, impact_type: ImpactType, *, is_new: bool) -> None:
    """Add an impact type, or change one; UnknownNameError when there is none to change."""
    nameable("An impact type", impact_type.name)
    sayable(impact_type.description)
    with database.writing() as connection:
        required(connection, impact_type.cloud, locked=True)
        _checked(impact_type.id, pages.impact_types_of(connection, impact_type.cloud), "impact type", is_new=is_new)
        pages.put_impact_type(connection, impact_type)


def remove_impact_type(database: Database, cloud: str, id_: UUID) -> None:
    """Remove an impact type; KeptError when an incident is of it."""
    with database.writing() as connection:
        required(connection, cloud, locked=True)
        _find(id_, pages.impact_types_of(connection, cloud), "impact type")
        if any(id_ == impact.type for each in incidents.between(connection, cloud) for impact in ever_said(each)):
            raise KeptError("Incidents are of this impact type.", hint="Keep it, so that they stay readable.")
        pages.remove_impact_type(connection, id_)


def severities(database: Database, cloud: str) -> tuple[Severity, ...]:
    """Return the severities of a cloud, the least first."""
    with database.reading() as connection:
        required(connection, cloud)
        return pages.severities_of(connection, cloud)


def put_severity(database: Database, cloud: str, severity: Severity, *, of: str | None = None) -> None:
    """Add a severity, or change the one of this name; UnknownNameError when there is none, UsageError of a value."""
    nameable("A severity", severity.name)
    if "/" in severity.name or not 0 <= severity.value <= 100:
        raise UsageError(
            "A severity has a name without a slash, and a value from 0 to 100.", hint="Like this: limited, 50."
        )
    with database.writing() as connection:
        required(connection, cloud, locked=True)
        known = {each.name for each in pages.severities_of(connection, cloud)}
        if of is not None and of not in known:
            raise UnknownNameError(f"There is no severity {of}.", hint=f"There are: {', '.join(sorted(known))}.")
        if severity.name != of and severity.name in known:
            raise UsageError(f"There is a severity {severity.name} already.", hint="Change it, or take another name.")
        if of is None and len(known) >= MOST:
            raise UsageError(f"A page has {MOST} severities at most.", hint="Remove one first.")
        if of is not None:
            pages.remove_severity(connection, cloud, of)
        pages.put_severity(connection, cloud, severity)


def remove_severity(database: Database, cloud: str, name: str) -> None:
    """Remove a severity; incidents have values, so they stay readable."""
    with database.writing() as connection:
        required(connection, cloud, locked=True)
        if name not in {each.name for each in pages.severities_of(connection, cloud)}:
            raise UnknownNameError(f"There is no severity {name}.", hint="They are listed at …/severities.")
        pages.remove_severity(connection, cloud, name)


def phases(database: Database, cloud: str, generation: int | None = None) -> Phases:
    """Return the newest generation of phases, or a certain one; UnknownNameError when there is none."""
    with database.reading() as connection:
        required(connection, cloud)
        found = pages.phases_of(connection, cloud)
    for each in reversed(found):
        if generation in (None, each.generation):
            return each
    raise UnknownNameError(f"There is no generation {generation} of phases.", hint=f"The newest is {len(found)}.")


def add_phases(database: Database, cloud: str, names: Sequence[str]) -> Phases:
    """Make a new generation of phases; incidents keep the phase of theirs."""
    nameable("A phase", *names)
    if not 0 < len(names) <= MOST:
        raise UsageError(f"There are 1 to {MOST} phases.", hint="Name them in order; the last says that it is over.")
    with database.writing() as connection:
        required(connection, cloud, locked=True)
        made = Phases(generation=pages.phases_of(connection, cloud)[-1].generation + 1, names=tuple(names))
        pages.add_phases(connection, cloud, made)
    return made


def renamed(component: Component, name: str | None, labels: dict[str, str] | None) -> Component:
    """Return the component with what is not None in its place."""
    return replace(
        component,
        name=component.name if name is None else name,
        labels=component.labels if labels is None else labels,
    )


def _checked(id_: UUID, known: Sequence[Component | ImpactType], what: str, *, is_new: bool) -> None:
    if not is_new:
        _find(id_, known, what)
    elif len(known) >= MOST:
        raise UsageError(
            f"A page has {MOST} of each kind at most, and there is no room for a {what}.", hint="Remove one."
        )


def _find(id_: UUID, known: Sequence[Component | ImpactType], what: str) -> None:
    if id_ not in {each.id for each in known}:
        raise UnknownNameError(f"There is no {what} {id_}.", hint="They are listed one address above.")
