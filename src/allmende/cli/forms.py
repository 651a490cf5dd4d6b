"""The forms of a report by the names that people type."""

from enum import StrEnum

from allmende.report.formats import Form


class FormName(StrEnum):
    """A form of a report on the command line."""

    OWN = "json"
    UPSTREAM_YAML = "upstream-yaml"
    UPSTREAM_JSON = "upstream-json"

    @property
    def form(self) -> Form:
        """The form itself."""
        return Form[self.name]
