"""The incidents of the status-page API: what is said of them, all that was ever public, and what was learnt."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Body, Depends, Path

from allmende.errors import KeptError, UnknownNameError
from allmende.operations.api.speaking import Cloud, SeesDrafts, Speaks, answered
from allmende.operations.api.views import (
    Data,
    IdField,
    ImpactDocument,
    IncidentData,
    IncidentDocument,
    OrderField,
    PhaseReferenceDocument,
    UpdateData,
    UpdateDocument,
    given,
)
from allmende.operations.model.status import (
    Impact,
    Incident,
    PhaseReference,
    Statement,
)
from allmende.operations.rules import post_mortem
from allmende.operations.rules.wording import placed
from allmende.operations.run import incidents
from allmende.storage.database import Database

IncidentId = Annotated[UUID, Path(alias="incidentId")]
OrderOf = Annotated[int, Path(ge=0, le=2**31 - 1, alias="updateOrder")]


def incident_routes(
    database: Database, clock: Callable[[], datetime], speaks: Speaks, sees_drafts: SeesDrafts
) -> APIRouter:
    """Return the routes of incidents; the two dependencies decide who may speak, and who sees drafts."""
    router = APIRouter()
    for add in (_add_incidents, _add_record, _add_updates):
        add(router, database, clock, speaks, sees_drafts)
    return router


def _add_incidents(
    router: APIRouter, database: Database, clock: Callable[[], datetime], speaks: Speaks, sees_drafts: SeesDrafts
) -> None:
    @router.get("/{cloud}/incidents")
    def get_incidents(
        cloud: Cloud, start: datetime, end: datetime, drafts: Annotated[bool, Depends(sees_drafts)]
    ) -> Data[list[IncidentData]]:
        """List what went on at some time between two moments, the newest first."""
        with answered():
            since, until = placed(start), placed(end)
        found = incidents.between(database, cloud, since, until, drafts=drafts)
        return Data(data=[IncidentData.of(each) for each in found])

    @router.post("/{cloud}/incidents", status_code=HTTPStatus.CREATED)
    def create_incident(cloud: Annotated[str, Depends(speaks)], body: IncidentDocument) -> IdField:
        """Tell of an incident, or announce a maintenance; public at once unless `published` is false."""
        now = clock()
        with answered():
            said = given(body)
            made = _changed(
                Incident(id=uuid4(), cloud=cloud, name="", description="", affects=(), began_at=now),
                {"published": True, **{name: value for name, value in said.items() if value is not None}},
                now,
            )
            return IdField(id=incidents.begin(database, made, now).id)

    @router.get("/{cloud}/incidents/{incidentId}")
    def get_incident(
        cloud: Cloud, id_: IncidentId, drafts: Annotated[bool, Depends(sees_drafts)]
    ) -> Data[IncidentData]:
        """Return an incident."""
        return Data(data=IncidentData.of(incidents.one(database, cloud, id_, drafts=drafts)))

    @router.patch("/{cloud}/incidents/{incidentId}", status_code=HTTPStatus.NO_CONTENT)
    def update_incident(cloud: Annotated[str, Depends(speaks)], id_: IncidentId, body: IncidentDocument) -> None:
        """Change an incident, publish a draft, or end it by `endedAt`; null lets it go on."""
        now = clock()
        with answered():
            incidents.change(database, cloud, id_, lambda before: _changed(before, given(body), now), now)

    @router.delete("/{cloud}/incidents/{incidentId}", status_code=HTTPStatus.NO_CONTENT)
    def delete_incident(cloud: Annotated[str, Depends(speaks)], id_: IncidentId) -> None:
        """Delete a draft, or withdraw what was published."""
        with answered():
            incidents.remove(database, cloud, id_, clock())


def _add_record(
    router: APIRouter, database: Database, clock: Callable[[], datetime], speaks: Speaks, sees_drafts: SeesDrafts
) -> None:
    @router.get("/{cloud}/incidents/{incidentId}/statements")
    def get_statements(
        cloud: Cloud, id_: IncidentId, drafts: Annotated[bool, Depends(sees_drafts)]
    ) -> Data[tuple[Statement, ...]]:
        """List all that was ever public of an incident, each with since when. Ours."""
        return Data(data=incidents.one(database, cloud, id_, drafts=drafts).statements)

    @router.get("/{cloud}/incidents/{incidentId}/post-mortem")
    def get_post_mortem(
        cloud: Cloud, id_: IncidentId, drafts: Annotated[bool, Depends(sees_drafts)]
    ) -> Data[dict[str, Any]]:
        """Return what was learnt of an incident; to who speaks for the cloud, also a beginning. Ours."""
        found = incidents.one(database, cloud, id_, drafts=drafts)
        if found.post_mortem is None and not drafts:
            raise UnknownNameError("There is no post-mortem yet.", hint="See the incident.")
        return Data(data=post_mortem.plain(post_mortem.begun(found)))

    @router.put("/{cloud}/incidents/{incidentId}/post-mortem", status_code=HTTPStatus.NO_CONTENT)
    def put_post_mortem(
        cloud: Annotated[str, Depends(speaks)], id_: IncidentId, body: Annotated[dict[str, Any], Body()]
    ) -> None:
        """Publish what was learnt of an incident that is over. Ours."""
        with answered():
            incidents.learn(database, cloud, id_, post_mortem.read(body), clock())


def _add_updates(
    router: APIRouter, database: Database, clock: Callable[[], datetime], speaks: Speaks, sees_drafts: SeesDrafts
) -> None:
    @router.get("/{cloud}/incidents/{incidentId}/updates")
    def get_incident_updates(
        cloud: Cloud, id_: IncidentId, drafts: Annotated[bool, Depends(sees_drafts)]
    ) -> Data[list[UpdateData]]:
        """List what was said of an incident, in its order."""
        found = incidents.one(database, cloud, id_, drafts=drafts)
        return Data(data=[UpdateData.of(each) for each in found.updates])

    @router.post("/{cloud}/incidents/{incidentId}/updates", status_code=HTTPStatus.CREATED)
    def create_incident_update(
        cloud: Annotated[str, Depends(speaks)], id_: IncidentId, body: UpdateDocument
    ) -> OrderField:
        """Say more of an incident."""
        with answered():
            words = (body.display_name or "", body.description or "")
            at = clock() if body.created_at is None else placed(body.created_at)
            made = incidents.say(database, cloud, id_, words, at, clock())
            return OrderField(order=made.order)

    @router.get("/{cloud}/incidents/{incidentId}/updates/{updateOrder}")
    def get_incident_update(
        cloud: Cloud, id_: IncidentId, order: OrderOf, drafts: Annotated[bool, Depends(sees_drafts)]
    ) -> Data[UpdateData]:
        """Return one thing that was said."""
        found = incidents.one(database, cloud, id_, drafts=drafts)
        return Data(data=UpdateData.of(incidents.update_of(found, order)))

    @router.patch("/{cloud}/incidents/{incidentId}/updates/{updateOrder}", status_code=HTTPStatus.NO_CONTENT)
    def update_incident_update(
        cloud: Annotated[str, Depends(speaks)], id_: IncidentId, order: OrderOf, body: UpdateDocument
    ) -> None:
        """Say it differently, while it is a draft."""
        with answered():
            before = incidents.update_of(incidents.one(database, cloud, id_, drafts=True), order)
            after = replace(
                before,
                name=before.name if body.display_name is None else body.display_name,
                description=before.description if body.description is None else body.description,
                created_at=before.created_at if body.created_at is None else placed(body.created_at),
            )
            incidents.say_differently(database, cloud, id_, after, clock())

    @router.delete("/{cloud}/incidents/{incidentId}/updates/{updateOrder}", status_code=HTTPStatus.NO_CONTENT)
    def delete_incident_update(cloud: Annotated[str, Depends(speaks)], id_: IncidentId, order: OrderOf) -> None:
        """Remove an update of a draft."""
        with answered():
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
