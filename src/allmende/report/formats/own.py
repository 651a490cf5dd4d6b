"""Allmende's own form of a report: JSON after the schema `allmende.report/1`, written in canonical bytes (RFC 8785)."""

from typing import Any

from pydantic import ValidationError

from allmende.canonical import canonical_bytes
from allmende.errors import DocumentError
from allmende.report.document import Report
from allmende.report.formats.strict import faults, json_value


def read(content: bytes) -> Report:
    """Return the report in `content`; DocumentError when it does not follow the schema."""
    json_value(content)  # refuses what a JSON parser alone would let pass, such as keys that occur twice
    try:
        return Report.model_validate_json(content, strict=True)
    except ValidationError as error:
        raise DocumentError(
            f"The report does not follow its schema: {faults(error)}.", hint="See: allmende report schema"
        ) from error


def write(report: Report) -> bytes:
    """Return the canonical bytes of a report."""
    return canonical_bytes(report.model_dump(mode="json", by_alias=True))


def schema() -> dict[str, Any]:
    """Return the JSON schema (2020-12) of the form."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:allmende:report:1",
        **Report.model_json_schema(by_alias=True),
    }
