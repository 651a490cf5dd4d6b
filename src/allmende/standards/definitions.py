"""Reads the definitions of the testcases: one file per standard in `data/testcases`.

A file names the `standard` (a document version) and lists its `testcases`. Near-identical testcases are a family: one
definition with `rows`. In the texts of a family `{column}` stands for that column of the row (a list is joined by
commas), and the columns named by `parameters` are handed to the check. The address of a testcase is the page of its
standard at the heading that `section` names. A testcase that people judge (`automated: false`) lists under
`attestation` what an operator hands in, and one whose id the public suite does not know is `own: true`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from allmende.standards.model import DocumentVersion, Lifetime, Testcase
from allmende.standards.strict import Node

Row = Mapping[str, str | tuple[str, ...]]

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def testcases(file: Node, documents: Mapping[str, DocumentVersion]) -> Iterator[Testcase]:
    """Yield the testcases of one file, in its order, families expanded; DocumentError where it is not well formed."""
    standard = file.text("standard")
    for definition in file.nodes("testcases"):
        yield from _expanded(definition, documents, standard)
    file.finish()


def _expanded(definition: Node, documents: Mapping[str, DocumentVersion], standard: str) -> Iterator[Testcase]:
    document = documents.get(definition.text("standard", standard))
    if document is None:
        raise definition.error(f"there is no document `{definition.text('standard', standard)}`")
    parameters = definition.texts("parameters")
    if parameters and not definition.has("rows"):
        raise definition.error("`parameters` are columns of `rows`, but there are none")
    rows = [_row(row) for row in definition.nodes("rows")] if definition.has("rows") else [None]
    for row in rows:
        yield _testcase(definition, document, row, parameters)
    definition.finish()


def _testcase(definition: Node, document: DocumentVersion, row: Row | None, parameters: Iterable[str]) -> Testcase:
    def text(key: str) -> str:
        return definition.text(key) if row is None else _filled(definition, key, row)

    section = text("section")
    return Testcase(
        id=text("id"),
        title=text("title"),
        standard=document.name,
        section=section,
        demand=text("demand"),
        remedy=text("remedy"),
        url=f"{document.url}#{document.anchor_prefix}{_anchor(section)}",
        lifetime=definition.choice("lifetime", Lifetime, Lifetime.WEEK),
        automated=definition.flag("automated", default=True),
        active=definition.flag("active", default=False),
        heavy=definition.flag("heavy", default=False),
        own=definition.flag("own", default=False),
        attestation=_attestation(definition),
        parameters={name: row[name] for name in parameters if name in row} if row else {},
        family=_family(definition.text("id")) if row else "",
    )


def _attestation(definition: Node) -> tuple[str, ...]:
    wanted = definition.texts("attestation")
    if wanted and definition.flag("automated", default=True):
        raise definition.error("`attestation` is for testcases that people judge, but this one is automated")
    return wanted


def _family(id_: str) -> str:
    """Return what the ids of a family have in common: `scs-0103-flavor` of `scs-0103-flavor-{id}`; empty for one id."""
    common = _PLACEHOLDER.sub("", id_)
    return "" if common == id_ else common.replace("--", "-").strip("-")


def _filled(definition: Node, key: str, row: Row) -> str:
    """Return the text under `key` with the row's columns in their places."""

    def column(match: re.Match[str]) -> str:
        value = row.get(match[1])
        if value is None:
            raise definition.error(f"`{key}` speaks of the column `{match[1]}`, which a row lacks")
        return value if isinstance(value, str) else ", ".join(value)

    return _PLACEHOLDER.sub(column, definition.text(key))


def _row(row: Node) -> Row:
    return {key: _cell(row, key, value) for key, value in row.values.items()}


def _cell(row: Node, key: str, value: Any) -> str | tuple[str, ...]:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, list):
        return row.texts(key)
    raise row.error(f"`{key}` must be a text, a whole number or a list of texts, but is {value!r}")


def _anchor(heading: str) -> str:
    """Return the anchor that the documentation site gives to a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
