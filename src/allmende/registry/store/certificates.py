"""The rows of certificates and of what was done with them."""

from dataclasses import asdict
from uuid import UUID

from sqlalchemy import Connection, RowMapping, Table, insert, select

from allmende.registry.model.assessment import Act, Certificate, CertificateAct
from allmende.registry.store.tables import certificate_acts, certificates


def add(connection: Connection, certificate: Certificate) -> None:
    """Store a new certificate, with its issue."""
    row = {column.name: getattr(certificate, column.name) for column in certificates.c}
    connection.execute(insert(certificates).values(row))
    for act in certificate.acts:
        add_act(connection, act)


def add_act(connection: Connection, act: CertificateAct, table: Table = certificate_acts) -> None:
    """Store what was done with a certificate, in the table for its kind."""
    connection.execute(insert(table).values(asdict(act)))


def acts_of(connection: Connection, certificate: UUID, table: Table = certificate_acts) -> tuple[CertificateAct, ...]:
    """Return what was done with a certificate, by the table for its kind, oldest first."""
    rows = connection.execute(select(table).where(table.c.certificate == certificate).order_by(table.c.id)).mappings()
    return tuple(
        CertificateAct(
            certificate=row["certificate"],
            at=row["at"],
            account=row["account"],
            act=Act(row["act"]),
            reason=row["reason"],
        )
        for row in rows
    )


def find(connection: Connection, id_: UUID) -> Certificate | None:
    """Return the certificate with this id; None when there is none."""
    row = connection.execute(select(certificates).where(certificates.c.id == id_)).mappings().one_or_none()
    return None if row is None else _certificate(connection, row)


def everything(connection: Connection, subject: str | None = None) -> tuple[Certificate, ...]:
    """Return the certificates, of one subject or of all, those that end last first."""
    query = select(certificates).order_by(certificates.c.expires_at.desc(), certificates.c.id)
    if subject is not None:
        query = query.where(certificates.c.subject == subject)
    return tuple(_certificate(connection, row) for row in connection.execute(query).mappings().all())


def _certificate(connection: Connection, row: RowMapping) -> Certificate:
    return Certificate(**row, acts=acts_of(connection, row["id"]))
