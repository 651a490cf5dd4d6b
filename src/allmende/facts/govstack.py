"""What is observed of a cloud for the requirements of GovStack, by working in it as an ordinary member.

A step that only prepares is named by a constant here, because it is not what the testcase is about.
"""

from dataclasses import dataclass
from datetime import timedelta

from allmende.facts.attempts import Attempts
from allmende.facts.fact import Fact

MAKE_CREDENTIAL = "make an application credential with the role reader only"
SIGN_IN = "sign in with it"
CREATE_VOLUME = "create a volume of 1 GiB"
VOLUME_READY = "wait until the volume is available"
CREATE_NETWORK = "create a network"
CREATE_SUBNET = "create a subnet"
CREATE_PORT = "create a port"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenWork(Fact):
    """A token was issued, used and revoked; `lifetime` is how long it would have been valid."""

    attempts: Attempts
    lifetime: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderWork(Fact):
    """Somebody who has only the role `reader` read something, and tried to create something."""

    attempts: Attempts


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerGroupWork(Fact):
    """A server group of each policy was created, seen and removed."""

    attempts: Attempts


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageUploadWork(Fact):
    """An image was uploaded, became active and was read back.

    `is_same` tells whether the bytes are those that were uploaded (None where it did not come so far), `size_bytes` how
    many they are.
    """

    attempts: Attempts
    size_bytes: int
    is_same: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityGroupWork(Fact):
    """A security group and a rule in it were created, seen and removed."""

    attempts: Attempts


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotWork(Fact):
    """A volume was made, a snapshot of it, and another volume from the snapshot."""

    attempts: Attempts


@dataclass(frozen=True, slots=True, kw_only=True)
class FloatingAddressWork(Fact):
    """An address of the network `outside` was allocated, attached to a port and released."""

    attempts: Attempts
    outside: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadBalancerWork(Fact):
    """A load balancer was created on a subnet of its own and removed; `provider` is what the API says drives it."""

    attempts: Attempts
    provider: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StackWork(Fact):
    """A template with a network and a subnet was applied, and its stack deleted again."""

    attempts: Attempts
