"""Which function judges which testcase.

`check` and `checks` only write on a function which testcases it claims; importing a module of checks does nothing else.
`catalogue` walks the modules of this package and joins their functions with the definitions of the standards by id. It
refuses a definition without function, a function without definition, and two functions for one testcase, so that there
is no list to keep by hand and none to forget. Testcases that need resources in the cloud (`active`) or a person
(not `automated`) may be without function; whoever plans a run shows them as missing.
"""

import importlib
import inspect
import pkgutil
import re
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar

import allmende.checks
from allmende.errors import DocumentError
from allmende.facts.fact import Fact
from allmende.outcome import Finding, Unavailable
from allmende.standards.model import Standards, Testcase

Judging = Callable[..., Finding]
JudgingT = TypeVar("JudgingT", bound=Judging)

_CLAIM = "claimed_testcases"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A testcase with the function that judges it from facts.

    `parameters` are the names and types of the function's arguments: fact types, and `Testcase` where the function
    judges a whole family. Those in `optional` may be Unavailable: the function says what that means.
    """

    testcase: Testcase
    function: Judging
    parameters: Mapping[str, type[Fact | Testcase]]
    optional: frozenset[type[Fact]] = frozenset()

    @property
    def facts(self) -> frozenset[type[Fact]]:
        """The fact types that must be observed before this check can judge."""
        return frozenset(type_ for type_ in self.parameters.values() if issubclass(type_, Fact))

    @property
    def required_facts(self) -> frozenset[type[Fact]]:
        """Those of them without which it cannot judge."""
        return self.facts - self.optional

    @property
    def how(self) -> str:
        """How it is judged, in sentences for a person."""
        return inspect.getdoc(self.function) or ""

    def judge(self, facts: Mapping[type, object]) -> Finding:
        """Judge the testcase from `facts`, keyed by their type; TypeError where one is missing or not of its type."""
        at_hand: dict[type, object] = {**facts, Testcase: self.testcase}
        for type_ in self.parameters.values():
            allowed = (type_, Unavailable) if type_ in self.optional else (type_,)
            if not isinstance(at_hand.get(type_), allowed):
                raise TypeError(f"{self.testcase.id} needs the fact {type_.__name__}, got {at_hand.get(type_)!r}")
        return self.function(**{name: at_hand[type_] for name, type_ in self.parameters.items()})


def check(testcase: str) -> Callable[[JudgingT], JudgingT]:
    """Let a function claim the testcase with this id."""
    return _claim(re.escape(testcase))


def checks(*families: str) -> Callable[[JudgingT], JudgingT]:
    """Let a function claim every testcase of the families, whose ids have anything in the place of `{}`."""
    return _claim("|".join(".+".join(re.escape(part) for part in family.split("{}")) for family in families))


def catalogue(standards: Standards) -> Mapping[str, Check]:
    """Return the check of every testcase that has one, by id; DocumentError names all orphans and duplicates."""
    return join(standards.testcases, _functions_of_this_package())


def join(testcases: Mapping[str, Testcase], functions: Iterable[Judging]) -> Mapping[str, Check]:
    """Return testcases and functions joined by id; DocumentError names all orphans and duplicates."""
    joined: dict[str, Check] = {}
    problems: list[str] = []
    for function in functions:
        claimed = [id_ for id_ in testcases if re.fullmatch(vars(function)[_CLAIM], id_)]
        if not claimed:
            problems.append(f"{_name(function)} judges no testcase of the catalogue")
        problems += [
            f"{id_} is judged by both {_name(joined[id_].function)} and {_name(function)}"
            for id_ in claimed
            if id_ in joined
        ]
        parameters, optional = _fact_parameters(function)
        for id_ in claimed:
            joined[id_] = Check(testcase=testcases[id_], function=function, parameters=parameters, optional=optional)
    problems += [f"{id_} has no function that judges it" for id_, case in testcases.items() if _is_orphan(case, joined)]
    if problems:
        raise DocumentError(f"Checks and definitions do not fit: {'; '.join(problems)}.")
    return MappingProxyType({id_: joined[id_] for id_ in testcases if id_ in joined})


def _claim(pattern: str) -> Callable[[JudgingT], JudgingT]:
    def attach(function: JudgingT) -> JudgingT:
        vars(function)[_CLAIM] = pattern
        return function

    return attach


def _functions_of_this_package() -> Iterator[Judging]:
    for info in pkgutil.iter_modules(allmende.checks.__path__):
        module = importlib.import_module(f"{allmende.checks.__name__}.{info.name}")
        for value in vars(module).values():
            if inspect.isfunction(value) and value.__module__ == module.__name__ and _CLAIM in vars(value):
                yield value


def _fact_parameters(function: Judging) -> tuple[Mapping[str, type[Fact | Testcase]], frozenset[type[Fact]]]:
    """Return the type of each parameter, and the types that the function also takes as Unavailable."""
    hints = typing.get_type_hints(function)
    parameters, optional, strangers = {}, set(), []
    for name in inspect.signature(function).parameters:
        types = set(typing.get_args(hints.get(name)) or (hints.get(name),))
        if len(types) == 2 and Unavailable in types:
            types.discard(Unavailable)
            optional |= types
        type_ = types.pop()
        if not types and isinstance(type_, type) and issubclass(type_, Fact | Testcase):
            parameters[name] = type_
        else:
            strangers.append(name)
    if strangers:
        raise DocumentError(f"{_name(function)} asks for {', '.join(strangers)}, which is no fact.")
    return MappingProxyType(parameters), frozenset(optional)


def _is_orphan(testcase: Testcase, joined: Mapping[str, Check]) -> bool:
    return testcase.automated and not testcase.active and testcase.id not in joined


def _name(function: Judging) -> str:
    return f"{function.__module__}.{function.__qualname__}"
