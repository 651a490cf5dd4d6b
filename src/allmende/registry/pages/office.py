"""The desk of whoever runs the registry: subjects, and accounts with what they may do."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request

from allmende.registry.model.accounts import Role
from allmende.registry.model.record import Subject
from allmende.registry.pages.visit import Act, Reception, Shown, Visit
from allmende.registry.rules import sign_in as rules
from allmende.registry.run import administer, read, sign_in
from allmende.web.forms import Form


@dataclass(frozen=True, slots=True, kw_only=True)
class Subjects:
    """Every subject, to add one and to describe one anew."""

    reception: Reception
    address: str = "/desk/subjects"
    template: str = "desk/all_subjects.html"
    role: Role | None = Role.ADMIN

    def shown(self, visit: Visit, request: Request) -> Shown:  # noqa: ARG002 -- the same for every page
        """Return the subjects, and the one that is to be described anew."""
        found = read.list_subjects(self.reception.registry)
        asked = request.query_params.get("subject", "")
        return {"subjects": found, "chosen": next((each for each in found if each.id == asked), None)}

    def acts(self) -> Mapping[str, Act]:
        """Return what can be done with subjects."""
        return {"put-subject": self._put}

    def _put(self, form: Form, visit: Visit) -> None:  # noqa: ARG002 -- the same for every act
        id_ = form.one("id")
        subject = Subject(
            id=id_,
            name=form.one("name") or id_,
            operator=form.one("operator"),
            description=form.one("description"),
            group=form.one("group"),
            url=form.one("url"),
            health_url=form.one("health_url"),
            country=form.one("country").upper(),
        )
        administer.ensure_subject(self.reception.registry, subject)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """Every account, to add one, to say what it may do, and to invite who has it to choose a password."""

    reception: Reception
    address: str = "/desk/accounts"
    template: str = "desk/accounts.html"
    role: Role | None = Role.ADMIN

    def shown(self, visit: Visit, request: Request) -> Shown:  # noqa: ARG002 -- the same for every page
        """Return the accounts, and the one whose rights are to be changed."""
        found = administer.list_accounts(self.reception.registry)
        asked = request.query_params.get("account", "")
        return {
            "accounts": found,
            "chosen": next((account for account, _ in found if account.name == asked), None),
            "every_role": tuple(Role),
            "every_subject": read.list_subjects(self.reception.registry),
            "invitation": "",
            "invited": "",
            "lasts": rules.INVITATION_LASTS.days,
        }

    def acts(self) -> Mapping[str, Act]:
        """Return what can be done with accounts."""
        return {"put-account": self._put, "invite": self._invite}

    def _put(self, form: Form, visit: Visit) -> None:  # noqa: ARG002 -- the same for every act
        registry, name = self.reception.registry, form.one("name")
        administer.ensure_account(registry, name, self.reception.templates.clock())
        roles = frozenset(role for role in Role if role in form.all("role"))
        administer.set_rights(registry, name, frozenset(form.all("subject")), roles)

    def _invite(self, form: Form, visit: Visit) -> Shown:  # noqa: ARG002 -- the same for every act
        name, now = form.one("name"), self.reception.templates.clock()
        secret = sign_in.invite(self.reception.registry, name, secrets.token_bytes(rules.SECRET_BYTES), now)
        return {"invitation": f"/invitations/{secret}", "invited": name}
