"""Rows that an operator changes over HTTP: flavors, images, volume types, rules, services, quotas, roles.

It has no policies, no tokens and no shapes of its own, as the public fake cloud has: it keeps what it is given, so that
the tests beside it see that exactly that comes back.
"""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Row = dict[str, Any]


@dataclass
class OperatorApi:
    """The rows of each list by id. `refuses` is a part of a path whose changes are answered with 500."""

    flavors: dict[str, Row] = field(default_factory=dict)
    images: dict[str, Row] = field(default_factory=dict)
    types: dict[str, Row] = field(default_factory=dict)
    default_security_group_rules: dict[str, Row] = field(default_factory=dict)
    services: dict[str, Row] = field(default_factory=dict)
    endpoints: dict[str, Row] = field(default_factory=dict)
    projects: dict[str, Row] = field(default_factory=dict)
    users: dict[str, Row] = field(default_factory=dict)
    domains: dict[str, Row] = field(default_factory=dict)
    roles: dict[str, Row] = field(default_factory=dict)
    os_services: dict[str, Row] = field(default_factory=dict)
    quota: Row = field(default_factory=dict)
    granted: set[str] = field(default_factory=set)
    refuses: str = "nothing"
    calls: list[str] = field(default_factory=list)
    url: str = ""
    numbers: "count[int]" = field(default_factory=lambda: count(100))

    def snapshot(self) -> str:
        """Return everything that can be seen of the cloud, whatever ids its rules have."""
        rules = sorted(json.dumps({**row, "id": ""}) for row in self.default_security_group_rules.values())
        lists = (self.flavors, self.images, self.types, self.services, self.endpoints, self.os_services)
        return json.dumps([*lists, rules, self.quota, sorted(self.granted)], sort_keys=True, indent=1)

    def answer(self, method: str, target: str, body: bytes) -> tuple[int, Any]:
        """Return status and document."""
        parts = urlsplit(target)
        path, query = re.sub(r"^/v[0-9.]+", "", parts.path), dict(parse_qsl(parts.query))
        self.calls.append(f"{method} {path}")
        if method != "GET" and self.refuses in path:
            return 500, {"error": {"message": "Broken on purpose."}}
        document = json.loads(body) if body[:1] in (b"{", b"[") else {}
        if path.startswith("/os-quota-sets/"):
            self.quota |= document.get("quota_set", {})
            used = {key: {"limit": limit, "in_use": 3} for key, limit in self.quota.items()}
            return 200, {"quota_set": used if path.endswith("/detail") or "usage" in query else self.quota}
        if match := re.fullmatch(r"/os-services/(enable|disable)", path):
            row = next(row for row in self.os_services.values() if row["binary"] == document["binary"])
            row["status"] = f"{match[1]}d"
            return 200, row
        if match := re.fullmatch(r"/projects/p1/users/u1/roles(?:/(.+))?", path):
            return self._grants(method, match[1])
        if match := re.fullmatch(r"/flavors/([^/]+)/os-extra_specs(?:/(.+))?", path):
            return self._specs(method, self.flavors[match[1]]["extra_specs"], match[2], document)
        return self._rows(method, path, query, document)

    def _grants(self, method: str, role: str | None) -> tuple[int, Any]:
        if role is None:
            return 200, {"roles": [self.roles[id_] for id_ in self.granted]}
        (self.granted.add if method == "PUT" else self.granted.discard)(role)
        return 204, None

    def _specs(self, method: str, specs: Row, key: str | None, document: Row) -> tuple[int, Any]:
        specs |= document.get("extra_specs", {})
        if method == "DELETE" and key:
            del specs[key]
        return 200, {"extra_specs": specs}

    def _rows(self, method: str, path: str, query: Row, document: Any) -> tuple[int, Any]:
        _, kind, *rest = path.replace("/detail", "").split("/")
        rows: dict[str, Row] = getattr(self, kind.replace("-", "_"))
        key = {"types": "volume_type", "os-services": "service"}.get(kind, kind.replace("-", "_").removesuffix("s"))
        match method, rest:
            case "GET", []:
                return 200, {f"{key}s": [row for row in rows.values() if _fits(row, query)]}
            case "POST", []:
                row = {"id": f"new-{next(self.numbers)}", "os_hidden": False} if kind == "images" else {}
                made = {"id": str(next(self.numbers)), **row, **document.get(key, document)}
                flavor = {"extra_specs": {}, "swap": ""} if kind == "flavors" else {}
                rows[made["id"]] = {**made, **flavor}
                return 201, rows[made["id"]] if kind == "images" else {key: rows[made["id"]]}
            case "DELETE", [id_]:
                del rows[id_]
                return 204, None
            case (("PUT" | "PATCH"), [id_]) if isinstance(document, list):
                for change in document:
                    name = change["path"].removeprefix("/")
                    rows[id_].pop(name) if change["op"] == "remove" else rows[id_].update({name: change["value"]})
                return 200, rows[id_]
            case (("PUT" | "PATCH"), [id_]):
                rows[id_] |= document.get(key, document)
                return 200, {key: rows[id_]}
            case _, [id_, *_]:
                return 200, rows[id_]
            case _:
                return 404, None


def _fits(row: Row, query: Row) -> bool:
    given = {key: value for key, value in query.items() if key not in ("is_public", "limit", "marker")}
    return all(str(row.get(key, "")).lower() == value.lower() for key, value in given.items())


@contextmanager
def served(api: OperatorApi) -> Iterator[OperatorApi]:
    """Serve the API on a free port of the loopback interface."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, document = api.answer(self.command, self.path, body)
            content = b"" if document is None else json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815 -- the standard library's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the standard library's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    api.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
