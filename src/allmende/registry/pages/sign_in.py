"""The pages by which people come in: signing in and out, and choosing a password when invited."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from allmende.errors import AllmendeError, UnknownNameError
from allmende.registry.fetch.openid import Attempt, Provider
from allmende.registry.model.refusals import Reason, Refusal
from allmende.registry.pages.visit import Reception, Shown, cookie_name, drop_cookie, set_cookie, trouble
from allmende.registry.rules import sign_in as rules
from allmende.registry.run import sign_in
from allmende.web.forms import Form, read_form

PASSWORDS_AT_ONCE = 2
"""How many passwords are looked at at the same time: each takes 64 MiB on purpose."""

ATTEMPT_SECONDS = 600
_ATTEMPT_COOKIE = "openid-attempt"
_RETURN = "/sign-in/openid/return"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInPages:
    """The pages by which people come in; each method answers one address."""

    reception: Reception
    provider: Provider | None
    limiter: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(PASSWORDS_AT_ONCE))

    def routes(self) -> list[BaseRoute]:
        """Return the routes of signing in and out."""
        ways: list[BaseRoute] = [
            Route("/sign-in", self.ask, methods=["GET"], name="sign-in"),
            Route("/sign-in", self._taken(self.sign_in), methods=["POST"]),
            Route("/sign-out", self._taken(self.sign_out), methods=["POST"]),
            Route("/invitations/{secret}", self.invited, methods=["GET"], name="invitation"),
            Route("/invitations/{secret}", self._taken(self.take_up), methods=["POST"]),
        ]
        if self.provider is not None:
            ways += [Route("/sign-in/openid", self.leave), Route(_RETURN, self.come_back)]
        return ways

    def ask(self, request: Request) -> Response:
        """Ask who it is; who is signed in already is led to the desk."""
        place = rules.place_after(request.query_params.get("next", ""))
        if self.reception.visit(request) is not None:
            return RedirectResponse(place, HTTPStatus.SEE_OTHER)
        return self._asked(request, {"place": place, "chosen": "chosen" in request.query_params})

    def sign_in(self, request: Request, form: Form) -> Response:
        """Let in who gives the right password."""
        place, clock, registry = (
            rules.place_after(form.one("next")),
            self.reception.templates.clock,
            self.reception.registry,
        )
        answer = sign_in.sign_in(
            registry, form.one("account"), form.raw("password"), secrets.token_bytes(rules.SECRET_BYTES), clock()
        )
        if isinstance(answer, Refusal):
            too_many = answer.reason is Reason.TOO_MANY_ATTEMPTS
            status = HTTPStatus.TOO_MANY_REQUESTS if too_many else HTTPStatus.UNPROCESSABLE_ENTITY
            values = {"place": place, **trouble(answer.detail, answer.hint)}
            return self._asked(request, values, status=status, form=form)
        return self._let_in(request, answer.secret, place)

    def sign_out(self, request: Request, form: Form) -> Response:
        """Let somebody go; their cookie is worth nothing from now on."""
        visit = self.reception.visit(request)
        response = RedirectResponse("/", HTTPStatus.SEE_OTHER)
        if visit is not None and form.one("form_token") == visit.form_token:
            sign_in.sign_out(self.reception.registry, visit.secret)
            drop_cookie(response, request)
        return response

    def invited(self, request: Request) -> Response:
        """Ask who was invited to choose a password."""
        return self._choose(request, {})

    def take_up(self, request: Request, form: Form) -> Response:
        """Set the password that was chosen."""
        secret, now = request.path_params["secret"], self.reception.templates.clock()
        if form.raw("password") != form.raw("again"):
            refused = trouble("The two passwords differ.", "Type the same one twice.")
            return self._choose(request, refused, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        answer = sign_in.take_up(self.reception.registry, secret, form.raw("password"), now)
        if isinstance(answer, Refusal):
            values = trouble(answer.detail, answer.hint)
            return self._choose(request, values, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        response = RedirectResponse("/sign-in?chosen", HTTPStatus.SEE_OTHER)
        self._end_session(request)  # of whoever was signed in here: the next step is to sign in with the password
        drop_cookie(response, request)
        return response

    def leave(self, request: Request) -> Response:
        """Lead to the provider that vouches for people."""
        provider = self._provider()
        address, attempt = provider.begin(f"{_origin(request)}{_RETURN}", secrets.token_bytes)
        place = rules.place_after(request.query_params.get("next", ""))
        response = RedirectResponse(address, HTTPStatus.SEE_OTHER)
        response.set_cookie(
            _ATTEMPT_COOKIE,
            attempt.text(place),
            max_age=ATTEMPT_SECONDS,
            path=_RETURN,
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="lax",
        )
        return response

    def come_back(self, request: Request) -> Response:
        """Let in for whom the provider vouches, if that identity is an account's."""
        provider, now = self._provider(), self.reception.templates.clock()
        try:
            attempt, place = Attempt.of(request.cookies.get(_ATTEMPT_COOKIE, ""))
            identity = provider.finish(f"{_origin(request)}{_RETURN}", request.url.query, attempt, now)
        except AllmendeError as error:
            return self._asked(
                request, {"place": "/desk", **trouble(str(error), error.hint)}, status=HTTPStatus.UNPROCESSABLE_ENTITY
            )
        signed = sign_in.sign_in_as(self.reception.registry, identity, secrets.token_bytes(rules.SECRET_BYTES), now)
        if signed is None:
            return self._asked(request, {"place": "/desk", "stranger": identity}, status=HTTPStatus.FORBIDDEN)
        response = self._let_in(request, signed.secret, rules.place_after(place))
        response.delete_cookie(_ATTEMPT_COOKIE, path=_RETURN)
        return response

    def _taken(self, work: Callable[[Request, Form], Response]) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            form = await read_form(request)
            return await to_thread.run_sync(work, request, form, limiter=self.limiter)

        return answer

    def _let_in(self, request: Request, secret: str, place: str) -> Response:
        """Give a new session; the one that the browser may have had ends, so that nobody can have chosen it."""
        self._end_session(request)
        response = RedirectResponse(place, HTTPStatus.SEE_OTHER)
        set_cookie(response, request, secret)
        return response

    def _end_session(self, request: Request) -> None:
        secret = request.cookies.get(cookie_name(request), "")
        if secret:
            sign_in.sign_out(self.reception.registry, secret)

    def _asked(
        self, request: Request, values: Shown, *, status: int = HTTPStatus.OK, form: Form | None = None
    ) -> Response:
        usual = {"trouble": None, "chosen": False, "stranger": None, "provider": self.provider}
        return self.reception.respond(request, "desk/sign_in.html", {**usual, **values}, status=status, form=form)

    def _choose(self, request: Request, values: Shown, *, status: int = HTTPStatus.OK) -> Response:
        now = self.reception.templates.clock()
        found = sign_in.invitation(self.reception.registry, request.path_params["secret"], now)
        usual = {"trouble": None, "invitation": found, "least": rules.LEAST_PASSWORD}
        return self.reception.respond(request, "desk/invitation.html", {**usual, **values}, status=status)

    def _provider(self) -> Provider:
        if self.provider is None:
            raise UnknownNameError("No provider of identities is set up here.", hint="Sign in with a password.")
        return self.provider


def _origin(request: Request) -> str:
    return str(request.base_url).rstrip("/")
