"""Whatever the OpenAPI document allows to be asked is answered, and never with an error of the server's."""

from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok

from allmende.operations.model.status import Automatic
from allmende.operations.run.pages import open_page
from allmende.registry.model.record import Subject
from allmende.registry.run.registry import Registry
from allmende.server import create_app
from allmende.testing.record import fill
from allmende.testing.registry import Operator, notary_of, registered, registry_in

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
EXAMPLES = 15


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    registry = registry_in(tmp_path_factory.mktemp("openapi"))
    fill(registry, NOW)
    yield registry
    registry.database.close()


@pytest.fixture(scope="module")
def reporter(record: Registry) -> Operator:
    open_page(record.database, "0", Automatic.DRAFT, ["compute"], NOW)
    return registered(record, "reporter", Subject(id="0", name="A subject that generated requests may name"), now=NOW)


def test_no_request_makes_the_server_fail(record: Registry, reporter: Operator) -> None:
    schema = schemathesis.openapi.from_asgi(
        "/api/openapi.json", create_app(record, lambda: NOW, notary_of(record, NOW))
    )
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    token = b64encode(":".join(reporter.credentials).encode()).decode()
    assert {"/reports", "/results", "/status", "/metrics", "/api/table"} <= {each.path for each in operations}
    for operation in operations:

        @settings(
            max_examples=EXAMPLES, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
        )
        @given(operation.as_strategy(), st.booleans())
        def answered(case: schemathesis.Case[Any], says_who: bool) -> None:
            response = case.call(headers={"Authorization": f"Basic {token}"} if says_who else None)
            case.validate_response(response, checks=[not_a_server_error])

        answered()
