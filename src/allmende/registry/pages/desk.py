"""The operator's desk: their subjects and what is due, their keys and tokens, and what they are told of."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from uuid import uuid4

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from allmende.errors import UsageError
from allmende.registry.model.accounts import Role, Token, TokenScope
from allmende.registry.model.events import Channel, EventKind
from allmende.registry.model.refusals import Refusal
from allmende.registry.pages.visit import PRIVATE_HEADERS, Act, Reception, Shown, Visit, to_sign_in
from allmende.registry.rules import tokens as token_rules
from allmende.registry.rules.due import due
from allmende.registry.rules.reading import may_read
from allmende.registry.run import administer, notify, read, sign_in
from allmende.report.keys import parse_public_key
from allmende.web.forms import Form

MOST_DAYS = 3650


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSubjects:
    """What somebody reports for, what is due there, and how a report is sent."""

    reception: Reception
    address: str = "/desk"
    template: str = "desk/subjects.html"
    role: Role | None = None

    def shown(self, visit: Visit, request: Request) -> Shown:  # noqa: ARG002 -- the same for every page
        """Return the subjects of the account with their scores and what is due."""
        registry, now = self.reception.registry, self.reception.templates.clock()
        records = [read.subject_record(registry, id_, now) for id_ in sorted(visit.account.subjects)]
        return {
            "subjects": [(record, due(record.scores, now)) for record in records],
            "keys": administer.keys_of(registry, visit.account.name),
        }

    def acts(self) -> Mapping[str, Act]:
        """Nothing is done there."""
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """By what somebody is known here: keys, tokens, a password."""

    reception: Reception
    address: str = "/desk/access"
    template: str = "desk/access.html"
    role: Role | None = None

    def shown(self, visit: Visit, request: Request) -> Shown:  # noqa: ARG002 -- the same for every page
        """Return the keys, tokens and identities of the account."""
        registry, name = self.reception.registry, visit.account.name
        return {
            "keys": administer.keys_of(registry, name),
            "tokens": administer.list_tokens(registry, name),
            "identities": sign_in.identities(registry, name),
            "token_scopes": tuple(TokenScope),
            "new_token": "",
        }

    def acts(self) -> Mapping[str, Act]:
        """Return what can be done with keys, tokens and the password."""
        return {
            "add-key": self._add_key,
            "remove-key": self._remove_key,
            "make-token": self._make_token,
            "end-token": self._end_token,
            "change-password": self._change_password,
        }

    def _add_key(self, form: Form, visit: Visit) -> None:
        key = parse_public_key(form.one("public_key"))
        administer.ensure_key(self.reception.registry, visit.account.name, key, self.reception.templates.clock())

    def _remove_key(self, form: Form, visit: Visit) -> None:
        administer.drop_key(self.reception.registry, visit.account.name, form.one("fingerprint"))

    def _make_token(self, form: Form, visit: Visit) -> Shown:
        now, days = self.reception.templates.clock(), form.one("days")
        if not (days.isascii() and days.isdecimal() and 1 <= int(days[:6]) <= MOST_DAYS):
            raise UsageError(f"{days!r} is no number of days from 1 to {MOST_DAYS}.", hint="90 is a usual one.")
        scopes = {scope for scope in TokenScope if scope in form.all("scope")}
        if not scopes:
            raise UsageError("The token would be of no use.", hint="Say what it may be used for.")
        wish = Token(
            id="",
            hash="",
            account=visit.account.name,
            name=form.one("name"),
            scopes=frozenset(scopes),
            made_at=now,
            expires_at=now + timedelta(days=int(days)),
        )
        made = administer.new_token(self.reception.registry, wish, secrets.token_bytes(token_rules.RANDOM_BYTES))
        return {"new_token": made}

    def _end_token(self, form: Form, visit: Visit) -> None:
        now = self.reception.templates.clock()
        administer.revoke_tokens(self.reception.registry, visit.account.name, now, form.one("id"))

    def _change_password(self, form: Form, visit: Visit) -> Refusal | None:
        if form.raw("new") != form.raw("again"):
            raise UsageError("The two new passwords differ.", hint="Type the same one twice.")
        now = self.reception.templates.clock()
        return sign_in.change_password(
            self.reception.registry, visit.account.name, form.raw("old"), form.raw("new"), now
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Notifications:
    """What somebody is told of, and how it stands with the messages."""

    reception: Reception
    address: str = "/desk/notifications"
    template: str = "desk/notifications.html"
    role: Role | None = None

    def shown(self, visit: Visit, request: Request) -> Shown:  # noqa: ARG002 -- the same for every page
        """Return the subscriptions of the account with their newest messages."""
        return {
            "subscriptions": notify.subscriptions(self.reception.registry, visit.account.name),
            "kinds": tuple(EventKind),
            "channels": tuple(Channel),
            "new_secret": "",
        }

    def acts(self) -> Mapping[str, Act]:
        """Return what can be done with subscriptions."""
        return {"subscribe": self._subscribe, "unsubscribe": self._unsubscribe}

    def _subscribe(self, form: Form, visit: Visit) -> Shown | None:
        kinds = frozenset(kind for kind in EventKind if kind in form.all("kind"))
        channel = next((each for each in Channel if each == form.one("channel")), None)
        if channel is None or not kinds:
            raise UsageError("It is not said how, or of what.", hint="Choose one of the ways, and at least one kind.")
        interest = notify.Interest(
            channel=channel,
            address=form.one("address"),
            kinds=frozenset({EventKind.HEALTH}) if channel is Channel.ALERTMANAGER else kinds,
            subject=form.one("subject") or None,
            token=form.one("token"),
        )
        made = notify.subscribe(
            self.reception.registry,
            visit.account.name,
            interest,
            uuid4(),
            secrets.token_bytes(notify.SECRET_BYTES),
            self.reception.templates.clock(),
        )
        if channel is not Channel.WEBHOOK:
            return None
        return {"new_secret": f"whsec_{made.secret}"}

    def _unsubscribe(self, form: Form, visit: Visit) -> None:
        now = self.reception.templates.clock()
        notify.unsubscribe(self.reception.registry, visit.account.name, form.id("id"), now)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDocuments:
    """The bytes of reports that are not for everybody, for who is signed in and may read them."""

    reception: Reception

    def route(self) -> Route:
        """Return the route of a report's bytes."""
        return Route("/desk/reports/{report:uuid}", self.document, methods=["GET"])

    def document(self, request: Request) -> Response:
        """Give a report as it was sent."""
        visit, id_ = self.reception.visit(request), request.path_params["report"]
        if visit is None:
            return to_sign_in(request.url.path)
        submission = read.submission_of(self.reception.registry, id_)
        subject = read.report_record(self.reception.registry, id_).subject.id
        if not may_read(visit.account, subject, submission.account):
            raise HTTPException(
                HTTPStatus.FORBIDDEN, f"This report is for those who report for {subject}, for assessors and auditors."
            )
        headers = {**PRIVATE_HEADERS, "Content-Disposition": f'attachment; filename="report-{id_}"'}
        return Response(submission.content, media_type="application/octet-stream", headers=headers)
