"""The door to OpenStack clouds: the only module that imports openstacksdk and keystoneauth.

It decides how we connect (the SDK's configuration, one token, reused connections, limits, retries) and what each
failure means. What is asked, and what answers mean, is left to `collect` and others: they give service type, method and
path and get an `Answer`. It is long because nothing of the SDK may be used elsewhere; what needs no SDK is beside it.
"""

import asyncio
import functools
import threading
import warnings
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Self, TypeVar

import requests
from aiolimiter import AsyncLimiter
from keystoneauth1 import exceptions as vendor
from keystoneauth1.access.access import AccessInfo
from keystoneauth1.identity import V3ApplicationCredential
from keystoneauth1.identity.base import BaseIdentityPlugin
from keystoneauth1.plugin import BaseAuthPlugin
from keystoneauth1.session import Session, TCPKeepAliveAdapter
from openstack.config import OpenStackConfig
from openstack.config.cloud_region import CloudRegion
from openstack.exceptions import ConfigException
from openstack.warnings import RemovedInSDK60Warning

from allmende import __version__
from allmende.clouds.absences import (
    endpoint_not_named,
    region_not_chosen,
    region_unknown,
    service_absent,
    service_elsewhere,
)
from allmende.clouds.answer import Answer
from allmende.clouds.config_files import Choice, ConfigFiles, choose, these_files, usual_files, well_formed
from allmende.clouds.endpoints import address, is_loopback
from allmende.clouds.failures import Failure, causes, connection_failure, not_keystone, refused_credential, too_slow
from allmende.clouds.limits import Limits
from allmende.clouds.login import Login
from allmende.clouds.pages import whole_list
from allmende.clouds.persistence import TransientError, heard, persistently
from allmende.clouds.threads import Lanes
from allmende.clouds.token import Token
from allmende.errors import (
    CloudAuthError,
    CloudError,
    CloudFailedError,
    CloudProtocolError,
    SettingsError,
)
from allmende.facts.openstack import Catalog, CatalogEntry, Member

T = TypeVar("T")

_SHORTEST_SECRET = 4  # a shorter one would black out half of every sentence, and is none
_SECRET_OPTIONS = ("password", "application_credential_secret", "token", "passcode", "client_secret", "access_token")


async def open_cloud(
    name: str | None,
    *,
    environ: Mapping[str, str],
    limits: Limits | None = None,
    config_files: Iterable[Path] | None = None,
) -> "OpenStackCloud":
    """Return a door to the cloud `name` of clouds.yaml, or to the one that the `OS_*` variables describe.

    Without a name, `OS_CLOUD` names it, else the other `OS_*` variables are the configuration, else the only cloud of
    the file is meant. `config_files` replaces the usual places of clouds.yaml. Nothing is sent yet: the first request
    fetches the token. Raises UnknownNameError and SettingsError.
    """
    files = these_files(config_files) if config_files is not None else usual_files(environ, Path.cwd())
    choice = choose(name, environ, files)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RemovedInSDK60Warning)  # the SDK warns of InfluxDB although none is configured
        region = _configured(choice, files)
    return OpenStackCloud(choice.name, region, limits or Limits())


def _configured(choice: Choice, files: ConfigFiles) -> CloudRegion:
    """Return the SDK's configuration of one cloud; the process's own environment is not looked at."""
    options: dict[str, Any] = dict(choice.overrides)
    try:
        config = OpenStackConfig(
            config_files=[str(files.clouds)] if choice.in_file else [],
            secure_files=[str(files.secure)] if choice.in_file and files.secure else [],
            vendor_files=[str(files.vendors)] if files.vendors else [],
            load_envvars=False,
            app_name="allmende",
            app_version=__version__,
        )
        if choice.in_file:
            well_formed(config.cloud_config["clouds"][choice.name], f"{files.clouds}: the cloud `{choice.name}`")
        return config.get_one(cloud=choice.name if choice.in_file else None, **options)
    except vendor.MissingRequiredOptions as error:
        missing = ", ".join(f"`{option.dest}`" for option in error.options)
        raise SettingsError(
            f"The configuration of the cloud `{choice.name}` lacks {missing}.",
            hint=f"Add it under `auth:` in {files.clouds or 'clouds.yaml'} or in secure.yaml beside it.",
        ) from None
    except (
        vendor.NoMatchingPlugin,
        ConfigException,
        requests.RequestException,  # `profile:` may be an address
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
    ) as error:
        raise SettingsError(
            f"The configuration of the cloud `{choice.name}` does not work: {_first_line(error)}",
            hint=f"Correct it in {files.clouds or 'the OS_* variables'}; `auth_type` and `auth:` must fit together.",
        ) from None


def _first_line(error: BaseException) -> str:
    text = str(error.args[0]) if error.args else type(error).__name__
    return text.strip().splitlines()[0] if text.strip() else type(error).__name__


class _CountingAdapter(TCPKeepAliveAdapter):
    """Keeps connections open, counts what is really sent (tokens and repetitions, too), and needs no proxy to go home.

    `HTTP_PROXY` is for the way out; few people think of `NO_PROXY=127.0.0.1` before a cloud runs on their own machine.
    """

    def __init__(self, width: int) -> None:
        super().__init__(pool_connections=width * 4, pool_maxsize=width)
        self._lock = threading.Lock()
        self.sent = 0

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        with self._lock:
            self.sent += 1
        if is_loopback(request.url or ""):
            kwargs["proxies"] = {}
        return super().send(request, *args, **kwargs)


class OpenStackCloud:
    """One project of one region of one OpenStack cloud, with the credential of one user.

    `name` is the one in clouds.yaml, or `envvars`. To be used as an async context manager, or closed with `close()`.
    """

    def __init__(self, name: str, region: CloudRegion, limits: Limits) -> None:
        self.name = name
        self._region = region
        self._limits = limits
        self._lanes = Lanes(limits.concurrent)
        self._budget = AsyncLimiter(limits.per_second, 1.0)
        self._access_fetched: AccessInfo | None = None
        self._fetching_access = asyncio.Lock()
        self._patience = (limits.connect_seconds, limits.answer_seconds)
        self._session: Session = region.get_session()
        self._session.timeout = limits.answer_seconds
        self._adapter = _CountingAdapter(limits.concurrent)
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, self._adapter)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def region(self) -> str:
        """The region that is configured, or an empty text where none is."""
        return self._region.get_region_name() or ""

    @property
    def auth_url(self) -> str:
        """Where tokens come from."""
        return str(self._region.get_auth_args().get("auth_url") or "(no auth_url)")

    @property
    def authority(self) -> Path | None:
        """The file of the authority that is trusted beside the well-known ones (`cacert:`), where one is given."""
        verify, _ = self._region.get_requests_verify_args()
        return Path(verify) if isinstance(verify, str) else None

    @property
    def requests(self) -> int:
        """How many HTTP requests were sent so far, with those for the token and repetitions."""
        return self._adapter.sent

    async def close(self) -> None:
        """Give the connections back. Requests still under way end on their own and hold up nothing."""
        self._session.close()

    async def request(
        self,
        service_type: str,
        method: str,
        path: str,
        *,
        json: object | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | BinaryIO | None = None,
        microversion: str | None = None,
        authenticated: bool = True,
        only_reads: bool = False,
        confidential: bool = False,
    ) -> Answer:
        """Send a request and return its answer; every failure, and each status from 400 on, is a CloudError.

        `service_type` is the official name («block-storage», not «volumev3»), `path` is relative to the root of the
        API's version, or an absolute address; `{user}` in it stands for our own user's id. GET and HEAD, and what
        `only_reads` by another method, are repeated when the failure may pass. An open file as `content` is sent piece
        by piece. With `authenticated=False` no token is sent along; what is `confidential` is not logged.
        """
        url = await self._address(service_type, path)
        call = f"{service_type}: {method} {url}"
        send = functools.partial(
            self._send,
            url,
            method,
            json=json,
            params=dict(params or {}),
            headers={"Accept": "application/json", **(headers or {})},
            data=content,
            microversion=microversion,
            microversion_service_type=service_type if microversion else None,
            authenticated=authenticated,
            log=not confidential,
            timeout=self._patience,
        )
        return await self._persistently(call, url, "GET" if only_reads else method, send, path=path)

    async def beginning(self, service_type: str, path: str, size: int) -> bytes:
        """Return the first `size` bytes of something large (all of it, where it is smaller), and leave the rest."""
        url = await self._address(service_type, path)
        send = functools.partial(self._send, url, "GET", timeout=self._patience, first_bytes=size)
        return (await self._persistently(f"{service_type}: GET {url}", url, "GET", send)).content

    async def ask(self, url: str, *, headers: Mapping[str, str]) -> Answer:
        """GET an address without our token; return the answer even when it says no, unless it is a failure (5xx)."""
        send = functools.partial(
            self._send, url, "GET", headers=dict(headers), authenticated=False, timeout=self._patience
        )
        return await self._persistently(f"GET {url}", url, "GET", send, refusals_are_answers=True)

    async def items(
        self,
        service_type: str,
        path: str,
        key: str,
        *,
        params: Mapping[str, str] | None = None,
        microversion: str | None = None,
    ) -> list[dict[str, Any]]:
        """Return every object of a list, over all its pages. `key` is the name of the list in the answer."""

        async def fetch(query: Mapping[str, str]) -> Answer:
            return await self.request(service_type, "GET", path, params=query, microversion=microversion)

        return await whole_list(fetch, key, params or {})

    async def endpoint(self, service_type: str) -> str:
        """Return the address of a service as configured or as the catalog lists it for our interface and region."""
        if override := self._region.get_endpoint(service_type):
            return override
        access = await self._access()
        if access is None:
            return await self._endpoint_without_catalog(service_type)
        wanted = self._region.get_service_type(service_type)
        listed = access.service_catalog.get_endpoints_data(
            service_type=wanted, interface=self._region.get_interface(service_type) or "public"
        )
        every = [endpoint for group in listed.values() for endpoint in group]
        regions = sorted({str(endpoint.region_name) for endpoint in every})
        region = self._region.get_region_name(service_type)
        if not region and len(regions) > 1:
            raise region_not_chosen(self.name, regions)
        for endpoint in every:
            if region in (None, "", endpoint.region_name):
                return str(endpoint.url)
        if regions:
            raise service_elsewhere(self.name, service_type, region, regions)
        known = sorted({service["type"] for service in access.service_catalog.normalize_catalog()})
        raise service_absent(self.name, service_type, known)

    async def catalog(self) -> Catalog:
        """Return the services of the catalog with their public endpoint in our region.

        SettingsError when the region does not exist: a wrong name is no cloud without services.
        """
        access = await self._access()
        services = access.service_catalog.normalize_catalog() if access else []
        regions = sorted({str(endpoint["region_name"]) for service in services for endpoint in service["endpoints"]})
        if self.region and regions and self.region not in regions:
            raise region_unknown(self.name, self.region, regions)
        return Catalog(items=tuple(self._entry(service) for service in services))

    async def member(self) -> Member:
        """Return who we are: user, project and roles of the token."""
        access = await self._access()
        if access is None:
            raise CloudAuthError(
                f"`{self.name}` is configured without keystone: there is no user and no project.",
                hint="Use an `auth_type` with a user or an application credential.",
            )
        return Member(
            user=access.username or access.user_id or "",
            project=access.project_name or access.project_id or access.domain_name or access.domain_id or "",
            roles=frozenset(access.role_names or ()),
        )

    async def login(self) -> Login:
        """Return what another program needs to log in as we do; CloudAuthError where that is no password.

        What the token says is taken before what is configured: the names of domains, and the ids.
        """
        access = await self._access()
        arguments = self._region.get_auth_args()
        if access is None or not arguments.get("password") or not access.project_id:
            raise CloudAuthError(
                f"`{self.name}` is configured with `{self._region.config.get('auth_type')}`: another program cannot "
                "log in with that.",
                hint="It takes a user's name and password, and a project: add such an entry to clouds.yaml.",
            )
        trusted, _certificate = self._region.get_requests_verify_args()
        return Login(
            auth_url=self.auth_url,
            user=access.username or "",
            user_id=access.user_id or "",
            user_domain=access.user_domain_name or "",
            password=str(arguments["password"]),
            project=access.project_name or "",
            project_id=access.project_id,
            project_domain=access.project_domain_name or "",
            project_domain_id=access.project_domain_id or "",
            region=self.region,
            interface=str(self._region.get_interface() or "public"),
            ca_file=self.authority,
            verifies=bool(trusted),
        )

    def _entry(self, service: Mapping[str, Any]) -> CatalogEntry:
        url = next((e["url"] for e in service["endpoints"] if e["interface"] == "public" and self._is_ours(e)), None)
        return CatalogEntry(type=service["type"] or "", name=service["name"] or "", public_url=url)

    def _is_ours(self, endpoint: Mapping[str, Any]) -> bool:
        return not self.region or endpoint["region_name"] == self.region

    async def another_token(self, *, credential: tuple[str, str] | None = None) -> Token:
        """Return a new token: of our own credential, or of an application credential given by its id and secret.

        The token that our requests share stays as it is.
        """
        auth: BaseAuthPlugin | None = self._session.auth
        if credential:
            identifier, secret = credential
            auth = V3ApplicationCredential(
                auth_url=(await self._address("identity", "")).rstrip("/"),
                application_credential_id=identifier,
                application_credential_secret=secret,
            )
        if not isinstance(auth, BaseIdentityPlugin):
            raise CloudAuthError(
                f"`{self.name}` is configured without keystone, so there are no tokens.",
                hint="Use an `auth_type` with a user or an application credential.",
            )
        fetched = await self._fetched(functools.partial(auth.get_auth_ref, self._session))
        if not (fetched.auth_token and fetched.issued and fetched.expires):
            raise CloudProtocolError(f"The token from {self.auth_url} does not say when it was issued and expires.")
        return Token(value=fetched.auth_token, issued_at=fetched.issued, expires_at=fetched.expires)

    async def project_id(self) -> str | None:
        """Return the project of the token; None without one."""
        access = await self._access()
        return access.project_id if access else None

    async def user_id(self) -> str | None:
        """Return the user of the token; None without one."""
        access = await self._access()
        return access.user_id if access else None

    async def domain_id(self) -> str | None:
        """Return the domain that the token is for, or else that of its project; None without one."""
        access = await self._access()
        return (access.domain_id or access.project_domain_id) if access else None

    async def _access(self) -> AccessInfo | None:
        """Return what the token says; None for the kinds of authentication that know no catalog."""
        auth: BaseAuthPlugin | None = self._session.auth
        if not isinstance(auth, BaseIdentityPlugin):
            return None
        async with self._fetching_access:
            if self._access_fetched is None:
                self._access_fetched = await self._fetched(functools.partial(auth.get_access, self._session))
            return self._access_fetched

    async def _address(self, service_type: str, path: str) -> str:
        if "{user}" in path:
            path = path.replace("{user}", await self.user_id() or "")
        return address(service_type, await self.endpoint(service_type), path, await self.project_id())

    async def _fetched(self, fetch: Callable[[], AccessInfo]) -> AccessInfo:
        call = f"identity: token from {self.auth_url}"
        try:
            return await self._in_time(call, self.auth_url, fetch)
        except TransientError as passing:
            raise passing.error from None
        except (KeyError, TypeError, ValueError) as error:  # the library takes the parts of a token for granted
            raise not_keystone(call, error) from None

    async def _endpoint_without_catalog(self, service_type: str) -> str:
        found = self._session.auth.get_endpoint(self._session) if self._session.auth else None
        if not found:
            raise endpoint_not_named(self.name, service_type)
        return str(found)

    async def _persistently(
        self,
        call: str,
        url: str,
        method: str,
        send: Callable[[str], Answer],
        *,
        path: str = "",
        refusals_are_answers: bool = False,
    ) -> Answer:
        async def attempt() -> Answer:
            await self._budget.acquire()
            return await heard(
                lambda: self._in_time(call, url, functools.partial(send, call)),
                call,
                path or url,
                self._without_secrets,
            )

        try:
            return await persistently(attempt, method, self._limits, refusals_are_answers=refusals_are_answers)
        except CloudError as error:
            raise self._without_secrets(error) from None

    async def _in_time(self, call: str, url: str, work: Callable[[], T]) -> T:
        """Run a blocking call of the vendor's library, with its total time limited and its failures translated."""
        try:
            return await self._lanes.run(work, self._limits.answer_seconds)
        except TimeoutError:
            raise too_slow(call, self._limits.answer_seconds) from None
        except (vendor.ClientException, OSError) as error:
            failure = self._failure(call, url, error)
        if failure.transient:
            raise TransientError(failure.error)
        raise failure.error

    def _send(self, url: str, method: str, call: str, *, first_bytes: int | None = None, **parts: Any) -> Answer:
        response = self._session.request(url, method, raise_exc=False, stream=first_bytes is not None, **parts)
        with response:
            content = response.content if first_bytes is None else response.raw.read(first_bytes, decode_content=True)
        return Answer(
            call=call,
            status=response.status_code,
            headers={name.lower(): value for name, value in response.headers.items()},
            content=content,
        )

    def _failure(self, call: str, url: str, error: Exception) -> Failure:
        """Translate what the vendor's library raised. Statuses come here only from the request for the token."""
        if failure := connection_failure(call, url, error):
            return failure
        if isinstance(error, vendor.Unauthorized):
            arguments = self._region.get_auth_args()
            return Failure(error=refused_credential(self.auth_url, arguments, error.request_id or ""))
        if status := next((cause for cause in causes(error) if isinstance(cause, vendor.HttpError)), None):
            trace = f" [{status.request_id}]" if status.request_id else ""
            kind = CloudProtocolError if status.http_status < 500 else CloudFailedError
            hint = "Check `auth_url:` in clouds.yaml: it should end with `/v3`; if it does, try again later."
            message = f"{call} answered {status.http_status}{trace}."
            return Failure(error=kind(message, hint=hint, request_id=status.request_id or ""))
        return Failure(error=not_keystone(call, error))

    def _without_secrets(self, error: CloudError) -> CloudError:
        """Black out our own secrets, should a server send them back in its complaint."""
        arguments = self._region.get_auth_args()
        message = str(error)
        for secret in (str(arguments.get(option) or "") for option in _SECRET_OPTIONS):
            if len(secret) >= _SHORTEST_SECRET:
                message = message.replace(secret, "…")
        return type(error)(message, hint=error.hint, request_id=error.request_id, status=error.status)
