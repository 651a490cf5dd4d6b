"""The rows of status pages, their components, impact types, severities and phases."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, delete, insert, select

from allmende.operations.model.status import Automatic, Component, ImpactType, Phases, Severity, StatusPage
from allmende.operations.store.tables import components, impact_types, pages, phases, severities


def page_of(connection: Connection, cloud: str, *, locked: bool = False) -> StatusPage | None:
    """Return the status page of a cloud; None when it has none. `locked` it is until the transaction ends."""
    query = select(pages).where(pages.c.cloud == cloud)
    row = connection.execute(query.with_for_update() if locked else query).mappings().first()
    return None if row is None else _page(dict(row))


def all_pages(connection: Connection) -> tuple[StatusPage, ...]:
    """Return every status page, by cloud."""
    return tuple(_page(dict(row)) for row in connection.execute(select(pages).order_by(pages.c.cloud)).mappings())


def put_page(connection: Connection, page: StatusPage) -> None:
    """Store a status page in the place of what was known of it."""
    connection.execute(delete(pages).where(pages.c.cloud == page.cloud))
    connection.execute(insert(pages).values(asdict(page)))


def components_of(connection: Connection, cloud: str) -> tuple[Component, ...]:
    """Return the components of a cloud, by name."""
    query = select(components).where(components.c.cloud == cloud).order_by(components.c.name, components.c.id)
    return tuple(Component(**row) for row in connection.execute(query).mappings())


def put_component(connection: Connection, component: Component) -> None:
    """Store a component in the place of what was known of it."""
    _put(connection, components, {**asdict(component), "labels": dict(component.labels)})


def remove_component(connection: Connection, id_: UUID) -> None:
    """Forget a component."""
    connection.execute(delete(components).where(components.c.id == id_))


def impact_types_of(connection: Connection, cloud: str) -> tuple[ImpactType, ...]:
    """Return the impact types of a cloud, by name."""
    query = select(impact_types).where(impact_types.c.cloud == cloud).order_by(impact_types.c.name, impact_types.c.id)
    return tuple(ImpactType(**row) for row in connection.execute(query).mappings())


def put_impact_type(connection: Connection, impact_type: ImpactType) -> None:
    """Store an impact type in the place of what was known of it."""
    _put(connection, impact_types, asdict(impact_type))


def remove_impact_type(connection: Connection, id_: UUID) -> None:
    """Forget an impact type."""
    connection.execute(delete(impact_types).where(impact_types.c.id == id_))


def severities_of(connection: Connection, cloud: str) -> tuple[Severity, ...]:
    """Return the severities of a cloud, the least first."""
    query = select(severities).where(severities.c.cloud == cloud).order_by(severities.c.value, severities.c.name)
    return tuple(Severity(name=row["name"], value=row["value"]) for row in connection.execute(query).mappings())


def put_severity(connection: Connection, cloud: str, severity: Severity) -> None:
    """Store a severity in the place of what was known of this name."""
    remove_severity(connection, cloud, severity.name)
    connection.execute(insert(severities).values(cloud=cloud, **asdict(severity)))


def remove_severity(connection: Connection, cloud: str, name: str) -> None:
    """Forget a severity."""
    connection.execute(delete(severities).where(severities.c.cloud == cloud, severities.c.name == name))


def phases_of(connection: Connection, cloud: str) -> tuple[Phases, ...]:
    """Return every generation of the phases of a cloud, the oldest first."""
    query = select(phases).where(phases.c.cloud == cloud).order_by(phases.c.generation)
    return tuple(
        Phases(generation=row["generation"], names=tuple(row["names"])) for row in connection.execute(query).mappings()
    )


def add_phases(connection: Connection, cloud: str, generation: Phases) -> None:
    """Store a new generation of phases."""
    values = {"cloud": cloud, "generation": generation.generation, "names": list(generation.names)}
    connection.execute(insert(phases).values(values))


def _put(connection: Connection, table: Table, row: dict[str, Any]) -> None:
    connection.execute(delete(table).where(table.c.id == row["id"]))
    connection.execute(insert(table).values(row))


def _page(row: dict[str, Any]) -> StatusPage:
    return StatusPage(**{**row, "automatic": Automatic(row["automatic"])})
