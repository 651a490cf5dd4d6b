"""The operator's desk for what people judge: what is to be stated, what was, and the files that belong to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from allmende.errors import UsageError
from allmende.registry.model.accounts import Role
from allmende.registry.model.assessment import Attestation, EvidenceFile
from allmende.registry.model.refusals import Refusal
from allmende.registry.pages.visit import PRIVATE_HEADERS, Act, Reception, Shown, Visit, to_sign_in
from allmende.registry.rules.attestations import newest_of_each
from allmende.registry.rules.due import due
from allmende.registry.run import evidence, read
from allmende.registry.run.attest import attested
from allmende.registry.run.registry import Registry
from allmende.report.attestation import FILE_TYPES, MOST_BYTES, NamedFile, named_files
from allmende.web.forms import Form

MOST_FILE_BYTES = 2 * MOST_BYTES
"""Of all files that are handed in at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A file that a statement names, and whether it was handed in."""

    file: NamedFile
    is_here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Statements:
    """What somebody has to attest, and has attested."""

    reception: Reception
    address: str = "/desk/attestations"
    template: str = "desk/attestations.html"
    role: Role | None = None

    def shown(self, visit: Visit, request: Request) -> Shown:  # noqa: ARG002 -- the same for every page
        """Return what is due of what people judge, and the newest statements with their files."""
        registry, now = self.reception.registry, self.reception.templates.clock()
        records = [read.subject_record(registry, id_, now) for id_ in sorted(visit.account.subjects)]
        stated = [each for record in records for each in newest_of_each(attested(registry, record.subject.id))]
        waiting = {(each.report.subject, each.result.testcase) for each in stated if each.is_open}
        return {
            "due": [
                (record.subject, each)
                for record in records
                for each in due(record.scores, now)
                if not each.automated and (record.subject.id, each.testcase) not in waiting
            ],
            "stated": stated,
            "files": files_of(registry, stated),
            "testcases": registry.standards.testcases,
            "types": " ".join(FILE_TYPES),
            "most_mib": MOST_BYTES // 2**20,
        }

    def acts(self) -> Mapping[str, Act]:
        """Return what can be done with statements."""
        return {"hand-in": self._hand_in}

    def _hand_in(self, form: Form, visit: Visit) -> Refusal | None:
        if not form.files:
            raise UsageError("No file was chosen.", hint="Choose the files that the statement names.")
        report, now = form.id("report"), self.reception.templates.clock()
        for content in form.files:
            answer = evidence.hand_in(self.reception.registry, visit.account, report, content, now)
            if isinstance(answer, Refusal):
                return answer
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceFiles:
    """The files that were handed in, for who is signed in and may read them."""

    reception: Reception

    def route(self) -> Route:
        """Return the route of a file."""
        return Route("/desk/evidence/{report:uuid}/{sha256}", self.content, methods=["GET"])

    def content(self, request: Request) -> Response:
        """Give a file; a browser keeps it, and never shows it as a page of this site."""
        visit = self.reception.visit(request)
        if visit is None:
            return to_sign_in(request.url.path)
        report, sha256 = request.path_params["report"], request.path_params["sha256"]
        answer = evidence.content(self.reception.registry, visit.account, report, sha256)
        if isinstance(answer, Refusal):
            raise HTTPException(HTTPStatus.FORBIDDEN, answer.detail)
        file, content = answer
        ending = next((ending for ending in FILE_TYPES if file.name.lower().endswith(ending)), "")
        headers = {**PRIVATE_HEADERS, "Content-Disposition": f'attachment; filename="evidence-{sha256[:12]}{ending}"'}
        return Response(content, media_type="application/octet-stream", headers=headers)


def files_of(registry: Registry, stated: Sequence[Attestation]) -> Mapping[tuple[UUID, str], Sequence[Named]]:
    """Return the files that each of these attestations names, by report and testcase."""
    here = {_place(file) for file in evidence.handed_in(registry, stated)}
    return {
        (each.report.id, each.result.testcase): [
            Named(file=file, is_here=(each.report.id, file.sha256) in here)
            for file in named_files(each.result.evidence)
        ]
        for each in stated
    }


def _place(file: EvidenceFile) -> tuple[UUID, str]:
    return file.report, file.sha256
