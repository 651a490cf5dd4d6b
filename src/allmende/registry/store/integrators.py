"""The rows of integrators, of what they refer to, and of their certificates."""

from dataclasses import asdict
from datetime import date
from uuid import UUID

from sqlalchemy import Connection, RowMapping, insert, select, update

from allmende.registry.model.assessment import CertificateAct
from allmende.registry.model.integrators import Integrator, IntegratorCertificate, Layer, Reference, Tier, Work
from allmende.registry.store import certificates as certificates_store
from allmende.registry.store.tables import (
    integrator_acts,
    integrator_certificates,
    integrator_references,
    integrators,
)


def put(connection: Connection, integrator: Integrator) -> None:
    """Store an integrator, or the new face of one that is there."""
    row = asdict(integrator)
    if connection.execute(update(integrators).where(integrators.c.id == integrator.id).values(row)).rowcount == 0:
        connection.execute(insert(integrators).values(row))


def find(connection: Connection, id_: str) -> Integrator | None:
    """Return the integrator with this id; None when there is none."""
    row = connection.execute(select(integrators).where(integrators.c.id == id_)).mappings().one_or_none()
    return None if row is None else Integrator(**row)


def lock(connection: Connection, id_: str) -> None:
    """Keep others from doing something with the certificates of this integrator until the transaction ends."""
    connection.execute(select(integrators.c.id).where(integrators.c.id == id_).with_for_update())


def everyone(connection: Connection) -> tuple[Integrator, ...]:
    """Return all integrators by their names."""
    rows = connection.execute(select(integrators).order_by(integrators.c.name, integrators.c.id)).mappings()
    return tuple(Integrator(**row) for row in rows)


def add_reference(connection: Connection, reference: Reference) -> None:
    """Store what an integrator refers to."""
    connection.execute(insert(integrator_references).values(asdict(reference)))


def end_reference(connection: Connection, id_: UUID, until: date) -> bool:
    """Let a reference end on that day; return whether there is one."""
    where = integrator_references.c.id == id_
    return connection.execute(update(integrator_references).where(where).values(until=until)).rowcount > 0


def reference(connection: Connection, id_: UUID) -> Reference | None:
    """Return the reference with this id; None when there is none."""
    query = select(integrator_references).where(integrator_references.c.id == id_)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else _reference(row)


def references(connection: Connection, integrator: str) -> tuple[Reference, ...]:
    """Return what an integrator refers to, the newest first."""
    query = select(integrator_references).where(integrator_references.c.integrator == integrator)
    ordered = query.order_by(integrator_references.c.since.desc(), integrator_references.c.id)
    return tuple(map(_reference, connection.execute(ordered).mappings()))


def add_certificate(connection: Connection, certificate: IntegratorCertificate) -> None:
    """Store a new certificate, with its issue."""
    row = {column.name: getattr(certificate, column.name) for column in integrator_certificates.c}
    connection.execute(insert(integrator_certificates).values(row))
    for act in certificate.acts:
        add_act(connection, act)


def add_act(connection: Connection, act: CertificateAct) -> None:
    """Store what was done with a certificate."""
    certificates_store.add_act(connection, act, integrator_acts)


def certificate(connection: Connection, id_: UUID) -> IntegratorCertificate | None:
    """Return the certificate with this id; None when there is none."""
    query = select(integrator_certificates).where(integrator_certificates.c.id == id_)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else _certificate(connection, row)


def certificates(connection: Connection, integrator: str) -> tuple[IntegratorCertificate, ...]:
    """Return the certificates of an integrator, those that end last first."""
    query = select(integrator_certificates).where(integrator_certificates.c.integrator == integrator)
    ordered = query.order_by(integrator_certificates.c.expires_at.desc(), integrator_certificates.c.id)
    return tuple(_certificate(connection, row) for row in connection.execute(ordered).mappings().all())


def _reference(row: RowMapping) -> Reference:
    return Reference(**{**row, "layer": Layer(row["layer"]), "work": Work(row["work"])})


def _certificate(connection: Connection, row: RowMapping) -> IntegratorCertificate:
    acts = certificates_store.acts_of(connection, row["id"], integrator_acts)
    return IntegratorCertificate(**{**row, "layer": Layer(row["layer"]), "tier": Tier(row["tier"]), "acts": acts})
