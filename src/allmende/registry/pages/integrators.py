"""The pages of integrators: the register, one of them with what it refers to, its badges, and the assessor's desk."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from allmende.errors import UnknownNameError, UsageError
from allmende.registry.model.accounts import Role
from allmende.registry.model.assessment import Act as CertificateAct
from allmende.registry.model.assessment import Standing
from allmende.registry.model.integrators import Integrator, Layer, Reference, Work
from allmende.registry.model.refusals import Refusal
from allmende.registry.pages.badges import badge_of_standing, drawn
from allmende.registry.pages.visit import Act, Reception, Shown, Visit
from allmende.registry.rules.integrators import NEEDED, is_certifiable
from allmende.registry.run import integrators as run
from allmende.registry.run import read
from allmende.registry.run.log import Notary
from allmende.registry.run.registry import Registry
from allmende.web.forms import Form
from allmende.web.render import Templates

_Choice = TypeVar("_Choice", Layer, Work)


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegratorPages:
    """Integrators as pages; each method answers one address."""

    registry: Registry
    templates: Templates

    def routes(self) -> list[BaseRoute]:
        """Return the routes of integrators."""
        return [
            Route("/integrators", self.integrators, name="integrators"),
            Route("/integrators/certificates/{certificate:uuid}", self.certificate, name="integrator-certificate"),
            Route("/integrators/{integrator}", self.integrator, name="integrator"),
            Route("/integrators/{integrator}/badge/{layer}.{form}", self.badge, name="integrator-badge"),
        ]

    def integrators(self, request: Request) -> Response:
        """Show the register."""
        found = run.records(self.registry, self.templates.clock())
        values: Mapping[str, object] = {"records": found, "layers": tuple(Layer), "needed": NEEDED}
        return self.templates.respond(request, "registry/integrators.html", values)

    def integrator(self, request: Request) -> Response:
        """Show one integrator."""
        record = run.record_of(self.registry, request.path_params["integrator"], self.templates.clock())
        values: Mapping[str, object] = {"record": record, "layers": tuple(Layer), "needed": NEEDED}
        return self.templates.respond(request, "registry/integrator.html", values)

    def certificate(self, request: Request) -> Response:
        """Lead to the page of the integrator that a certificate is of."""
        found = run.certificate(self.registry, request.path_params["certificate"], self.templates.clock())
        return RedirectResponse(f"/integrators/{found.certificate.integrator}#{found.certificate.id}")

    def badge(self, request: Request) -> Response:
        """Draw what the best certificate of an integrator for a layer is worth now."""
        name, layer = request.path_params["integrator"], request.path_params["layer"].lower()
        record = run.record_of(self.registry, name, self.templates.clock())
        found = [each for each in record.certificates if each.certificate.layer.lower() == layer]
        if not found:
            raise UnknownNameError(f"{name} has no certificate for {layer}.", hint="All integrators: /integrators")
        best = min(found, key=lambda each: tuple(Standing).index(each.standing))
        certificate = best.certificate
        badge = badge_of_standing(
            certificate.title.removeprefix("Certified "),
            best.standing,
            certificate.expires_at,
            is_due_for_review=best.is_due_for_review,
        )
        return drawn(self.templates, request.path_params["form"], badge)


@dataclass(frozen=True, slots=True, kw_only=True)
class Integrators:
    """The desk on which assessors keep the register of integrators."""

    reception: Reception
    notary: Notary
    address: str = "/desk/integrators"
    template: str = "desk/integrators.html"
    role: Role | None = Role.ASSESSOR

    def shown(self, visit: Visit, request: Request) -> Shown:
        """Return the integrators, and the one that is chosen."""
        registry, asked = self.reception.registry, request.query_params.get("integrator", "")
        now = self.reception.templates.clock()
        found = run.records(registry, now)
        return {
            "records": found,
            "certifiable": {
                (record.integrator.id, layer)
                for record in found
                for layer in Layer
                if is_certifiable(visit.account, layer, record, now)
            },
            "chosen": next((each for each in found if each.integrator.id == asked), None),
            "layers": tuple(Layer),
            "every_subject": read.list_subjects(registry),
            "needed": NEEDED,
        }

    def acts(self) -> Mapping[str, Act]:
        """Return what an assessor can do."""
        return {
            "put-integrator": self._put,
            "refer": self._refer,
            "end-reference": self._end_reference,
            "certify": self._certify,
            "suspend": self._act,
            "resume": self._act,
            "revoke": self._act,
        }

    def _put(self, form: Form, visit: Visit) -> Refusal | None:
        id_ = form.one("id")
        integrator = Integrator(
            id=id_, name=form.one("name") or id_, url=form.one("url"), country=form.one("country").upper()
        )
        return run.put(self.reception.registry, visit.account, integrator)

    def _refer(self, form: Form, visit: Visit) -> Refusal | None:
        reference = Reference(
            id=uuid4(),
            integrator=form.one("integrator"),
            layer=_chosen(Layer, form.one("layer")),
            work=_chosen(Work, form.one("work")),
            environment=form.one("environment"),
            since=_day(form.one("since")),
            subject=form.one("subject") or None,
            shown=form.one("shown"),
            account=visit.account.name,
            recorded_at=self.reception.templates.clock(),
        )
        return run.refer(self.reception.registry, visit.account, reference)

    def _end_reference(self, form: Form, visit: Visit) -> Refusal | None:
        return run.end_reference(self.reception.registry, visit.account, form.id("reference"), _day(form.one("until")))

    def _certify(self, form: Form, visit: Visit) -> Refusal | None:
        wish = (uuid4(), form.one("integrator"), _chosen(Layer, form.one("layer")))
        now = self.reception.templates.clock()
        answer = run.certify(self.reception.registry, self.notary, visit.account, wish, now)
        return answer if isinstance(answer, Refusal) else None

    def _act(self, form: Form, visit: Visit) -> Refusal | None:
        what, certificate = CertificateAct(form.one("act")), form.id("certificate")
        now = self.reception.templates.clock()
        answer = run.act(self.reception.registry, visit.account, certificate, what, form.one("reason"), now)
        return answer if isinstance(answer, Refusal) else None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no day.", hint="Write it like this: 2026-11-27.") from error


def _chosen(of: type[_Choice], text: str) -> _Choice:
    try:
        return of(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is none of {', '.join(of)}.", hint="Choose one of them.") from error
