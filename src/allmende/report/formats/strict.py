"""Reading JSON and YAML that somebody else wrote, so that it can mean one thing only.

Refused are: bytes that are not UTF-8, keys that occur twice, deep nesting, numbers that are none, and, in YAML,
anchors, aliases and tags: they make small documents large and simple ones clever.
"""

import json
from collections.abc import Hashable, Iterator
from typing import Any, NoReturn

import yaml
from pydantic import ValidationError

from allmende.errors import DocumentError

MAX_DEPTH = 24
MAX_YAML_EVENTS = 200_000
"""A report has some thousands; more would only keep the reader busy."""

_SHOWN_FAULTS = 3


def text_of(content: bytes) -> str:
    """Decode UTF-8."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DocumentError(f"The document is not UTF-8: byte {error.start} cannot be read.") from error


def json_value(content: bytes) -> object:
    """Return the one value of a JSON text."""
    try:
        return json.loads(text_of(content), object_pairs_hook=_unique, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise DocumentError(f"The document is not JSON: line {error.lineno}: {error.msg}.") from error
    except RecursionError as error:
        raise DocumentError("The document is nested too deeply.") from error
    except ValueError as error:
        raise DocumentError(f"The document has a value that cannot be read: {error}.") from error


def yaml_values(content: bytes, *, max_documents: int) -> Iterator[object]:
    """Yield the value of each document of a YAML stream."""
    text = text_of(content)
    try:
        _refuse_cleverness(text, max_documents)
        yield from yaml.load_all(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        where = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise DocumentError(f"The document is not YAML: {where}{error.problem}.") from error
    except yaml.YAMLError as error:
        raise DocumentError("The document is not YAML: it has characters that YAML does not allow.") from error
    except (ValueError, OverflowError) as error:
        raise DocumentError(f"The document has a value that cannot be read: {error}.") from error


def faults(error: ValidationError) -> str:
    """Return the first faults of a document, each with its place, as one sentence."""
    found = [f"{'.'.join(map(str, fault['loc'])) or 'document'}: {fault['msg']}" for fault in error.errors()]
    more = f"; and {len(found) - _SHOWN_FAULTS} more" if len(found) > _SHOWN_FAULTS else ""
    return "; ".join(found[:_SHOWN_FAULTS]) + more


class _Loader(yaml.CSafeLoader):
    """A safe loader that refuses keys that occur twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002
        mapping = super().construct_mapping(node, deep=deep)
        if len(mapping) != len(node.value):
            raise yaml.constructor.ConstructorError(None, None, "a key occurs twice", node.start_mark)
        return mapping


def _refuse_cleverness(text: str, max_documents: int) -> None:
    depth = documents = 0
    for number, event in enumerate(yaml.parse(text, Loader=yaml.CSafeLoader)):
        if number > MAX_YAML_EVENTS:
            raise DocumentError("The document has too many values.", hint="Send one report per submission.")
        line = event.start_mark.line + 1 if event.start_mark else 0
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > max_documents:
                raise DocumentError(f"There are more than {max_documents} documents in one stream.")
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise DocumentError(f"Anchors and aliases are not accepted in YAML (line {line}).")
        if getattr(event, "tag", None):
            raise DocumentError(f"Tags are not accepted in YAML (line {line}).")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise DocumentError(f"The document is nested too deeply (line {line}).")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise DocumentError("A key occurs twice in one object of the document.")
    return value


def _no_number(name: str) -> NoReturn:
    raise DocumentError(f"{name} is no number in JSON.")
