"""Reads the YAML files of the standards strictly: what is missing, superfluous, doubled or of another type is refused.

Every error names the file and the place in it. What the values mean is left to the modules that ask for them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from importlib.resources.abc import Traversable
from math import inf
from typing import Any, TypeVar

import yaml

try:
    from yaml import CSafeLoader as SafeLoader  # ten times as fast
except ImportError:  # PyYAML was built without libyaml
    from yaml import SafeLoader  # type: ignore[assignment]

from allmende.errors import DocumentError

E = TypeVar("E", bound=StrEnum)


class _UniqueKeyLoader(SafeLoader):
    """A safe loader that refuses a mapping with the same key twice, where YAML would keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 -- overrides
        keys = [key.value for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(None, None, f"the key `{key}` stands twice", node.start_mark)
        return super().construct_mapping(node, deep=deep)


@dataclass(slots=True)
class Node:
    """A mapping of a file, which notes what was asked for, so that what nobody asked for can be refused.

    `place` is how a person finds it: `documents.yaml, documents[3]`.
    """

    values: Mapping[str, Any]
    place: str
    asked: set[str] = field(default_factory=set)

    def has(self, key: str) -> bool:
        """Tell whether there is a value under `key`."""
        self.asked.add(key)
        return key in self.values

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text that is not empty; `default` where there is none."""
        value = self._value(key, default)
        if not isinstance(value, str) or not value.strip():
            raise self.error(f"`{key}` must be a text, but is {value!r}")
        return value.strip()

    def optional_text(self, key: str) -> str:
        """Return a text, or an empty one where there is none."""
        return self.text(key) if self.has(key) else ""

    def number(self, key: str, default: float | None = None) -> float:
        """Return a number greater than 0; `default` where there is none."""
        value = self._value(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < inf:
            raise self.error(f"`{key}` must be a number greater than 0, but is {value!r}")
        return float(value)

    def flag(self, key: str, *, default: bool) -> bool:
        """Return true or false."""
        value = self._value(key, default)
        if not isinstance(value, bool):
            raise self.error(f"`{key}` must be true or false, but is {value!r}")
        return value

    def day(self, key: str) -> date:
        """Return a date."""
        value = self._value(key, None)
        if not isinstance(value, date) or isinstance(value, datetime):
            raise self.error(f"`{key}` must be a date (YYYY-MM-DD), but is {value!r}")
        return value

    def optional_day(self, key: str) -> date | None:
        """Return a date, or None where there is none."""
        return self.day(key) if self.has(key) else None

    def choice(self, key: str, kind: type[E], default: E | None = None) -> E:
        """Return one of the values of an enumeration."""
        value = self._value(key, default)
        try:
            return kind(value)
        except ValueError:
            allowed = ", ".join(kind)
            raise self.error(f"`{key}` must be one of {allowed}, but is {value!r}") from None

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts, each once; empty where there is none."""
        value = self._value(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            raise self.error(f"`{key}` must be a list of texts, but is {value!r}")
        if len(set(value)) < len(value):
            raise self.error(f"`{key}` holds something twice: {', '.join(value)}")
        return tuple(value)

    def nodes(self, key: str) -> Iterator["Node"]:
        """Yield the mappings of a list; none where there is no list."""
        value = self._value(key, [])
        if not isinstance(value, list):
            raise self.error(f"`{key}` must be a list, but is {value!r}")
        for index, item in enumerate(value):
            yield _node(item, f"{self.place}{'.' if '[' in self.place else ', '}{key}[{index}]")

    def mapping(self, key: str) -> Mapping[str, Any]:
        """Return a mapping as it is."""
        value = self._value(key, None)
        return _node(value, f"{self.place}.{key}").values

    def finish(self) -> None:
        """Refuse what nobody asked for."""
        unknown = sorted(set(self.values) - self.asked)
        if unknown:
            raise self.error(f"unknown: {', '.join(f'`{key}`' for key in unknown)}")

    def error(self, message: str) -> DocumentError:
        """Return the error that says what is wrong at this place."""
        return DocumentError(f"{self.place}: {message}.")

    def _value(self, key: str, default: Any) -> Any:
        self.asked.add(key)
        value = self.values.get(key, default)
        if value is None:
            raise self.error(f"`{key}` is missing")
        return value


def read(file: Traversable) -> Node:
    """Return the mapping that a YAML file holds; DocumentError when it holds none."""
    return parse(file.read_bytes(), file.name)


def parse(content: bytes, name: str) -> Node:
    """Return the mapping that YAML holds which came from a file of this name; DocumentError when it holds none."""
    try:
        value = yaml.load(content, Loader=_UniqueKeyLoader)  # noqa: S506 -- derived from the safe loader
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date such as 2026-02-30
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise DocumentError(f"{name}{line}: not the YAML that is expected: {_problem(error)}.") from error
    return _node(value, name)


def lines(content: bytes, key: str) -> tuple[int, ...]:
    """Return the line on which each item of the list under `key` begins, in YAML that `parse` has accepted."""
    root = yaml.compose(content, Loader=SafeLoader)
    if not isinstance(root, yaml.MappingNode):
        return ()
    values = [value for name, value in root.value if name.value == key]
    return tuple(item.start_mark.line + 1 for value in values for item in value.value)


def _problem(error: Exception) -> str:
    return str(getattr(error, "problem", None) or error)


def _node(value: Any, place: str) -> Node:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise DocumentError(f"{place}: must be a mapping with names as keys, but is {value!r}.")
    return Node(value, place)
