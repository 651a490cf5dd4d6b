"""Who visits the desk: their cookie, and how a page is shown to, and a form taken from, who is signed in.

A page of the desk has one address. GET shows it; POST does what the button named `act` stands for, and leads
back to it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Protocol
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from allmende.errors import AllmendeError, StoreError
from allmende.registry.model.accounts import Account, Role
from allmende.registry.model.refusals import Refusal
from allmende.registry.rules import sign_in as rules
from allmende.registry.run import sign_in
from allmende.registry.run.registry import Registry
from allmende.web.forms import Form, read_form
from allmende.web.headers import CONTENT_SECURITY_POLICY
from allmende.web.render import Templates

PRIVATE_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": CONTENT_SECURITY_POLICY.replace("form-action 'none'", "form-action 'self'"),
    "Referrer-Policy": "same-origin",
}
"""What pages with forms add: they are kept nowhere, and their forms lead to this site only."""

Shown = Mapping[str, object]
Act = Callable[[Form, "Visit"], Refusal | Shown | None]
"""What a button does: None when it is done, a refusal, or what is to be shown once, as the text of a token is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Who is signed in, and what their forms carry."""

    account: Account
    secret: str = field(repr=False)

    @property
    def form_token(self) -> str:
        """What each form carries that was made for this visit."""
        return rules.form_token(self.secret)


class DeskPage(Protocol):
    """A page of the desk."""

    @property
    def address(self) -> str:
        """Where it is."""
        ...

    @property
    def template(self) -> str:
        """The template that shows it."""
        ...

    @property
    def role(self) -> Role | None:
        """Whose it is; None for everybody's who is signed in."""
        ...

    def shown(self, visit: Visit, request: Request) -> Shown:
        """Return what the template shows."""
        ...

    def acts(self) -> Mapping[str, Act]:
        """Return what can be done there, by the names of the buttons."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """Lets people in: shows pages to who is signed in, and takes their forms."""

    registry: Registry
    templates: Templates

    def visit(self, request: Request) -> Visit | None:
        """Return who is signed in by this request's cookie; None when nobody is."""
        secret = request.cookies.get(cookie_name(request), "")
        account = sign_in.account_of(self.registry, secret, self.templates.clock()) if secret else None
        return None if account is None else Visit(account=account, secret=secret)

    def route(self, page: DeskPage, most_file_bytes: int = 0) -> Route:
        """Return the route of a page of the desk; its forms have files where these may have so many bytes together."""

        async def answer(request: Request) -> Response:
            visit = await run_in_threadpool(self.visit, request)
            if visit is None:
                return to_sign_in(page.address)
            if page.role is not None and page.role not in visit.account.roles:
                raise HTTPException(HTTPStatus.FORBIDDEN, f"This page is for accounts with the role {page.role}.")
            if request.method != "POST":
                return await run_in_threadpool(self._show, page, visit, request)
            form = await read_form(request, most_file_bytes)
            return await run_in_threadpool(self._do, page, visit, request, form)

        return Route(page.address, answer, methods=["GET", "POST"])

    def respond(
        self, request: Request, template: str, values: Shown, *, status: int = HTTPStatus.OK, form: Form | None = None
    ) -> Response:
        """Return a page that is for this reader only; `form` is what they typed, should they have to again."""
        content = self.templates.render(request, template, {"form": form or Form(), **values})
        response = self.templates.answer(request, content, status=status)
        del response.headers["ETag"]
        response.headers.update(PRIVATE_HEADERS)
        return response

    def _show(self, page: DeskPage, visit: Visit, request: Request) -> Response:
        done = request.query_params.get("done", "")
        values = {"done": done if done in page.acts() else ""}
        return self.respond(request, page.template, {**self._usual(visit), **values, **page.shown(visit, request)})

    def _do(self, page: DeskPage, visit: Visit, request: Request, form: Form) -> Response:
        if form.one("form_token") != visit.form_token:
            raise HTTPException(
                HTTPStatus.FORBIDDEN,
                "This form was made for another visit. Open the page again, and send it from there.",
            )
        act = page.acts().get(form.one("act"))
        if act is None:
            raise HTTPException(HTTPStatus.BAD_REQUEST, "The form does not say what is to be done.")
        try:
            result = act(form, visit)
        except StoreError:
            raise
        except AllmendeError as error:
            result = trouble(str(error), error.hint)
        if isinstance(result, Refusal):
            result = trouble(result.detail, result.hint)
        if result is None:
            return RedirectResponse(f"{page.address}?{urlencode({'done': form.one('act')})}", HTTPStatus.SEE_OTHER)
        status = HTTPStatus.UNPROCESSABLE_ENTITY if "trouble" in result else HTTPStatus.OK
        values = {**self._usual(visit), "done": "", **page.shown(visit, request), **result}
        return self.respond(request, page.template, values, status=status, form=form if "trouble" in result else None)

    def _usual(self, visit: Visit) -> Shown:
        return {
            "visit": visit,
            "trouble": None,
            "roles": {role.name.lower(): role in visit.account.roles for role in Role},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why nothing was done, and what to do next."""

    detail: str
    hint: str


def trouble(detail: str, hint: str) -> Shown:
    """Return what a page shows when nothing was done."""
    return {"trouble": Trouble(detail=detail, hint=hint)}


def to_sign_in(place: str) -> Response:
    """Lead to the page for signing in, and from there back to this place of the desk."""
    return RedirectResponse(f"/sign-in?{urlencode({'next': place})}", HTTPStatus.SEE_OTHER)


def cookie_name(request: Request) -> str:
    """Return the name of the cookie; over TLS one that only this very host can set."""
    return "__Host-session" if request.url.scheme == "https" else "session"


def set_cookie(response: Response, request: Request, secret: str) -> None:
    """Give the browser the secret of a session."""
    response.set_cookie(
        cookie_name(request),
        secret,
        max_age=int(rules.SESSION_LASTS.total_seconds()),
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def drop_cookie(response: Response, request: Request) -> None:
    """Let the browser forget the secret of a session."""
    response.delete_cookie(cookie_name(request), path="/", secure=request.url.scheme == "https", httponly=True)
