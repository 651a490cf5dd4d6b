"""Which messages the pages say, so that a test can tell whether every language has all of them.

Run as a program, it brings the catalogues up to date: messages that are new are empty, those that are gone are left
out.
"""

import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

from allmende.health.pages import ENDINGS
from allmende.health.pages import SHOWN as HEALTH_STATES
from allmende.operations.pages import KINDS, NO_INCIDENT, VERDICTS
from allmende.registry.api.problems import (
    KEY_REPLACED,
    STORE_FULL,
    STORE_UNAVAILABLE,
    TITLES,
    UNKNOWN_NAME,
    UNREADABLE,
)
from allmende.registry.rules.due import Why
from allmende.standards.model import Target, Validity
from allmende.web.languages import ENGLISH, NAMES
from allmende.web.problem import NOT_FOUND, OUR_MISTAKE
from allmende.web.rate import TOO_MANY
from allmende.web.words import JUST_NOW, STATES, UNITS

WIDTH = 120
Message = str | tuple[str, str]

_COUNTED = re.compile(r"counted\('([^']+)'(?:, '([^']+)')?\)")
_HEADINGS = ("Name", "Operator", "Checked")
_OPTIONS = {"extensions": "jinja2.ext.i18n", "trimmed": "true", "trim_blocks": "true", "lstrip_blocks": "true"}
_FOLDER = Path(str(files("allmende.web")))


def messages() -> Iterator[Message]:
    """Yield every message, a pair where a number decides which of two forms is said."""
    for path in sorted((_FOLDER / "templates").rglob("*.html")):
        if path.parent.name == "report":  # files for download, in English
            continue
        with path.open("rb") as template:
            for _, _, found, _ in babel_extract(template, ["gettext", "ngettext", "_"], [], _OPTIONS):
                if isinstance(found, str):
                    yield found
                elif found is not None and isinstance(found[0], str) and isinstance(found[1], str):
                    yield found[0], found[1]
        for noun, plural in _COUNTED.findall(path.read_text()):
            yield f"{{n}} {noun}", f"{{n}} {plural or noun + 's'}"
    yield JUST_NOW
    for _, before, after in UNITS:
        yield before
        yield after
    yield from (state.word for state in (*STATES.values(), *HEALTH_STATES.values()))
    yield from ENDINGS.values()
    yield from (*KINDS, *VERDICTS.values(), NO_INCIDENT)
    yield from (*_HEADINGS, *Validity, *Target, *Why)
    yield from (*TITLES.values(), UNKNOWN_NAME, UNREADABLE)
    for problem in (NOT_FOUND, OUR_MISTAKE, TOO_MANY, STORE_FULL, KEY_REPLACED, STORE_UNAVAILABLE):
        yield from (problem.title, problem.detail, problem.next)


def bring_up_to_date(language: str) -> Catalog:
    """Return the catalogue of a language with exactly today's messages, and what was said for them before."""
    path = _FOLDER / "catalogues" / f"{language}.po"
    known = read_po(path.open("rb"), locale=language) if path.exists() else Catalog(locale=language)
    fresh = Catalog(locale=language)
    for message in dict.fromkeys(messages()):
        id_ = message[0] if isinstance(message, tuple) else message
        before = known.get(id_)
        fresh.add(message, string=before.string if before is not None else None)
    return fresh


def main() -> None:
    """Write the catalogues."""
    for language, name in NAMES.items():
        if language != ENGLISH:
            catalogue = bring_up_to_date(language)
            with (_FOLDER / "catalogues" / f"{language}.po").open("wb") as file:
                file.write(
                    f"# What the pages say, in {name}. New messages: python -m allmende.testing.messages\n\n".encode()
                )
                write_po(file, catalogue, width=WIDTH, omit_header=True)


if __name__ == "__main__":
    main()
