"""Why something is not accepted."""

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why a submission is refused; the last part of the `type` of the problem that is answered."""

    NOT_AUTHENTICATED = "not-authenticated"
    TOKEN_ENDED = "token-ended"  # noqa: S105 -- a reason, no secret
    TOKEN_SCOPE = "token-scope"  # noqa: S105 -- likewise
    UNSIGNED = "unsigned"
    SIGNATURE_INVALID = "signature-invalid"
    UNKNOWN_SIGNER = "unknown-signer"
    FOREIGN_SUBJECT = "foreign-subject"
    TOO_LARGE = "too-large"
    UNSUPPORTED_FORM = "unsupported-form"
    MALFORMED = "malformed"
    NO_RESULTS = "no-results"
    FROM_THE_FUTURE = "from-the-future"
    TOO_OLD = "too-old"
    INCONSISTENT_TIMES = "inconsistent-times"
    UNKNOWN_SCOPE = "unknown-scope"
    UNKNOWN_TESTCASE = "unknown-testcase"
    DUPLICATE_TESTCASE = "duplicate-testcase"
    EXCLUSION = "exclusion-not-in-order"
    CONFLICT = "conflict"
    NOT_ADMIN = "not-admin"
    NOT_ASSESSOR = "not-assessor"
    OWN_ATTESTATION = "own-attestation"
    NO_ATTESTATION = "no-attestation"
    NOT_NAMED = "not-named"
    DECIDED_ALREADY = "decided-already"
    NO_REASON = "no-reason"
    NOT_CERTIFIABLE = "not-certifiable"
    CERTIFIED_ALREADY = "certified-already"
    STANDING = "standing"
    PASSWORD = "password"  # noqa: S105 -- likewise
    TOO_MANY_ATTEMPTS = "too-many-attempts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A submission is not accepted: nothing of it is stored. `detail` is one sentence, `hint` what to do next."""

    reason: Reason
    detail: str
    hint: str = ""
