"""The registry as one value: where the record is, what it is judged by, and what a submission may be."""

from dataclasses import dataclass, field
from datetime import date

from allmende.registry.model import Limits, Table
from allmende.registry.run.tokens import TokenMemory
from allmende.standards.model import Standards
from allmende.storage.database import Database


@dataclass(slots=True)
class TableMemory:
    """The table that was assembled last, and for which state of the record on which day (UTC) it holds.

    Results expire with the day, so within one day the table of one state is always the same. One assignment replaces
    both, which makes it safe between threads.
    """

    held: tuple[int, date, Table] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """Database, standards and limits; made by the composition roots and passed to every function of `run`."""

    database: Database
    standards: Standards
    limits: Limits = field(default_factory=Limits)
    tokens: TokenMemory = field(default_factory=TokenMemory, repr=False, compare=False)
    memory: TableMemory = field(default_factory=TableMemory, repr=False, compare=False)
