"""The documents of the SCS status-page API (version 1.1): names, shapes and limits are its own."""

from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from allmende.operations.model.status import Component, Impact, ImpactType, Incident, Phases, Severity, Update

T = TypeVar("T")
Name = Annotated[str, Field(max_length=300)]
Text = Annotated[str, Field(max_length=20_000)]
SeverityValue = Annotated[int, Field(ge=0, le=100)]
Order = Annotated[int, Field(ge=0, le=2**31 - 1)]


class _Document(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class IdField(_Document):
    """The id of what was made."""

    id: UUID


class GenerationField(_Document):
    """The generation of what was made."""

    generation: Order


class OrderField(_Document):
    """The order of what was made."""

    order: Order


class PhaseList(_Document):
    """Phases by their names, in order."""

    phases: list[Name]


class PhaseListData(PhaseList, GenerationField):
    """Phases of a generation."""


class SeverityDocument(_Document):
    """A name for impacts up to a value."""

    display_name: Name | None = None
    value: SeverityValue | None = None

    @classmethod
    def of(cls, severity: Severity) -> "SeverityDocument":
        """Return the document."""
        return cls(display_name=severity.name, value=severity.value)


class ImpactTypeDocument(_Document):
    """In which way components can be affected."""

    display_name: Name | None = None
    description: Text | None = None


class ImpactTypeData(ImpactTypeDocument, IdField):
    """An impact type with its id."""

    @classmethod
    def of(cls, impact_type: ImpactType) -> "ImpactTypeData":
        """Return the document."""
        return cls(id=impact_type.id, display_name=impact_type.name, description=impact_type.description)


class ImpactDocument(_Document):
    """That an incident affects a component; `reference` is the one of the two that is not told of here."""

    type: UUID
    reference: UUID
    severity: SeverityValue = 100

    @classmethod
    def of(cls, impact: Impact, reference: UUID) -> "ImpactDocument":
        """Return the document."""
        return cls(type=impact.type, reference=reference, severity=impact.severity)


class ComponentDocument(_Document):
    """A component; the label `service` names what is measured of it."""

    display_name: Name | None = None
    labels: dict[Name, Name] | None = None


class ComponentData(_Document):
    """A component with its id, and the incidents that affect it at the moment that was asked for."""

    id: UUID
    display_name: str
    labels: dict[str, str]
    actively_affected_by: list[ImpactDocument]

    @classmethod
    def of(cls, component: Component, active: list[Incident]) -> "ComponentData":
        """Return the document."""
        return cls(
            id=component.id,
            display_name=component.name,
            labels=dict(component.labels),
            actively_affected_by=[
                ImpactDocument.of(impact, incident.id)
                for incident in active
                for impact in incident.affects
                if impact.component == component.id
            ],
        )


class PhaseReferenceDocument(_Document):
    """A phase, by its place in the list of a generation."""

    generation: Order
    order: Order


class IncidentDocument(_Document):
    """An incident, or a maintenance. `published` is ours: without it, what is made is public at once."""

    display_name: Name | None = None
    description: Text | None = None
    affects: Annotated[list[ImpactDocument], Field(max_length=200)] | None = None
    began_at: datetime | None = None
    ended_at: datetime | None = None
    phase: PhaseReferenceDocument | None = None
    published: bool | None = None


class IncidentData(_Document):
    """An incident with its id; `updates` are the orders of its updates."""

    id: UUID
    display_name: str
    description: str
    updates: list[int]
    affects: list[ImpactDocument]
    began_at: datetime
    ended_at: datetime | None
    phase: PhaseReferenceDocument | None
    published: bool

    @classmethod
    def of(cls, incident: Incident) -> "IncidentData":
        """Return the document."""
        phase = incident.phase
        return cls(
            id=incident.id,
            display_name=incident.name,
            description=incident.description,
            updates=[update.order for update in incident.updates],
            affects=[ImpactDocument.of(impact, impact.component) for impact in incident.affects],
            began_at=incident.began_at,
            ended_at=incident.ended_at,
            phase=None if phase is None else PhaseReferenceDocument(generation=phase.generation, order=phase.order),
            published=incident.is_public,
        )


class UpdateDocument(_Document):
    """What is said of an incident."""

    display_name: Name | None = None
    description: Text | None = None
    created_at: datetime | None = None


class UpdateData(_Document):
    """An update with its order."""

    order: int
    display_name: str
    description: str
    created_at: datetime

    @classmethod
    def of(cls, update: Update) -> "UpdateData":
        """Return the document."""
        return cls(
            order=update.order,
            display_name=update.name,
            description=update.description,
            created_at=update.created_at,
        )


class Data(BaseModel, Generic[T]):
    """What was asked for."""

    data: T


def phase_list(phases: Phases) -> Data[PhaseListData]:
    """Return the document."""
    return Data(data=PhaseListData(generation=phases.generation, phases=list(phases.names)))


def given(document: BaseModel) -> dict[str, Any]:
    """Return what a document says, by the names of its fields; null is said, what is left out is not."""
    return {name: getattr(document, name) for name in document.model_fields_set}
