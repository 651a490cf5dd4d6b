"""Giving a cloud what it needs of this machine: a number, ports and secrets, without taking another cloud's."""

import fcntl
import hashlib
from pathlib import Path

from allmende.refcloud.apply.interfaces import numbers_in_use
from allmende.refcloud.apply.ports import is_free
from allmende.refcloud.apply.record import Memory, Record, memories
from allmende.refcloud.model.blueprint import Blueprint
from allmende.refcloud.model.cloud import MOST_CLOUDS, Identity, Profile
from allmende.refcloud.rules.ports import assign_number, assign_ports
from allmende.refcloud.rules.selection import port_names


def assign(
    blueprint: Blueprint, clouds: Path, memory: Memory, *, profile: Profile, virt_type: str, base: int | None
) -> Record:
    """Return what the cloud of `memory` is given, and remember it. To be called while the cloud is down."""
    lock = clouds / ".locks" / "assignment"
    lock.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        known = memory.record()
        others = [other.record() for other in memories(clouds) if other.root != memory.root]
        foreign = [record for record in others if record is not None]
        number = assign_number(
            known.identity.number if known else None,
            preferred=_spread(memory.root),
            foreign={record.identity.number for record in foreign} | numbers_in_use(),
            most=MOST_CLOUDS,
        )
        ports = assign_ports(
            port_names(blueprint, profile),
            known.ports if known else {},
            foreign={port for record in foreign for port in record.ports.values()},
            is_free=is_free,
            base=base,
        )
        identity = Identity(name=memory.root.name, number=number, profile=profile)
        record = Record(identity=identity, ports=ports, virt_type=virt_type)
        memory.remember(record)
        return record


def _spread(root: Path) -> int:
    return int.from_bytes(hashlib.sha256(str(root).encode()).digest()[:2]) % MOST_CLOUDS
