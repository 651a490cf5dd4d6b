"""What a defect of the reference cloud is: a sentence, the outcomes that it should lead to, and the steps that make it.

One YAML file of `data/defects` holds the defects of one part of a cloud. The keys of a step decide which kind it is.
A step changes one thing from its former state to a wanted one; mending brings the former state back. States are JSON;
an empty one means that the thing is not there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from allmende.outcome import Outcome

State = Mapping[str, Any]
Touch = tuple[str, ...]


class _Part(BaseModel):
    """A part of the catalogue: it never changes, and says nothing that the model does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FlavorRemoved(_Part):
    """The flavor is deleted."""

    remove_flavor: str


class FlavorAdded(_Part):
    """A flavor more."""

    add_flavor: str
    vcpus: int
    ram_mib: int
    disk_gib: int = 0
    extra_specs: Mapping[str, str] = Field(default_factory=dict)


class FlavorChanged(_Part):
    """The flavor is made anew under its id, with other figures."""

    flavor: str
    vcpus: int | None = None
    ram_mib: int | None = None
    disk_gib: int | None = None


class FlavorDescribed(_Part):
    """Extra specs of the flavor get other values; None removes one."""

    flavor_properties: str
    set: Mapping[str, str | None]


class ImageChanged(_Part):
    """Attributes and properties of the image get other values; None removes a property."""

    image: str
    set: Mapping[str, str | int | bool | None]


class ImageAdded(_Part):
    """An image more, of a few bytes."""

    add_image: str
    set: Mapping[str, str | int | bool | None] = Field(default_factory=dict)


class VolumeTypeDescribed(_Part):
    """The volume type gets another description."""

    volume_type: str
    description: str


class RuleChange(_Part):
    """Every rule that has the values of `remove` is removed, then the rule `add` is added."""

    remove: Mapping[str, str | int | bool] | None = None
    add: Mapping[str, str | int | bool] | None = None


class DefaultRulesChanged(_Part):
    """The template of security groups has other rules, which have the fields of the Networking API."""

    default_rules: RuleChange


class ServiceHidden(_Part):
    """The service of that type is disabled in keystone, and so in no catalog."""

    hide_service: str


class EndpointHidden(_Part):
    """The public endpoint of the service of that type is disabled; the catalog still names the service."""

    hide_endpoint: str


class UnitStopped(_Part):
    """The unit does not run."""

    stop: str


class WorkerDisabled(_Part):
    """The API gives the worker of that name nothing to do, as in a maintenance; `service` is whose worker it is."""

    disable: str
    service: Literal["compute", "block-storage"]


class FileChanged(_Part):
    """A file below the cloud's `etc` says something else, and the unit that reads it is started again.

    `replace` maps what stands there to what shall stand there; `text` is for a file that is not there.
    """

    file: str
    restart: str
    replace: Mapping[str, str] = Field(default_factory=dict)
    text: str | None = None


class QuotaExhausted(_Part):
    """The user's project may have no more than it has of something that the service counts."""

    quota: str
    service: Literal["compute", "block-storage"]


class RoleTaken(_Part):
    """The cloud's user does not have that role in the project."""

    take_role: str


Step = (
    FlavorRemoved
    | FlavorAdded
    | FlavorChanged
    | FlavorDescribed
    | ImageChanged
    | ImageAdded
    | VolumeTypeDescribed
    | DefaultRulesChanged
    | ServiceHidden
    | EndpointHidden
    | UnitStopped
    | WorkerDisabled
    | FileChanged
    | QuotaExhausted
    | RoleTaken
)


class Defect(_Part):
    """A way in which a real cloud may be broken, with what a check should then say of it.

    `outcomes` are by testcase; a file may write a pattern for several. `because` tells what is not obvious in them. A
    defect that `needs_guests` shows only on a cloud of the profile `core`. One that is `slow` takes the cloud or a
    check more than half a minute to notice or to recover from.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")
    sentence: str
    outcomes: Mapping[str, Outcome]
    steps: tuple[Step, ...] = Field(min_length=1)
    because: str = ""
    needs_guests: bool = False
    slow: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """A defect that a cloud has, and the state that each of its steps found before the cloud was changed."""

    defect: str
    former: tuple[State, ...]
