"""FakeOpenStack: a cloud that speaks OpenStack's APIs over HTTP on a free port of the loopback interface.

It keeps what tests and members put in, answers like the services do, and fails on demand like quotas, policies,
proxies, load balancers and networks do. For what the APIs answer see `openstack_api`.
"""

import itertools
import ssl
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import yaml

from allmende.facts.openstack import Flavor, Image, SecurityGroupRule, VolumeType
from allmende.standards.model import Standards
from allmende.testing import conformant
from allmende.testing.fake.furniture import furnish
from allmende.testing.fake.model import OPERATOR, PATHS, Call, Reply, State
from allmende.testing.fake.server import server_on_a_free_port
from allmende.testing.fake.trouble import Calls, Fault, Trouble, spoilt
from allmende.testing.guest import healthy_guest
from allmende.testing.openstack_api import reply, service_of


class FakeOpenStack:
    """A fake cloud; a context manager that serves while it is entered.

    `state` may be changed at any time. `calls` records what was asked, as «GET /image/v2/images».
    """

    def __init__(
        self,
        *,
        flavors: Iterable[Flavor] = (),
        images: Iterable[Image] = (),
        volume_types: Iterable[VolumeType] = (),
        default_rules: Iterable[SecurityGroupRule] | None = (),
        services: Iterable[str] | None = None,
        page_size: int = 1000,
        delay_seconds: float = 0.0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.state = State(
            flavors=list(flavors),
            images=list(images),
            volume_types=list(volume_types),
            default_rules=None if default_rules is None else list(default_rules),
            services=set(PATHS if services is None else services),
            page_size=page_size,
        )
        furnish(self.state)
        self.delay_seconds = delay_seconds
        self.calls: list[str] = []
        self.most_at_once = 0
        self._headers: dict[str, Mapping[str, str]] = {}
        self._at_once = 0
        self._lock = threading.Lock()
        self._faults: dict[str | Calls, Fault] = {}
        self._answering = threading.Lock()
        self._request_ids = itertools.count(1)
        self._closing = threading.Event()
        self._scheme = "http" if tls is None else "https"
        self._server = server_on_a_free_port(self._answer, tls)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @classmethod
    def conformant(cls, standards: Standards, now: datetime, *, delay_seconds: float = 0.0) -> Self:
        """Return a cloud that passes every testcase of SCS-compatible IaaS at the time `now`."""
        cloud = cls(
            flavors=conformant.flavors(standards),
            images=conformant.images(standards, now),
            volume_types=conformant.volume_types(),
            default_rules=conformant.default_rules(),
            delay_seconds=delay_seconds,
        )
        cloud.prints(healthy_guest)
        return cloud

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """The address of the host; every service has a path below it."""
        return f"{self._scheme}://127.0.0.1:{self._server.server_address[1]}"

    @property
    def auth_url(self) -> str:
        """The address of keystone."""
        return f"{self.url}{PATHS['identity']}"

    def fail(
        self, service: str, *, status: int = 503, times: int | None = None, retry_after: int | None = None
    ) -> None:
        """Let a service answer with this status, always or the next `times`."""
        self._faults[service] = Fault(trouble=Trouble.STATUS, status=status, retry_after=retry_after, left=times)

    def answer_html(self, service: str, *, status: int = 200) -> None:
        """Let a proxy's page answer in place of a service."""
        self._faults[service] = Fault(trouble=Trouble.HTML, status=status)

    def truncate(self, service: str) -> None:
        """Let a service answer with half of its document, whole as far as HTTP can tell."""
        self._faults[service] = Fault(trouble=Trouble.TRUNCATED)

    def cut(self, service: str, *, times: int | None = None) -> None:
        """Close the connection in the middle of the body."""
        self._faults[service] = Fault(trouble=Trouble.CUT, left=times)

    def hang(self, service: str) -> None:
        """Accept requests of a service and never answer."""
        self._faults[service] = Fault(trouble=Trouble.HANG)

    def drop(self, service: str, *, times: int | None = None) -> None:
        """Close the connection without an answer."""
        self._faults[service] = Fault(trouble=Trouble.DROP, left=times)

    def refuse(
        self,
        method: str,
        path: str,
        *,
        status: int = 403,
        message: str = "Policy doesn't allow this to be performed.",
        service: str | None = None,
        times: int | None = None,
        obeyed: bool = False,
        spared: int = 0,
    ) -> None:
        """Refuse one kind of call with the service's own error document, always or the next `times`.

        `path` is the end of the path, with {names} for ids: «/backups/{id}/restore». `service` tells «/limits» of
        compute from that of block storage. The next `spared` calls go well before that. With `obeyed` the service does
        it, and only the answer is lost, as when a proxy gives up too early.
        """
        fault = Fault(trouble=Trouble.STATUS, status=status, message=message, left=times, obeyed=obeyed, spared=spared)
        self._faults[Calls(method=method, path=path, service=service)] = fault

    def breaks(self, method: str, path: str, *, service: str | None = None, times: int | None = None) -> None:
        """Let one kind of call end in an internal error."""
        message = "Unexpected API Error. Please report this."
        self.refuse(method, path, status=500, message=message, service=service, times=times)

    def hang_on(self, method: str, path: str, *, service: str | None = None) -> None:
        """Accept one kind of call and never answer."""
        self._faults[Calls(method=method, path=path, service=service)] = Fault(trouble=Trouble.HANG)

    def allow(self, method: str, path: str, *, service: str | None = None) -> None:
        """End the trouble with one kind of call."""
        self._faults.pop(Calls(method=method, path=path, service=service), None)

    def stuck(self, *what: str) -> None:
        """Let resources of these kinds, or those in `restore`, `upload`, `delete volume`, stay as they are for ever."""
        self.state.stuck.update(what)

    def goes_wrong(self, what: str, *, words: str = "") -> None:
        """Let resources of a kind (or `restore`, `upload`, `delete volume`) end in error, in these words if any."""
        self.state.wrong[what] = words

    def quota(self, what: str, limit: int) -> None:
        """Set the project's quota for a kind of resource, or for `cores`, `ram`, `gigabytes`."""
        self.state.quota[what] = limit

    def prints(self, console: Callable[[str], str]) -> None:
        """Let servers print what `console` returns for their user data."""
        self.state.console = console

    def resources(self) -> list[str]:
        """Return what exists beyond what was there at the start, as «volume NAME available».

        What is being deleted, and will be gone without anybody's doing, is left out.
        """
        made = [str(resource) for resource in self.state.resources if not (resource.furniture or resource.is_leaving)]
        buckets = [f"bucket {bucket}" for bucket in self.state.buckets]
        objects = [f"object {bucket}/{name}" for bucket, objects in self.state.buckets.items() for name in objects]
        return [*made, *buckets, *objects]

    def headers_of(self, call: str) -> Mapping[str, str]:
        """Return the headers of the last call of this kind («GET /»), names in lower case; KeyError without any."""
        return self._headers[call]

    def expire_tokens(self) -> None:
        """Forget every token that was given out."""
        self.state.tokens.clear()

    def remove_service(self, service: str) -> None:
        """Take a service out of the catalog of tokens yet to come."""
        self.state.services.discard(service)

    def clouds(self, *, password: str | None = None, **options: Any) -> dict[str, Any]:
        """Return the entries for a clouds.yaml: `fake`, `credential` (of an application), `manager` (of a domain)."""
        state = self.state
        with_password = {
            "auth_url": self.auth_url,
            "username": state.user,
            "password": state.password if password is None else password,
            "user_domain_name": "Default",
            "project_name": "demo",
            "project_domain_name": "Default",
        }
        with_credential = {
            "auth_url": self.auth_url,
            "application_credential_id": state.credential_id,
            "application_credential_secret": state.credential_secret,
        }
        as_manager = {
            "auth_url": self.auth_url,
            "username": "carol",
            "password": state.provision.manager_password,
            "user_domain_name": "village",
            "domain_name": "village",
        }
        region = {"region_name": state.region}
        return {
            "fake": {"auth": with_password, **region, **options},
            "credential": {"auth_type": "v3applicationcredential", "auth": with_credential, **region, **options},
            "manager": {"auth": as_manager, **region, **options},
        }

    def write_clouds_yaml(self, folder: Path, *, password: str | None = None, **options: Any) -> Path:
        """Write a clouds.yaml for this cloud into `folder` and return its path."""
        path = folder / "clouds.yaml"
        path.write_text(yaml.safe_dump({"clouds": self.clouds(password=password, **options)}), encoding="utf-8")
        return path

    def write_operator_yaml(self, folder: Path) -> Path:
        """Write a file with the entry `operator` for this cloud into `folder` and return its path."""
        entry = self.clouds(password=self.state.operator_password)["fake"]
        path = folder / "operator-clouds.yaml"
        operator = {**entry, "auth": {**entry["auth"], "username": OPERATOR}}
        path.write_text(yaml.safe_dump({"clouds": {"operator": operator}}), encoding="utf-8")
        return path

    def variables(self) -> dict[str, str]:
        """Return the `OS_*` variables for this cloud."""
        auth = self.clouds()["fake"]["auth"]
        return {f"OS_{key.upper()}": str(value) for key, value in auth.items()}

    def _fault(self, call: Call, service: str) -> Fault | None:
        with self._lock:
            for what, fault in self._faults.items():
                if fault.left != 0 and (what.include(call, service) if isinstance(what, Calls) else what == service):
                    if fault.spared:
                        self._faults[what] = replace(fault, spared=fault.spared - 1)
                        continue
                    self._faults[what] = fault if fault.left is None else replace(fault, left=fault.left - 1)
                    return fault
        return None

    def _answer(self, call: Call) -> Reply | None:
        """Return the reply to a call; None to close the connection without one."""
        with self._lock:
            self.calls.append(f"{call.method} {call.path}")
            self._headers[self.calls[-1]] = call.headers
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            if self.delay_seconds:
                self._closing.wait(self.delay_seconds)
            service = service_of(call.path)
            return self._troubled(call, service, self._fault(call, service))
        finally:
            with self._lock:
                self._at_once -= 1

    def _troubled(self, call: Call, service: str, fault: Fault | None) -> Reply | None:
        trace = {"X-Openstack-Request-Id": f"req-{next(self._request_ids)}"}
        honest = Reply()
        if fault is None or fault.obeyed or fault.trouble in (Trouble.TRUNCATED, Trouble.CUT, Trouble.DROP):
            with self._answering:
                honest = reply(self.state, call)
        honest = replace(honest, headers={**honest.headers, **trace})
        if fault is None:
            return honest
        if fault.trouble is Trouble.HANG:
            self._closing.wait()
        return spoilt(fault, service, honest)
