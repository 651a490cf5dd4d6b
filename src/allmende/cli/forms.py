"""The forms of a report by the names that people type, which of them can be read again, and writing each."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path

from allmende.errors import DocumentError, UsageError
from allmende.report.document import Report
from allmende.report.formats import Form, junit, oscal, sarif, write
from allmende.report.reading import Reading, reading
from allmende.standards.model import Standards, Version


class FormName(StrEnum):
    """A form of a report on the command line."""

    OWN = "json"
    UPSTREAM_YAML = "upstream-yaml"
    UPSTREAM_JSON = "upstream-json"
    JUNIT = "junit"
    SARIF = "sarif"
    HTML = "html"
    OSCAL = "oscal"

    @property
    def form(self) -> Form | None:
        """The form itself where it can be read again; None for those that others read."""
        return Form.__members__.get(self.name)


ENDINGS = {
    ".json": FormName.OWN,
    ".yaml": FormName.UPSTREAM_YAML,
    ".yml": FormName.UPSTREAM_YAML,
    ".xml": FormName.JUNIT,
    ".sarif": FormName.SARIF,
    ".html": FormName.HTML,
}


def form_of(output: Path) -> FormName:
    """Return the form that the ending of a file names."""
    try:
        return ENDINGS[output.suffix.lower()]
    except KeyError:
        raise UsageError(
            f"The ending of {output} names no form.", hint=f"End it with {', '.join(ENDINGS)}, or --format."
        ) from None


def signable(name: FormName) -> None:
    """Raise UsageError unless a signature over this form can be checked against a report that is read again."""
    if name.form is None:
        raise UsageError(
            f"The form {name} is not signed: nothing reads it back as a report.",
            hint=f"Write and sign report.json, then: allmende report convert report.json --to {name}",
        )


def written(name: FormName, reports: Sequence[Report], standards: Standards, version: Version | None) -> bytes:
    """Return the bytes of the reports; forms for others tell results apart by the version, None where not known."""
    if name.form:
        return write(name.form, reports)
    if len(reports) != 1:
        raise DocumentError(f"The form {name} holds exactly one report.", hint="Convert the reports one by one.")
    return _WRITERS[name](reading(reports[0], standards, version))


def _html(read: Reading) -> bytes:
    from allmende.web.standalone import standalone  # the templates' library is only needed here

    return standalone("report/file.html", {"reading": read})


_WRITERS: Mapping[FormName, Callable[[Reading], bytes]] = {
    FormName.JUNIT: junit.write,
    FormName.SARIF: sarif.write,
    FormName.HTML: _html,
    FormName.OSCAL: oscal.write,
}
