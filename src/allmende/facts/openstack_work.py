"""What is observed of a cloud by working in it: creating something as an ordinary member, and using it.

A step that only prepares is named by a constant here, because it is not what the testcase is about.
"""

from dataclasses import dataclass

from allmende.facts.attempts import Attempts
from allmende.facts.fact import Fact

CREATE_VOLUME = "create a volume of 1 GiB"
VOLUME_READY = "wait until the volume is available"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupWork(Fact):
    """A volume was made, backed up and restored.

    `is_same` tells whether the restored volume begins with the bytes that were written to the first one; None with
    `why_not_compared` where that could not be seen. `compared_bytes` is how many were compared.
    """

    attempts: Attempts
    is_same: bool | None = None
    compared_bytes: int = 0
    why_not_compared: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretWork(Fact):
    """A secret was stored, found in the list, read back and compared (`is_same`; None where it did not come so far)."""

    attempts: Attempts
    is_same: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Work(Fact):
    """The member made an EC2 credential and listed the buckets with it; `url` is where."""

    attempts: Attempts
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestRandomness(Fact):
    """What a guest with cloud-init found out about its random numbers.

    `entropy_avail` is what the kernel says it has, in bits; `blocks` of 20,000 bits were read and `failures` of them
    did not pass the FIPS 140-2 test, by the program `tested_by`. None where the guest could not tell. `console` is the
    end of what it wrote. `rngd` is the state of a service that feeds the kernel's entropy, as systemd names it.
    `earlier` says why a first guest had to be replaced by a second one.
    """

    attempts: Attempts
    image: str
    flavor: str
    kernel: str = ""
    entropy_avail: int | None = None
    blocks: int | None = None
    failures: int | None = None
    tested_by: str = ""
    rngd: str = ""
    console: str = ""
    earlier: str = ""
