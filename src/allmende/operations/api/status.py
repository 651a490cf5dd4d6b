"""The SCS status-page API (version 1.1) of each cloud that has a status page, under an address of its own."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Path, Query

from allmende.errors import UnknownNameError
from allmende.operations.api.incidents import incident_routes
from allmende.operations.api.speaking import PROBLEMS, Cloud, Speaks, answered, speaking
from allmende.operations.api.views import (
    ComponentData,
    ComponentDocument,
    Data,
    GenerationField,
    IdField,
    ImpactTypeData,
    ImpactTypeDocument,
    PhaseList,
    PhaseListData,
    SeverityDocument,
    phase_list,
)
from allmende.operations.model.status import (
    Automatic,
    Component,
    ImpactType,
    Incident,
    Severity,
)
from allmende.operations.rules.stated import is_active
from allmende.operations.rules.wording import placed
from allmende.operations.run import incidents, pages
from allmende.storage.database import Database
from allmende.web.gate import Gate

ADDRESS = "/api/status-pages"

Generation = Annotated[int | None, Query(ge=0, le=2**31 - 1)]
ImpactTypeId = Annotated[UUID, Path(alias="impactTypeId")]
ComponentId = Annotated[UUID, Path(alias="componentId")]
SeverityName = Annotated[str, Path(alias="severityName")]

_NO_CONTENT = HTTPStatus.NO_CONTENT


def status_routes(database: Database, clock: Callable[[], datetime], gate: Gate) -> APIRouter:
    """Return the routes; everybody reads what is public, `gate` decides who may speak for which cloud."""
    router = APIRouter(prefix=ADDRESS, tags=["status page"], responses=PROBLEMS)
    speaks, sees_drafts = speaking(gate)
    _add_page(router, database, clock, speaks)
    _add_phases(router, database, speaks)
    _add_impact_types(router, database, speaks)
    _add_severities(router, database, speaks)
    _add_components(router, database, clock, speaks)
    router.include_router(incident_routes(database, clock, speaks, sees_drafts))
    return router


def _add_page(router: APIRouter, database: Database, clock: Callable[[], datetime], speaks: Speaks) -> None:
    @router.put("/{cloud}", status_code=_NO_CONTENT)
    def open_page(cloud: Annotated[str, Depends(speaks)], automatic: Automatic | None = None) -> None:
        """Open the status page of a cloud, or change what becomes of alarms of the health monitor on it. Ours."""
        with answered():
            pages.open_page(database, cloud, automatic, (), clock())


def _add_phases(router: APIRouter, database: Database, speaks: Speaks) -> None:
    @router.get("/{cloud}/phases")
    def get_phase_list(cloud: Cloud, generation: Generation = None) -> Data[PhaseListData]:
        """Return the newest generation of the phases, or another."""
        return phase_list(pages.phases(database, cloud, generation))

    @router.post("/{cloud}/phases", status_code=HTTPStatus.CREATED)
    def create_phase_list(cloud: Annotated[str, Depends(speaks)], body: PhaseList) -> GenerationField:
        """Make a new generation of the phases."""
        with answered():
            return GenerationField(generation=pages.add_phases(database, cloud, body.phases).generation)


def _add_impact_types(router: APIRouter, database: Database, speaks: Speaks) -> None:
    @router.get("/{cloud}/impacttypes")
    def get_impact_types(cloud: Cloud) -> Data[list[ImpactTypeData]]:
        """List the impact types."""
        return Data(data=[ImpactTypeData.of(each) for each in pages.impact_types(database, cloud)])

    @router.post("/{cloud}/impacttypes", status_code=HTTPStatus.CREATED)
    def create_impact_type(cloud: Annotated[str, Depends(speaks)], body: ImpactTypeDocument) -> IdField:
        """Add an impact type."""
        made = ImpactType(id=uuid4(), cloud=cloud, name=body.display_name or "", description=body.description or "")
        with answered():
            pages.put_impact_type(database, made, is_new=True)
        return IdField(id=made.id)

    @router.get("/{cloud}/impacttypes/{impactTypeId}")
    def get_impact_type(cloud: Cloud, id_: ImpactTypeId) -> Data[ImpactTypeData]:
        """Return an impact type."""
        return Data(data=ImpactTypeData.of(_impact_type(database, cloud, id_)))

    @router.patch("/{cloud}/impacttypes/{impactTypeId}", status_code=_NO_CONTENT)
    def update_impact_type(cloud: Annotated[str, Depends(speaks)], id_: ImpactTypeId, body: ImpactTypeDocument) -> None:
        """Change an impact type."""
        before = _impact_type(database, cloud, id_)
        after = replace(
            before,
            name=before.name if body.display_name is None else body.display_name,
            description=before.description if body.description is None else body.description,
        )
        with answered():
            pages.put_impact_type(database, after, is_new=False)

    @router.delete("/{cloud}/impacttypes/{impactTypeId}", status_code=_NO_CONTENT)
    def delete_impact_type(cloud: Annotated[str, Depends(speaks)], id_: ImpactTypeId) -> None:
        """Remove an impact type."""
        with answered():
            pages.remove_impact_type(database, cloud, id_)


def _add_severities(router: APIRouter, database: Database, speaks: Speaks) -> None:
    @router.get("/{cloud}/severities")
    def get_severities(cloud: Cloud) -> Data[list[SeverityDocument]]:
        """List the severities."""
        return Data(data=[SeverityDocument.of(each) for each in pages.severities(database, cloud)])

    @router.post("/{cloud}/severities", status_code=_NO_CONTENT)
    def create_severity(cloud: Annotated[str, Depends(speaks)], body: SeverityDocument) -> None:
        """Add a severity."""
        with answered():
            made = Severity(name=body.display_name or "", value=100 if body.value is None else body.value)
            pages.put_severity(database, cloud, made)

    @router.get("/{cloud}/severities/{severityName}")
    def get_severity(cloud: Cloud, name: SeverityName) -> Data[SeverityDocument]:
        """Return a severity."""
        return Data(data=SeverityDocument.of(_severity(database, cloud, name)))

    @router.patch("/{cloud}/severities/{severityName}", status_code=_NO_CONTENT)
    def update_severity(cloud: Annotated[str, Depends(speaks)], name: SeverityName, body: SeverityDocument) -> None:
        """Change a severity."""
        before = _severity(database, cloud, name)
        after = Severity(
            name=before.name if body.display_name is None else body.display_name,
            value=before.value if body.value is None else body.value,
        )
        with answered():
            pages.put_severity(database, cloud, after, of=name)

    @router.delete("/{cloud}/severities/{severityName}", status_code=_NO_CONTENT)
    def delete_severity(cloud: Annotated[str, Depends(speaks)], name: SeverityName) -> None:
        """Remove a severity."""
        with answered():
            pages.remove_severity(database, cloud, name)


def _add_components(router: APIRouter, database: Database, clock: Callable[[], datetime], speaks: Speaks) -> None:
    def known(cloud: str, id_: UUID) -> Component:
        for each in pages.components(database, cloud):
            if each.id == id_:
                return each
        raise UnknownNameError(f"There is no component {id_}.", hint="They are listed one address above.")

    def active(cloud: str, at: datetime | None) -> list[Incident]:
        with answered():
            moment = clock() if at is None else placed(at)
        told = incidents.between(database, cloud, moment, moment, drafts=False)
        return [each for each in told if is_active(each, moment)]

    @router.get("/{cloud}/components")
    def get_components(cloud: Cloud, at: datetime | None = None) -> Data[list[ComponentData]]:
        """List the components, with what affects them now, or at a moment."""
        affecting = active(cloud, at)
        return Data(data=[ComponentData.of(each, affecting) for each in pages.components(database, cloud)])

    @router.post("/{cloud}/components", status_code=HTTPStatus.CREATED)
    def create_component(cloud: Annotated[str, Depends(speaks)], body: ComponentDocument) -> IdField:
        """Add a component."""
        made = Component(id=uuid4(), cloud=cloud, name=body.display_name or "", labels=body.labels or {})
        with answered():
            pages.put_component(database, made, is_new=True)
        return IdField(id=made.id)

    @router.get("/{cloud}/components/{componentId}")
    def get_component(cloud: Cloud, id_: ComponentId, at: datetime | None = None) -> Data[ComponentData]:
        """Return a component, with what affects it now, or at a moment."""
        return Data(data=ComponentData.of(known(cloud, id_), active(cloud, at)))

    @router.patch("/{cloud}/components/{componentId}", status_code=_NO_CONTENT)
    def update_component(cloud: Annotated[str, Depends(speaks)], id_: ComponentId, body: ComponentDocument) -> None:
        """Change a component."""
        with answered():
            after = pages.renamed(known(cloud, id_), body.display_name, body.labels)
            pages.put_component(database, after, is_new=False)

    @router.delete("/{cloud}/components/{componentId}", status_code=_NO_CONTENT)
    def delete_component(cloud: Annotated[str, Depends(speaks)], id_: ComponentId) -> None:
        """Remove a component that no incident affects."""
        with answered():
            pages.remove_component(database, cloud, id_)


def _impact_type(database: Database, cloud: str, id_: UUID) -> ImpactType:
    for each in pages.impact_types(database, cloud):
        if each.id == id_:
            return each
    raise UnknownNameError(f"There is no impact type {id_}.", hint="They are listed one address above.")


def _severity(database: Database, cloud: str, name: str) -> Severity:
    for each in pages.severities(database, cloud):
        if each.name == name:
            return each
    raise UnknownNameError(f"There is no severity {name}.", hint="They are listed one address above.")
