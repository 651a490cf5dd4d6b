"""The SCS status-page API (version 1.1) of each cloud that has a status page, under an address of its own."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Body, Depends, Path, Query
from fastapi.security import HTTPBasic, HTTPBasicCredentials
from starlette.exceptions import HTTPException

from allmende.errors import DocumentError, KeptError, UnknownNameError, UsageError
from allmende.operations.api.views import (
    ComponentData,
    ComponentDocument,
    Data,
    GenerationField,
    IdField,
    ImpactDocument,
    ImpactTypeData,
    ImpactTypeDocument,
    IncidentData,
    IncidentDocument,
    OrderField,
    PhaseList,
    PhaseListData,
    PhaseReferenceDocument,
    SeverityDocument,
    UpdateData,
    UpdateDocument,
    given,
    phase_list,
)
from allmende.operations.model.status import (
    Automatic,
    Component,
    Impact,
    ImpactType,
    Incident,
    PhaseReference,
    Severity,
    Statement,
)
from allmende.operations.rules import post_mortem
from allmende.operations.rules.stated import is_active
from allmende.operations.rules.wording import placed
from allmende.operations.run import incidents, pages
from allmende.storage.database import Database

ADDRESS = "/api/status-pages"

Credentials = Annotated[HTTPBasicCredentials | None, Depends(HTTPBasic(auto_error=False))]
Gate = Callable[[HTTPBasicCredentials | None], Collection[str]]
"""Returns the names of the clouds for which these credentials may speak; raises what is answered to unknown ones."""
Speaks = Callable[[str, HTTPBasicCredentials | None], str]
SeesDrafts = Callable[[str, HTTPBasicCredentials | None], bool]
Cloud = Annotated[str, Path(max_length=300)]
Generation = Annotated[int | None, Query(ge=0, le=2**31 - 1)]
ImpactTypeId = Annotated[UUID, Path(alias="impactTypeId")]
ComponentId = Annotated[UUID, Path(alias="componentId")]
SeverityName = Annotated[str, Path(alias="severityName")]
IncidentId = Annotated[UUID, Path(alias="incidentId")]
OrderOf = Annotated[int, Path(ge=0, le=2**31 - 1, alias="updateOrder")]

_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": description, "content": {"application/problem+json": {}}}
    for status, description in {
        401: "Not authenticated",
        403: "Not for this cloud, or by a token that was not made for this",
        404: "There is no such thing",
        409: "What was published names it",
        422: "It says what cannot be",
    }.items()
}
_NO_CONTENT = HTTPStatus.NO_CONTENT


def status_routes(database: Database, clock: Callable[[], datetime], gate: Gate) -> APIRouter:
    """Return the routes; everybody reads what is public, `gate` decides who may speak for which cloud."""
    router = APIRouter(prefix=ADDRESS, tags=["status page"], responses=_PROBLEMS)

    def speaks(cloud: Cloud, credentials: Credentials) -> str:
        if cloud not in gate(credentials):
            raise HTTPException(HTTPStatus.FORBIDDEN, f"This account does not speak for the cloud {cloud}.")
        return cloud

    def sees_drafts(cloud: Cloud, credentials: Credentials) -> bool:
        return credentials is not None and cloud in gate(credentials)

    _add_page(router, database, clock, speaks)
    _add_phases(router, database, speaks)
    _add_impact_types(router, database, speaks)
    _add_severities(router, database, speaks)
    _add_components(router, database, clock, speaks)
    _add_incidents(router, database, clock, (speaks, sees_drafts))
    _add_updates(router, database, clock, (speaks, sees_drafts))
    return router


@contextmanager
def _said() -> Iterator[None]:
    """Answer what cannot be with its reason and the next step."""
    try:
        yield
    except UnknownNameError:
        raise
    except KeptError as error:
        raise HTTPException(HTTPStatus.CONFLICT, f"{error} {error.hint}") from error
    except (UsageError, DocumentError) as error:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, f"{error} {error.hint}") from error


def _add_page(router: APIRouter, database: Database, clock: Callable[[], datetime], speaks: Speaks) -> None:
    @router.put("/{cloud}", status_code=_NO_CONTENT)
    def open_page(cloud: Annotated[str, Depends(speaks)], automatic: Automatic | None = None) -> None:
        """Open the status page of a cloud, or change what becomes of alarms of the health monitor on it. Ours."""
        with _said():
            pages.open_page(database, cloud, automatic, (), clock())


def _add_phases(router: APIRouter, database: Database, speaks: Speaks) -> None:
    @router.get("/{cloud}/phases")
    def get_phase_list(cloud: Cloud, generation: Generation = None) -> Data[PhaseListData]:
        """Return the newest generation of the phases, or another."""
        return phase_list(pages.phases(database, cloud, generation))

    @router.post("/{cloud}/phases", status_code=HTTPStatus.CREATED)
    def create_phase_list(cloud: Annotated[str, Depends(speaks)], body: PhaseList) -> GenerationField:
        """Make a new generation of the phases."""
        with _said():
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
        with _said():
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
        with _said():
            pages.put_impact_type(database, after, is_new=False)

    @router.delete("/{cloud}/impacttypes/{impactTypeId}", status_code=_NO_CONTENT)
    def delete_impact_type(cloud: Annotated[str, Depends(speaks)], id_: ImpactTypeId) -> None:
        """Remove an impact type."""
        with _said():
            pages.remove_impact_type(database, cloud, id_)


def _add_severities(router: APIRouter, database: Database, speaks: Speaks) -> None:
    @router.get("/{cloud}/severities")
    def get_severities(cloud: Cloud) -> Data[list[SeverityDocument]]:
        """List the severities."""
        return Data(data=[SeverityDocument.of(each) for each in pages.severities(database, cloud)])

    @router.post("/{cloud}/severities", status_code=_NO_CONTENT)
    def create_severity(cloud: Annotated[str, Depends(speaks)], body: SeverityDocument) -> None:
        """Add a severity."""
        with _said():
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
        with _said():
            pages.put_severity(database, cloud, after, of=name)

    @router.delete("/{cloud}/severities/{severityName}", status_code=_NO_CONTENT)
    def delete_severity(cloud: Annotated[str, Depends(speaks)], name: SeverityName) -> None:
        """Remove a severity."""
        with _said():
            pages.remove_severity(database, cloud, name)


def _add_components(router: APIRouter, database: Database, clock: Callable[[], datetime], speaks: Speaks) -> None:
    def known(cloud: str, id_: UUID) -> Component:
        for each in pages.components(database, cloud):
            if each.id == id_:
                return each
        raise UnknownNameError(f"There is no component {id_}.", hint="They are listed one address above.")

    def active(cloud: str, at: datetime | None) -> list[Incident]:
        with _said():
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
        with _said():
            pages.put_component(database, made, is_new=True)
        return IdField(id=made.id)

    @router.get("/{cloud}/components/{componentId}")
    def get_component(cloud: Cloud, id_: ComponentId, at: datetime | None = None) -> Data[ComponentData]:
        """Return a component, with what affects it now, or at a moment."""
        return Data(data=ComponentData.of(known(cloud, id_), active(cloud, at)))

    @router.patch("/{cloud}/components/{componentId}", status_code=_NO_CONTENT)
    def update_component(cloud: Annotated[str, Depends(speaks)], id_: ComponentId, body: ComponentDocument) -> None:
        """Change a component."""
        with _said():
            after = pages.renamed(known(cloud, id_), body.display_name, body.labels)
            pages.put_component(database, after, is_new=False)

    @router.delete("/{cloud}/components/{componentId}", status_code=_NO_CONTENT)
    def delete_component(cloud: Annotated[str, Depends(speaks)], id_: ComponentId) -> None:
        """Remove a component that no incident affects."""
        with _said():
            pages.remove_component(database, cloud, id_)


def _add_incidents(
    router: APIRouter, database: Database, clock: Callable[[], datetime], who: tuple[Speaks, SeesDrafts]
) -> None:
    speaks, drafts = who

    @router.get("/{cloud}/incidents")
    def get_incidents(
        cloud: Cloud, start: datetime, end: datetime, sees_drafts: Annotated[bool, Depends(drafts)]
    ) -> Data[list[IncidentData]]:
        """List what went on at some time between two moments, the newest first."""
        with _said():
            since, until = placed(start), placed(end)
        found = incidents.between(database, cloud, since, until, drafts=sees_drafts)
        return Data(data=[IncidentData.of(each) for each in found])

    @router.post("/{cloud}/incidents", status_code=HTTPStatus.CREATED)
    def create_incident(cloud: Annotated[str, Depends(speaks)], body: IncidentDocument) -> IdField:
        """Tell of an incident, or announce a maintenance; public at once unless `published` is false."""
        now = clock()
        with _said():
            said = given(body)
            made = _changed(
                Incident(id=uuid4(), cloud=cloud, name="", description="", affects=(), began_at=now),
                {"published": True, **{name: value for name, value in said.items() if value is not None}},
                now,
            )
            return IdField(id=incidents.begin(database, made, now).id)

    @router.get("/{cloud}/incidents/{incidentId}")
    def get_incident(
        cloud: Cloud, id_: IncidentId, sees_drafts: Annotated[bool, Depends(drafts)]
    ) -> Data[IncidentData]:
        """Return an incident."""
        return Data(data=IncidentData.of(incidents.one(database, cloud, id_, drafts=sees_drafts)))

    @router.patch("/{cloud}/incidents/{incidentId}", status_code=_NO_CONTENT)
    def update_incident(cloud: Annotated[str, Depends(speaks)], id_: IncidentId, body: IncidentDocument) -> None:
        """Change an incident, publish a draft, or end it by `endedAt`; null lets it go on."""
        now = clock()
        with _said():
            incidents.change(database, cloud, id_, lambda before: _changed(before, given(body), now), now)

    @router.delete("/{cloud}/incidents/{incidentId}", status_code=_NO_CONTENT)
    def delete_incident(cloud: Annotated[str, Depends(speaks)], id_: IncidentId) -> None:
        """Delete a draft, or withdraw what was published."""
        with _said():
            incidents.remove(database, cloud, id_, clock())

    @router.get("/{cloud}/incidents/{incidentId}/statements")
    def get_statements(
        cloud: Cloud, id_: IncidentId, sees_drafts: Annotated[bool, Depends(drafts)]
    ) -> Data[tuple[Statement, ...]]:
        """List all that was ever public of an incident, each with since when. Ours."""
        return Data(data=incidents.one(database, cloud, id_, drafts=sees_drafts).statements)

    @router.get("/{cloud}/incidents/{incidentId}/post-mortem")
    def get_post_mortem(
        cloud: Cloud, id_: IncidentId, sees_drafts: Annotated[bool, Depends(drafts)]
    ) -> Data[dict[str, Any]]:
        """Return what was learnt of an incident; to who speaks for the cloud, also a beginning. Ours."""
        found = incidents.one(database, cloud, id_, drafts=sees_drafts)
        if found.post_mortem is None and not sees_drafts:
            raise UnknownNameError("There is no post-mortem yet.", hint="See the incident.")
        return Data(data=post_mortem.plain(post_mortem.begun(found)))

    @router.put("/{cloud}/incidents/{incidentId}/post-mortem", status_code=_NO_CONTENT)
    def put_post_mortem(
        cloud: Annotated[str, Depends(speaks)], id_: IncidentId, body: Annotated[dict[str, Any], Body()]
    ) -> None:
        """Publish what was learnt of an incident that is over. Ours."""
        with _said():
            incidents.learn(database, cloud, id_, post_mortem.read(body), clock())


def _add_updates(
    router: APIRouter, database: Database, clock: Callable[[], datetime], who: tuple[Speaks, SeesDrafts]
) -> None:
    speaks, drafts = who

    @router.get("/{cloud}/incidents/{incidentId}/updates")
    def get_incident_updates(
        cloud: Cloud, id_: IncidentId, sees_drafts: Annotated[bool, Depends(drafts)]
    ) -> Data[list[UpdateData]]:
        """List what was said of an incident, in its order."""
        found = incidents.one(database, cloud, id_, drafts=sees_drafts)
        return Data(data=[UpdateData.of(each) for each in found.updates])

    @router.post("/{cloud}/incidents/{incidentId}/updates", status_code=HTTPStatus.CREATED)
    def create_incident_update(
        cloud: Annotated[str, Depends(speaks)], id_: IncidentId, body: UpdateDocument
    ) -> OrderField:
        """Say more of an incident."""
        with _said():
            words = (body.display_name or "", body.description or "")
            at = clock() if body.created_at is None else placed(body.created_at)
            made = incidents.say(database, cloud, id_, words, at, clock())
            return OrderField(order=made.order)

    @router.get("/{cloud}/incidents/{incidentId}/updates/{updateOrder}")
    def get_incident_update(
        cloud: Cloud, id_: IncidentId, order: OrderOf, sees_drafts: Annotated[bool, Depends(drafts)]
    ) -> Data[UpdateData]:
        """Return one thing that was said."""
        found = incidents.one(database, cloud, id_, drafts=sees_drafts)
        return Data(data=UpdateData.of(incidents.update_of(found, order)))

    @router.patch("/{cloud}/incidents/{incidentId}/updates/{updateOrder}", status_code=_NO_CONTENT)
    def update_incident_update(
        cloud: Annotated[str, Depends(speaks)], id_: IncidentId, order: OrderOf, body: UpdateDocument
    ) -> None:
        """Say it differently, while it is a draft."""
        with _said():
            before = incidents.update_of(incidents.one(database, cloud, id_, drafts=True), order)
            after = replace(
                before,
                name=before.name if body.display_name is None else body.display_name,
                description=before.description if body.description is None else body.description,
                created_at=before.created_at if body.created_at is None else placed(body.created_at),
            )
            incidents.say_differently(database, cloud, id_, after, clock())

    @router.delete("/{cloud}/incidents/{incidentId}/updates/{updateOrder}", status_code=_NO_CONTENT)
    def delete_incident_update(cloud: Annotated[str, Depends(speaks)], id_: IncidentId, order: OrderOf) -> None:
        """Remove an update of a draft."""
        with _said():
            incidents.unsay(database, cloud, id_, order, clock())


def _changed(incident: Incident, said: dict[str, Any], now: datetime) -> Incident:
    """Return the incident with what a document says in its place."""
    plain = {"display_name": "name", "description": "description"}
    values: dict[str, Any] = {field: said[name] for name, field in plain.items() if said.get(name) is not None}
    if said.get("began_at") is not None:
        values["began_at"] = placed(said["began_at"])
    if "ended_at" in said:
        values["ended_at"] = None if said["ended_at"] is None else placed(said["ended_at"])
    affects: list[ImpactDocument] | None = said.get("affects")
    if affects is not None:
        values["affects"] = tuple(
            Impact(type=each.type, component=each.reference, severity=each.severity) for each in affects
        )
    phase: PhaseReferenceDocument | None = said.get("phase")
    if phase is not None:
        values["phase"] = PhaseReference(generation=phase.generation, order=phase.order)
    if said.get("published") is False and incident.published_at is not None:
        raise KeptError("What was published stays.", hint="Withdraw it by DELETE; that it was withdrawn is seen.")
    changed = replace(incident, **values)
    return incidents.publish(changed, now) if said.get("published") else changed


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
