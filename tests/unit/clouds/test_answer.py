"""What an answer means, whatever service gave it."""

import json
import socket
from dataclasses import replace
from typing import Any

import pytest
import requests
import urllib3
from hypothesis import given
from hypothesis import strategies as st

from allmende.clouds.answer import Answer, complaint
from allmende.clouds.endpoints import address, is_loopback
from allmende.clouds.failures import connection_failure
from allmende.clouds.pages import next_page
from allmende.errors import CloudAuthError, CloudError, CloudProtocolError


def answer(status: int, content: bytes, **headers: str) -> Answer:
    return Answer(call="image: GET http://host/v2/images", status=status, headers=headers, content=content)


@pytest.mark.parametrize(
    "document",
    [
        {"itemNotFound": {"message": "no such thing", "code": 404}},
        {"error": {"message": "no such thing", "code": 404, "title": "Not Found"}},
        {"NeutronError": {"type": "X", "message": "no such thing", "detail": ""}},
        {"code": 404, "title": "Not Found", "description": "no such thing"},
        {"faultcode": "Client", "faultstring": "no such thing", "debuginfo": None},
        {"errors": [{"status": 404, "detail": "no such thing"}]},
    ],
)
def test_the_services_own_words_are_found_in_their_different_documents(document: dict[str, Any]) -> None:
    assert "answered 404: no such thing" in str(complaint(answer(404, json.dumps(document).encode())))


def test_an_error_document_of_s3_is_not_taken_for_a_page_of_a_proxy() -> None:
    document = b"<?xml version='1.0'?>\n<Error><Code>SlowDown</Code><Message>Come back later.</Message></Error>"
    assert "answered 503: SlowDown: Come back later." in str(complaint(answer(503, document)))


def test_only_the_image_api_forbids_with_a_page_of_its_own() -> None:
    page = b"<html><head><title>403 Forbidden</title></head><body>Not for you.</body></html>"
    assert isinstance(complaint(answer(403, page)), CloudAuthError)
    of_a_proxy = complaint(replace(answer(403, page), call="key-manager: POST http://host/v1/secrets"))
    assert isinstance(of_a_proxy, CloudProtocolError)
    assert "answered 403: HTML instead of JSON" in str(of_a_proxy)


@given(status=st.integers(100, 599), content=st.binary(max_size=200))
def test_every_answer_is_success_or_a_complaint_on_one_line(status: int, content: bytes) -> None:
    error = complaint(answer(status, content))
    assert (error is None) == (status < 400)
    if isinstance(error, CloudError):
        assert "\n" not in str(error)
        assert error.hint


@given(st.binary(max_size=200))
def test_a_body_is_a_json_object_or_a_protocol_error(content: bytes) -> None:
    try:
        document: object = json.loads(content)
    except ValueError:
        document = None
    if isinstance(document, dict):
        assert answer(200, content).object() == document
    else:
        with pytest.raises(CloudProtocolError, match="image: GET"):
            answer(200, content).object()


@pytest.mark.parametrize(
    "document",
    [
        {"flavors_links": [{"rel": "next", "href": "http://inside:8774/v2.1/flavors/detail?limit=2&marker=b"}]},
        {"next": "/v2/images?limit=2&marker=b"},
        {"links": {"next": "http://inside/v3/x?limit=2&marker=b", "self": "…", "previous": None}},
        {"volume_type_links": [{"rel": "next", "href": "http://inside/v3/p/types?limit=2&marker=b"}]},
    ],
)
def test_the_next_page_is_found_in_every_services_form(document: dict[str, Any]) -> None:
    key = "volume_types" if "volume_type_links" in document else "flavors"
    assert next_page(document, key) == {"limit": "2", "marker": "b"}


@pytest.mark.parametrize(
    "document", [{}, {"links": {"next": None}}, {"next": ""}, {"flavors_links": []}, {"links": []}]
)
def test_the_last_page_has_no_next(document: dict[str, Any]) -> None:
    assert next_page(document, "flavors") is None


@pytest.mark.parametrize(
    ("service", "endpoint", "expected"),
    [
        ("image", "http://h:9292", "http://h:9292/v2/x"),
        ("image", "http://h/image/", "http://h/image/v2/x"),
        ("image", "http://h:9292/v2/", "http://h:9292/v2/x"),
        ("network", "http://h:9696", "http://h:9696/v2.0/x"),
        ("compute", "http://h/v2.1/abc", "http://h/v2.1/abc/x"),
        ("block-storage", "http://h:8776", "http://h:8776/v3/proj/x"),
        ("block-storage", "http://h:8776/v3/proj", "http://h:8776/v3/proj/x"),
        ("object-store", "http://h/swift/v1/AUTH_p", "http://h/swift/v1/AUTH_p/x"),
        ("placement", "http://h/placement", "http://h/placement/x"),
    ],
)
def test_an_address_has_exactly_one_version(service: str, endpoint: str, expected: str) -> None:
    assert address(service, endpoint, "/x", "proj") == expected


def test_an_unknown_host_name_is_said_to_be_that() -> None:
    pool = urllib3.HTTPSConnectionPool("cloud.example")
    wrapped = urllib3.exceptions.NameResolutionError("cloud.example", pool, socket.gaierror(-2, "unknown"))  # type: ignore[arg-type]
    error = requests.ConnectionError(urllib3.exceptions.MaxRetryError(pool, "/v3", wrapped))
    failure = connection_failure("identity: token", "https://cloud.example/v3", error)
    assert failure is not None
    assert "no host of the name `cloud.example`" in str(failure.error)
    assert not failure.transient


@pytest.mark.parametrize(
    ("url", "ours"),
    [
        ("http://127.0.0.1:5000/v3", True),
        ("http://[::1]/", True),
        ("http://localhost:5000", True),
        ("https://cloud.example/v3", False),
        ("http://127.example/", False),
        ("nonsense", False),
    ],
)
def test_this_machines_own_addresses_are_known(url: str, ours: bool) -> None:
    assert is_loopback(url) is ours
