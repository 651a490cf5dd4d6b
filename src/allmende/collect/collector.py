"""Which function collects which fact, how long it may take, and what it takes of the project's quota.

`collector` only writes this on a function; importing a module of this package does nothing else. `collectors` walks the
modules and joins functions and facts by the type that a function returns, so that there is no list to keep by hand.
"""

import importlib
import inspect
import pkgutil
import typing
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any, TypeVar

import allmende.collect
from allmende.errors import DocumentError
from allmende.facts.fact import Fact

Collecting = Callable[[Any], Awaitable[Fact]]
CollectingT = TypeVar("CollectingT", bound=Callable[..., Any])

STATIC_SECONDS = 120.0

_MANNER = "manner_of_collecting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a fact is collected.

    `seconds` is its deadline, `usual_seconds` what it takes on a healthy cloud (for progress only). `creates` tells
    whether something is made in the cloud, and `needs` what of that counts against the quota of the project, by
    service and resource (`{"block-storage.volumes": 2}`). `is_heavy` facts take long, and are collected on request.
    """

    seconds: float = STATIC_SECONDS
    usual_seconds: float = 1.0
    creates: bool = False
    needs: Mapping[str, int] = field(default_factory=dict)
    is_heavy: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Collector:
    """A fact type with the function that collects it."""

    fact: type[Fact]
    collect: Collecting
    manner: Manner


def collector(
    *,
    seconds: float = STATIC_SECONDS,
    usual_seconds: float = 1.0,
    creates: bool = False,
    needs: Mapping[str, int] | None = None,
    is_heavy: bool = False,
) -> Callable[[CollectingT], CollectingT]:
    """Let a function collect the fact that its annotation says it returns; see `Manner`."""
    manner = Manner(
        seconds=seconds, usual_seconds=usual_seconds, creates=creates, needs=dict(needs or {}), is_heavy=is_heavy
    )

    def attach(function: CollectingT) -> CollectingT:
        vars(function)[_MANNER] = manner
        return function

    return attach


@cache  # the modules of this package do not change while a program runs
def collectors() -> Mapping[type[Fact], Collector]:
    """Return the collector of every fact type; DocumentError where two functions collect the same one."""
    found: dict[type[Fact], Collector] = {}
    for function in _functions_of_this_package():
        fact = typing.get_type_hints(function)["return"]
        if not (isinstance(fact, type) and issubclass(fact, Fact)) or fact in found:
            raise DocumentError(f"{function.__module__}.{function.__qualname__} returns no fact, or one twice.")
        found[fact] = Collector(fact=fact, collect=function, manner=vars(function)[_MANNER])
    return MappingProxyType(found)


def _functions_of_this_package() -> Iterator[Any]:
    for info in pkgutil.iter_modules(allmende.collect.__path__):
        module = importlib.import_module(f"{allmende.collect.__name__}.{info.name}")
        for value in vars(module).values():
            if inspect.isfunction(value) and value.__module__ == module.__name__ and _MANNER in vars(value):
                yield value
