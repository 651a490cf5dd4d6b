"""Servers that speak TLS well and badly, with certificates of an authority that the test makes."""

import datetime as dt
import ipaddress
import ssl
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from allmende.testing.openstack import FakeOpenStack

HERE = ipaddress.ip_address("127.0.0.1")
INTERMEDIATE = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305"

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """An authority with its key, and the file of its certificate."""

    key: ec.EllipticCurvePrivateKey
    name: x509.Name
    file: Path


def authority(folder: Path) -> Authority:
    """Make an authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "an authority of a test")])
    usage = x509.KeyUsage(
        digital_signature=False,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    of_itself = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    builder = (
        _builder(name, name, key, days=3650)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(of_itself, critical=False)
    )
    file = folder / "authority.pem"
    file.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    return Authority(key=key, name=name, file=file)


def certificate(signer: Authority, key: Key, *, days: int, file: Path) -> Path:
    """Write a certificate for this machine, and its key."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a server of a test")])
    signers = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.key.public_key())
    made = (
        _builder(name, signer.name, key, days=days)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(HERE)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(signers, critical=False)
        .sign(signer.key, hashes.SHA256())
    )
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + key.private_bytes(*form))
    return file


@contextmanager
def good_cloud(folder: Path) -> Iterator[tuple[FakeOpenStack, Path]]:
    """Serve a cloud whose TLS fits the intermediate profile; give it, and the file of its authority."""
    signer = authority(folder)
    key = ec.generate_private_key(ec.SECP256R1())
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate(signer, key, days=90, file=folder / "good.pem"))
    tls.minimum_version = ssl.TLSVersion.TLSv1_2
    tls.set_ciphers(INTERMEDIATE)
    tls.set_ecdh_curve("prime256v1")
    with FakeOpenStack(tls=tls) as cloud:
        yield cloud, signer.file


@contextmanager
def bad_cloud(folder: Path) -> Iterator[tuple[FakeOpenStack, Path]]:
    """Serve a cloud with old versions, old suites, and a certificate for three years."""
    signer = authority(folder)
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate(signer, key, days=1095, file=folder / "bad.pem"))
    tls.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that these are deprecated is the point
        tls.minimum_version = ssl.TLSVersion.TLSv1
    with FakeOpenStack(tls=tls) as cloud:
        yield cloud, signer.file


def _builder(subject: x509.Name, issuer: x509.Name, key: Key, *, days: int) -> x509.CertificateBuilder:
    start = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)  # noqa: TID251 -- certificates are judged by the clock on the wall
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=days))
    )
