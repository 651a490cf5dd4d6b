"""The assessor's desk: attestations that wait, what can be certified, and certificates to look at again."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import uuid4

from starlette.requests import Request

from allmende.errors import UsageError
from allmende.registry.model.accounts import Role
from allmende.registry.model.assessment import Act as CertificateAct
from allmende.registry.model.assessment import Certificate, Decision, Standing
from allmende.registry.model.refusals import Refusal
from allmende.registry.pages.statements import files_of
from allmende.registry.pages.visit import Act, Reception, Shown, Visit
from allmende.registry.rules.attestations import newest_of_each
from allmende.registry.run import attest, certify
from allmende.registry.run.log import Notary
from allmende.web.forms import Form

_HELD = (Standing.ACTIVE, Standing.SUSPENDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What an assessor decides on."""

    reception: Reception
    notary: Notary
    address: str = "/desk/assessment"
    template: str = "desk/assessment.html"
    role: Role | None = Role.ASSESSOR

    def shown(self, visit: Visit, request: Request) -> Shown:  # noqa: ARG002 -- the same for every page
        """Return what waits, what can be certified by this account, and what is certified."""
        registry, now = self.reception.registry, self.reception.templates.clock()
        held = [each for each in certify.records(registry, now) if each.standing in _HELD]
        waiting = [each for each in newest_of_each(attest.attested(registry)) if each.is_open]
        return {
            "waiting": waiting,
            "files": files_of(registry, waiting),
            "candidates": certify.candidates(registry, visit.account, now),
            "held": sorted(held, key=lambda each: not each.is_due_for_review),
            "testcases": registry.standards.testcases,
        }

    def acts(self) -> Mapping[str, Act]:
        """Return what an assessor can do."""
        return {
            "decide": self._decide,
            "issue": self._issue,
            "suspend": self._act,
            "resume": self._act,
            "revoke": self._act,
        }

    def _decide(self, form: Form, visit: Visit) -> Refusal | None:
        decision = next((each for each in Decision if each == form.one("decision")), None)
        if decision is None:
            raise UsageError("It is not said what is decided.", hint="Choose to accept, to reject or to ask for more.")
        answer = attest.decide(
            self.reception.registry,
            visit.account,
            (form.id("report"), form.one("testcase")),
            decision,
            form.one("reason"),
            self.reception.templates.clock(),
        )
        return answer if isinstance(answer, Refusal) else None

    def _issue(self, form: Form, visit: Visit) -> Refusal | None:
        wish = certify.Wish(
            id=uuid4(), subject=form.one("subject"), scope=form.one("scope"), version=form.one("version")
        )
        now = self.reception.templates.clock()
        return _refused(certify.issue(self.reception.registry, self.notary, visit.account, wish, now))

    def _act(self, form: Form, visit: Visit) -> Refusal | None:
        what, certificate = CertificateAct(form.one("act")), form.id("certificate")
        now = self.reception.templates.clock()
        return _refused(certify.act(self.reception.registry, visit.account, certificate, what, form.one("reason"), now))


def _refused(answer: Certificate | Refusal) -> Refusal | None:
    return answer if isinstance(answer, Refusal) else None
