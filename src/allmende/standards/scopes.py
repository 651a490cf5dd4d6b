"""Reads a scope: its modules, the versions that are made of them, and the timeline of their validity.

A module may be part of several versions and is written once. Under each target it lists testcases by id.
"""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from allmende.standards.model import Module, Scope, Target, Testcase, TimelineEntry, Validity, Version
from allmende.standards.strict import Node


def scope(file: Node, testcases: Mapping[str, Testcase]) -> Scope:
    """Return the scope that a file holds; DocumentError where it is not well formed or refers to nothing."""
    modules = _modules(file, testcases)
    versions = tuple(_version(node, modules) for node in file.nodes("versions"))
    names = [version.name for version in versions]
    if len(set(names)) < len(names):
        raise file.error(f"a version is defined twice: {', '.join(names)}")
    unused = set(modules) - {module.id for version in versions for module in version.modules}
    if unused:
        raise file.error(f"no version includes {', '.join(sorted(unused))}")
    read = Scope(
        id=file.text("id"),
        uuid=_uuid(file),
        name=file.text("name"),
        level=file.text("level"),
        layer=file.text("layer"),
        url=file.text("url"),
        versions=versions,
        timeline=_timeline(file, names),
        short=file.text("short") if file.has("short") else "",
    )
    file.finish()
    return read


def _uuid(file: Node) -> str:
    value = file.text("uuid")
    try:
        return str(UUID(value))
    except ValueError:
        raise file.error(f"`uuid` must be a UUID, but is {value!r}") from None


def _modules(file: Node, testcases: Mapping[str, Testcase]) -> dict[str, Module]:
    modules: dict[str, Module] = {}
    for node in file.nodes("modules"):
        targets = {target: node.texts(target) for target in Target}
        module = Module(
            id=node.text("id"),
            name=node.text("name"),
            url=node.text("url"),
            targets={target: ids for target, ids in targets.items() if ids},
        )
        node.finish()
        if module.id in modules:
            raise node.error(f"`{module.id}` is defined twice")
        for id_ in (id_ for ids in targets.values() for id_ in ids):
            if id_ not in testcases:
                raise node.error(f"there is no testcase `{id_}`")
        modules[module.id] = module
    return modules


def _version(node: Node, modules: Mapping[str, Module]) -> Version:
    names = node.texts("modules")
    for name in names:
        if name not in modules:
            raise node.error(f"there is no module `{name}`")
    version = Version(
        name=node.text("name"),
        modules=tuple(modules[name] for name in names),
        stabilized=node.optional_day("stabilized"),
    )
    node.finish()
    listed = [id_ for module in version.modules for ids in module.targets.values() for id_ in ids]
    doubles = sorted({id_ for id_ in listed if listed.count(id_) > 1})
    if doubles:
        raise node.error(f"{version.name} lists a testcase twice: {', '.join(doubles)}")
    return version


def _timeline(file: Node, versions: list[str]) -> tuple[TimelineEntry, ...]:
    entries = tuple(_entry(node, versions) for node in file.nodes("timeline"))
    days: list[date] = [entry.since for entry in entries]
    if days != sorted(set(days)):
        raise file.error("`timeline` must be in the order of its days, each once")
    return entries


def _entry(node: Node, versions: list[str]) -> TimelineEntry:
    validity = {}
    for name, value in node.mapping("validity").items():
        if name not in versions:
            raise node.error(f"there is no version `{name}`")
        if value not in tuple(Validity):
            raise node.error(f"the validity of `{name}` must be one of {', '.join(Validity)}, but is {value!r}")
        validity[name] = Validity(value)
    entry = TimelineEntry(since=node.day("since"), validity=validity)
    node.finish()
    return entry
