"""Certificates: trusted when the authority is given, else a sentence that says how to give it."""

import datetime as dt
import ipaddress
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from allmende.clouds.limits import Limits
from allmende.clouds.openstack import open_cloud
from allmende.errors import CloudUnreachableError
from allmende.testing.openstack import FakeOpenStack

ONCE = Limits(attempts=1, per_second=1000)


def self_signed(folder: Path, address: str) -> Path:
    """Write a key and a self-signed certificate for an address into one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a cloud of our own")])
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=365 * 50))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "certificate.pem"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(*form))
    return path


def serving(certificate: Path) -> FakeOpenStack:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    return FakeOpenStack(tls=tls)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return self_signed(tmp_path, "127.0.0.1")


@pytest.fixture
def cloud_with_tls(certificate: Path) -> Iterator[FakeOpenStack]:
    with serving(certificate) as fake:
        yield fake


async def test_an_unknown_authority_is_refused_with_the_way_to_trust_it(
    cloud_with_tls: FakeOpenStack, tmp_path: Path
) -> None:
    files = [cloud_with_tls.write_clouds_yaml(tmp_path)]
    async with await open_cloud("fake", environ={}, limits=ONCE, config_files=files) as cloud:
        with pytest.raises(CloudUnreachableError, match=r"not trusted: self.signed") as caught:
            await cloud.catalog()
    assert "cacert" in caught.value.hint


async def test_a_given_authority_is_trusted(cloud_with_tls: FakeOpenStack, certificate: Path, tmp_path: Path) -> None:
    files = [cloud_with_tls.write_clouds_yaml(tmp_path, cacert=str(certificate))]
    async with await open_cloud("fake", environ={}, limits=ONCE, config_files=files) as cloud:
        assert (await cloud.member()).user == "alice"


async def test_a_certificate_for_another_address_is_said_to_be_that(tmp_path: Path) -> None:
    certificate = self_signed(tmp_path, "127.0.0.9")
    with serving(certificate) as fake:
        files = [fake.write_clouds_yaml(tmp_path, cacert=str(certificate))]
        async with await open_cloud("fake", environ={}, limits=ONCE, config_files=files) as cloud:
            with pytest.raises(CloudUnreachableError, match="mismatch") as caught:
                await cloud.catalog()
    assert "host name" in caught.value.hint


async def test_plain_http_where_tls_is_expected_is_said_to_be_that(tmp_path: Path) -> None:
    with FakeOpenStack() as fake:
        clouds_yaml = fake.write_clouds_yaml(tmp_path)
        clouds_yaml.write_text(clouds_yaml.read_text(encoding="utf-8").replace("http://", "https://"), encoding="utf-8")
        async with await open_cloud("fake", environ={}, limits=ONCE, config_files=[clouds_yaml]) as cloud:
            with pytest.raises(CloudUnreachableError, match="no TLS session") as caught:
                await cloud.catalog()
    assert "http://" in caught.value.hint
