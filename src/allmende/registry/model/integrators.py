"""Integrators: who builds and runs clouds for others, what they refer to, and their certificates (scs-0007-v2)."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from allmende.registry.model.assessment import CertificateAct, Standing


class Layer(StrEnum):
    """What kind of environments a certificate is about."""

    IAAS = "IaaS"
    KAAS = "KaaS"


class Work(StrEnum):
    """What an integrator did or does with an environment («Scoring system»)."""

    BUILT = "built"
    """Brought it into production, for a third party."""
    MANAGED = "managed"
    """Manages it, for a third party."""
    OPERATED = "operated"
    """Operates it as a public cloud; of IaaS, with two regions or three availability zones at least."""


class Tier(StrEnum):
    """What a score is enough for («Certificate tiers»), the highest first."""

    SILVER = "Silver"
    BRONZE = "Bronze"


@dataclass(frozen=True, slots=True, kw_only=True)
class Integrator:
    """An implementation partner; `country` as of subjects."""

    id: str
    name: str
    url: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """An environment that an integrator refers to, as an assessor has examined it.

    It began on the day `since` (brought into production, managed, operated) and ended on the day `until`, if it has.
    That it conforms follows from the verdict on the `subject`, where it is one of this registry; otherwise `shown` says
    how it was shown to the assessor, which is not public.
    """

    id: UUID
    integrator: str
    layer: Layer
    work: Work
    environment: str
    since: date
    until: date | None = None
    subject: str | None = None
    shown: str = ""
    account: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredReference:
    """A reference with what it is worth today; `conforms` is False when the verdict on its subject is not PASS."""

    reference: Reference
    points: int
    conforms: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegratorCertificate:
    """An assessor's statement that an integrator has reached a tier, for a year; `points` are those of that day.

    `credential` is the statement as it was signed. `acts` begin with the issue.
    """

    id: UUID
    integrator: str
    layer: Layer
    tier: Tier
    points: int
    issued_at: datetime
    expires_at: datetime
    credential: str
    acts: tuple[CertificateAct, ...]

    @property
    def last(self) -> CertificateAct:
        """What was done last."""
        return self.acts[-1]

    @property
    def title(self) -> str:
        """What the standard calls it."""
        return f"Certified SCS {self.layer} Integrator ({self.tier})"


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateStanding:
    """A certificate with what it is worth now; `is_due_for_review` when the score of today is not enough for it."""

    certificate: IntegratorCertificate
    standing: Standing
    is_due_for_review: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegratorRecord:
    """Everything that is known of an integrator, with the points by layer; certificates that end last come first."""

    integrator: Integrator
    references: tuple[ScoredReference, ...]
    certificates: tuple[CertificateStanding, ...]

    def points(self, layer: Layer) -> int:
        """Return the score in a layer today."""
        return sum(each.points for each in self.references if each.reference.layer is layer)
