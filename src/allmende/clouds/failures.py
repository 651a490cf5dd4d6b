"""Why no answer came, or no token: what broken connections, certificates, names and credentials mean for a person.

The libraries wrap the socket's exception three or four times; here the chain is searched for the one that explains.
"""

import socket
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests
import urllib3

from allmende.errors import CloudAuthError, CloudError, CloudProtocolError, CloudTimeoutError, CloudUnreachableError


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An error for a person, and whether the same request may well succeed in a moment."""

    error: CloudError
    transient: bool = False


def connection_failure(call: str, url: str, error: BaseException) -> Failure | None:
    """Explain an exception of the transport, or return None when it is none.

    `call` starts the sentence («image: GET http://…»), `url` gives the host and port to name.
    """
    chain = tuple(causes(error))
    host = urlsplit(url).netloc.rpartition("@")[2] or url
    for cause in chain:
        if isinstance(cause, ssl.SSLError):
            return _tls(call, host, cause)
        if isinstance(cause, socket.gaierror | urllib3.exceptions.NameResolutionError):
            return _unreachable(
                f"{call}: there is no host of the name `{urlsplit(url).hostname}`.",
                "Check the address for typing errors, and DNS or VPN of this machine.",
            )
    for cause in chain:
        if isinstance(cause, ConnectionRefusedError):
            return _unreachable(
                f"{call}: nothing listens on {host}.",
                "Check the address and port; the service may be down or behind a firewall.",
                transient=True,
            )
        if isinstance(cause, urllib3.exceptions.IncompleteRead):
            return _truncated(call)
    return _vague(call, host, chain)


def _vague(call: str, host: str, chain: tuple[BaseException, ...]) -> Failure | None:
    for cause in chain:
        if isinstance(cause, TimeoutError | requests.Timeout | urllib3.exceptions.TimeoutError):
            return Failure(
                error=CloudTimeoutError(
                    f"{call}: {host} did not answer in time.",
                    hint="Check firewalls and VPN on the way, or try again later.",
                )
            )
        if isinstance(cause, requests.exceptions.ProxyError | urllib3.exceptions.ProxyError):
            return _unreachable(
                f"{call}: the proxy on the way to {host} failed.", "Check `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`."
            )
    for cause in chain:
        if isinstance(cause, requests.exceptions.ChunkedEncodingError | requests.exceptions.ContentDecodingError):
            return _truncated(call)
        if isinstance(cause, ConnectionError | urllib3.exceptions.ProtocolError):
            return _unreachable(
                f"{call}: {host} closed the connection without an answer.",
                "Try again; if it stays, ask the cloud's administrator about the load balancer.",
                transient=True,
            )
    for cause in chain:
        if isinstance(cause, OSError | urllib3.exceptions.HTTPError):
            return _unreachable(
                f"{call}: no connection to {host} ({_own_words(cause)}).", "Check the address and the network."
            )
    return None


def too_slow(call: str, seconds: float) -> CloudTimeoutError:
    """Say that a whole answer did not come within the limit."""
    return CloudTimeoutError(
        f"{call}: no complete answer within {seconds:g} s.",
        hint="Check firewalls and VPN on the way, or try again later.",
    )


def refused_credential(auth_url: str, arguments: Mapping[str, object], request_id: str) -> CloudAuthError:
    """Say whose credential keystone refused; `arguments` are those of `auth:`, of which no secret is said.

    Keystone answers the same to a wrong, an expired and a revoked credential, so the hint names all of them.
    """
    trace = f" [{request_id}]" if request_id else ""
    if credential := arguments.get("application_credential_id") or arguments.get("application_credential_name"):
        return CloudAuthError(
            f"{auth_url} refused the application credential `{credential}`{trace}.",
            hint="It is wrong, expired or revoked: make a new one (`openstack application credential create`).",
            request_id=request_id,
        )
    who = arguments.get("username") or arguments.get("user_id") or "(no user)"
    where = arguments.get("project_name") or arguments.get("project_id") or "(no project)"
    return CloudAuthError(
        f"{auth_url} refused the credential of `{who}` for the project `{where}`{trace}.",
        hint="Check user, password, domains and project in clouds.yaml or the OS_* variables.",
        request_id=request_id,
    )


def not_keystone(call: str, error: Exception) -> CloudProtocolError:
    """Say that what answered to the request for a token is not keystone."""
    return CloudProtocolError(
        f"{call}: the answer is not keystone's ({type(error).__name__}).",
        hint="Check `auth_url:` in clouds.yaml, and proxies on the way: a web page may have answered.",
    )


def _tls(call: str, host: str, error: ssl.SSLError) -> Failure:
    reason = getattr(error, "verify_message", "") or (error.reason or "").replace("_", " ").lower() or "no reason given"
    if isinstance(error, ssl.SSLCertVerificationError):
        hint = "Set `cacert:` in clouds.yaml (or OS_CACERT) to the file of the authority that signed it."
        if "mismatch" in reason or "match" in reason:
            hint = "Use the host name for which the certificate was issued."
        elif "expired" in reason:
            hint = "Ask the cloud's administrator to renew the certificate; check this machine's clock."
        return _unreachable(f"{call}: the certificate of {host} is not trusted: {reason}.", hint)
    hint = "Check whether the address should start with `http://`, and the TLS versions that both ends speak."
    return _unreachable(f"{call}: no TLS session with {host}: {reason}.", hint)


def _truncated(call: str) -> Failure:
    error = CloudProtocolError(
        f"{call}: the connection was cut in the middle of the answer.",
        hint="Try again; if it stays, ask the cloud's administrator about load balancers that cut answers.",
    )
    return Failure(error=error, transient=True)


def _unreachable(message: str, hint: str, *, transient: bool = False) -> Failure:
    return Failure(error=CloudUnreachableError(message, hint=hint), transient=transient)


def _own_words(error: BaseException) -> str:
    return getattr(error, "strerror", None) or type(error).__name__


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and all those it was made from, however they were wrapped."""
    seen: set[int] = set()
    pending: list[object] = [error]
    while pending:
        current = pending.pop(0)
        if not isinstance(current, BaseException) or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        pending += [getattr(current, "reason", None), *current.args, current.__cause__, current.__context__]
