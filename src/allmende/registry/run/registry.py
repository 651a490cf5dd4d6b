"""The registry as one value: where the record is, what it is judged by, and what a submission may be."""

from dataclasses import dataclass, field

from argon2 import PasswordHasher

from allmende.registry.model.record import Limits
from allmende.registry.run.memory import Memory
from allmende.registry.run.tokens import TokenMemory
from allmende.standards.model import Standards
from allmende.storage.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """Database, standards and limits; made by the composition roots and passed to every function of `run`."""

    database: Database
    standards: Standards
    limits: Limits = field(default_factory=Limits)
    passwords: PasswordHasher = field(default_factory=PasswordHasher, repr=False, compare=False)
    tokens: TokenMemory = field(default_factory=TokenMemory, repr=False, compare=False)
    memory: Memory = field(default_factory=Memory, repr=False, compare=False)
