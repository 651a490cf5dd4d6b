"""Finds what a name means among the standards, and the names that somebody may have meant."""

from collections.abc import Iterable
from datetime import date
from difflib import get_close_matches

from allmende.errors import UnknownNameError
from allmende.standards.model import DocumentVersion, Scope, Standards, Testcase, Version


def find(standards: Standards, name: str) -> tuple[DocumentVersion, ...] | Scope | Testcase:
    """Return the scope, the testcase, the document version or all versions of the document of this name.

    Scopes are known by id, UUID, name and short form. UnknownNameError suggests what is spelled alike.
    """
    try:
        return standards.scope(name)
    except KeyError:
        pass
    if name in standards.testcases:
        return standards.testcases[name]
    documents = tuple(d for d in standards.documents if name.lower() in (d.id, d.name))
    if not documents:
        known = [*standards.testcases, *(d.id for d in standards.documents), *(d.name for d in standards.documents)]
        raise _unknown("standard, scope or testcase", name, [*known, *_short_names(standards)])
    return documents


def testcase(standards: Standards, name: str) -> Testcase:
    """Return the testcase with this id; UnknownNameError suggests what is spelled alike."""
    if name not in standards.testcases:
        raise _unknown("testcase", name, standards.testcases)
    return standards.testcases[name]


def scope(standards: Standards, name: str) -> Scope:
    """Return the scope of this id, UUID, name or short form; UnknownNameError suggests what is spelled alike."""
    try:
        return standards.scope(name)
    except KeyError:
        raise _unknown("scope", name, _short_names(standards)) from None


def version(of: Scope, name: str, on: date) -> Version:
    """Return a version of a scope that is known on that day; UnknownNameError names those there are."""
    known = {version.name: version for version in of.known(on)}
    if name not in known:
        raise UnknownNameError(
            f"{of.name} has no version `{name}` on {on}.", hint=f"one of {', '.join(known)}" if known else ""
        )
    return known[name]


def _short_names(standards: Standards) -> list[str]:
    return [scope.called for scope in standards.scopes]


def similar(name: str, known: Iterable[str]) -> str:
    """Return the question whether one of the known names was meant; where none is alike, the command that lists all."""
    names = list(dict.fromkeys(known))
    of_the_same_standard = [each for each in names if each.startswith(name[:8].lower())]
    close = get_close_matches(name.lower(), of_the_same_standard or names, n=3, cutoff=0.6)
    return f"did you mean {' or '.join(f'`{match}`' for match in close)}?" if close else "allmende standards list"


def _unknown(kind: str, name: str, known: Iterable[str]) -> UnknownNameError:
    return UnknownNameError(f"There is no {kind} `{name}`.", hint=similar(name, known))
