"""A registry's subjects and accounts as one file under version control: reading it, and what it changes.

The file says who there is. Secrets are not in it: tokens are made by the registry. What it does not name stays, unless
it is to be pruned; subjects and accounts are never removed, because the record names them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import StrEnum

import yaml

from allmende.errors import DocumentError, SignatureError
from allmende.registry.model.accounts import Role
from allmende.registry.model.record import Subject
from allmende.report.keys import parse_public_key
from allmende.standards import strict
from allmende.standards.strict import Node

_FACE = tuple(each.name for each in fields(Subject) if each.name != "id")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredAccount:
    """An account: the ids of its subjects, its roles, and its keys as lines of OpenSSH's public key format."""

    name: str
    subjects: frozenset[str] = frozenset()
    roles: frozenset[Role] = frozenset()
    keys: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """Who there is."""

    subjects: tuple[Subject, ...] = ()
    accounts: tuple[DeclaredAccount, ...] = ()


class Verb(StrEnum):
    """What is done."""

    ADD = "add"
    CHANGE = "change"
    REMOVE = "remove"


class Kind(StrEnum):
    """What it is done with."""

    SUBJECT = "subject"
    ACCOUNT = "account"
    GRANT = "grant"
    ROLE = "role"
    KEY = "key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change: of a subject, or of an account and what it has (`value`: a subject's id, a role, or a key's line)."""

    verb: Verb
    kind: Kind
    name: str
    value: str = ""
    subject: Subject | None = None

    @property
    def words(self) -> str:
        """The change as one line."""
        sign = {Verb.ADD: "+", Verb.CHANGE: "~", Verb.REMOVE: "-"}[self.verb]
        shown = self.value if self.kind is not Kind.KEY else parse_public_key(self.value).fingerprint
        return f"{sign} {self.kind} {self.name}{f': {shown}' if shown else ''}"


def read(content: bytes, name: str) -> Declared:
    """Return what a file of this name declares; DocumentError with the place of what is wrong in it."""
    root = strict.parse(content, name)
    subjects = tuple(_subject(node) for node in root.nodes("subjects"))
    accounts = tuple(_account(node) for node in root.nodes("accounts"))
    root.finish()
    for kind, names in (("subject", [s.id for s in subjects]), ("account", [a.name for a in accounts])):
        twice = sorted({each for each in names if names.count(each) > 1})
        if twice:
            raise DocumentError(f"{name}: the {kind} {twice[0]} stands twice.", hint="Leave one of the two out.")
    return Declared(subjects=subjects, accounts=accounts)


def written(declared: Declared) -> str:
    """Return the file that declares this."""
    subjects = [
        {"id": each.id, **{name: value for name in _FACE if (value := getattr(each, name))}}
        for each in sorted(declared.subjects, key=lambda each: each.id)
    ]
    accounts = [
        {
            "name": each.name,
            **{name: sorted(value) for name in ("subjects", "roles", "keys") if (value := getattr(each, name))},
        }
        for each in sorted(declared.accounts, key=lambda each: each.name)
    ]
    plain = [
        {key: [str(one) for one in value] if isinstance(value, list) else value for key, value in account.items()}
        for account in accounts
    ]
    text: str = yaml.safe_dump(
        {"subjects": subjects, "accounts": plain}, sort_keys=False, allow_unicode=True, width=120
    )
    return text


def changes(declared: Declared, known: Declared, *, prune: bool) -> tuple[Change, ...]:
    """Return what has to be done so that the registry is as declared; with `prune`, also what is taken back.

    DocumentError for an account that is to report for a subject that nobody knows.
    """
    subjects = {each.id: each for each in known.subjects}
    accounts = {each.name: each for each in known.accounts}
    names = subjects.keys() | {each.id for each in declared.subjects}
    for account in declared.accounts:
        strangers = sorted(account.subjects - names)
        if strangers:
            raise DocumentError(
                f"The account {account.name} is to report for {strangers[0]}, which is no subject.",
                hint="Declare it under `subjects`.",
            )
    return (
        *(change for each in declared.subjects for change in _of_subject(each, subjects.get(each.id))),
        *(change for each in declared.accounts for change in _of_account(each, accounts.get(each.name), prune=prune)),
    )


def _of_subject(wanted: Subject, known: Subject | None) -> Iterator[Change]:
    if known is None:
        yield Change(verb=Verb.ADD, kind=Kind.SUBJECT, name=wanted.id, subject=wanted)
    elif known != wanted:
        differing = [name for name in _FACE if getattr(known, name) != getattr(wanted, name)]
        words = ", ".join(f"{name} {getattr(known, name)!r} → {getattr(wanted, name)!r}" for name in differing)
        yield Change(verb=Verb.CHANGE, kind=Kind.SUBJECT, name=wanted.id, value=words, subject=wanted)


def _of_account(wanted: DeclaredAccount, known: DeclaredAccount | None, *, prune: bool) -> Iterator[Change]:
    if known is None:
        yield Change(verb=Verb.ADD, kind=Kind.ACCOUNT, name=wanted.name)
    before = known or DeclaredAccount(name=wanted.name)
    for kind, has, had in (
        (Kind.GRANT, wanted.subjects, before.subjects),
        (Kind.ROLE, wanted.roles, before.roles),
        (Kind.KEY, wanted.keys, before.keys),
    ):
        for value in sorted(has - had):
            yield Change(verb=Verb.ADD, kind=kind, name=wanted.name, value=value)
        for value in sorted(had - has) if prune else ():
            yield Change(verb=Verb.REMOVE, kind=kind, name=wanted.name, value=value)


def _subject(node: Node) -> Subject:
    id_ = node.text("id")
    face = {name: node.text(name) for name in _FACE if node.has(name)}
    node.finish()
    return Subject(id=id_, **{"name": id_, **face})


def _account(node: Node) -> DeclaredAccount:
    name = node.text("name")
    try:
        roles = frozenset(map(Role, node.texts("roles")))
        keys = frozenset(parse_public_key(line).line for line in node.texts("keys"))
    except (ValueError, SignatureError) as error:
        raise node.error(f"{error}".rstrip(".")) from None
    account = DeclaredAccount(name=name, subjects=frozenset(node.texts("subjects")), roles=roles, keys=keys)
    node.finish()
    return account
