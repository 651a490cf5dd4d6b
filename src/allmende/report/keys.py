"""SSH keys: reading them, naming them, and signing and verifying raw bytes with them (RFC 4253, 5656, 8332, 8709).

Decides which keys are good enough: Ed25519, ECDSA over the NIST curves, and RSA from 2048 bits with SHA-2. What is
signed, and how a signature is written down, is `report.sign`'s.
"""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_ssh_private_key,
    load_ssh_public_key,
)

from allmende.errors import SignatureError

MIN_RSA_BITS = 2048

_CURVES: dict[str, HashAlgorithm] = {"nistp256": SHA256(), "nistp384": SHA384(), "nistp521": SHA512()}
_RSA_HASHES: dict[bytes, HashAlgorithm] = {b"rsa-sha2-512": SHA512(), b"rsa-sha2-256": SHA256()}
_TYPES = frozenset({"ssh-ed25519", "ssh-rsa", *(f"ecdsa-sha2-{curve}" for curve in _CURVES)})

_PublicNumbers = ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey | rsa.RSAPublicKey
_PrivateNumbers = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class PassphraseNeededError(SignatureError):
    """The private key is encrypted and no passphrase, or a wrong one, was given."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key in the encoding of the SSH protocol; equal keys are equal values."""

    blob: bytes

    @property
    def type(self) -> str:
        """The kind of key: `ssh-ed25519`, `ecdsa-sha2-nistp384`, `ssh-rsa`."""
        return take_string(self.blob)[0].decode("ascii", "replace")

    @property
    def line(self) -> str:
        """The key as in `id_ed25519.pub`, without a comment."""
        return f"{self.type} {base64.b64encode(self.blob).decode()}"

    @property
    def fingerprint(self) -> str:
        """The name of the key as `ssh-keygen -l` prints it: `SHA256:…`."""
        return "SHA256:" + base64.b64encode(hashlib.sha256(self.blob).digest()).decode().rstrip("=")

    def verify(self, signature: bytes, data: bytes) -> None:
        """Raise SignatureError unless `signature` (in SSH encoding) is this key's over `data`."""
        key = self._numbers()
        algorithm, rest = take_string(signature)
        raw, rest = take_string(rest)
        if rest:
            raise SignatureError("The signature has bytes after its end.")
        try:
            _verify(key, self.type, algorithm, raw, data)
        except InvalidSignature as error:
            raise SignatureError(
                "The signature does not fit the content: one of them was changed after signing.",
                hint="Sign the file again and send exactly these bytes.",
            ) from error

    def _numbers(self) -> _PublicNumbers:
        if self.type not in _TYPES:
            raise SignatureError(
                f"Keys of the type {self.type} are not accepted.", hint="Use an Ed25519, ECDSA or RSA key."
            )
        try:
            key = load_ssh_public_key(self.line.encode())
        except (ValueError, UnsupportedAlgorithm) as error:
            raise SignatureError("The public key is damaged.") from error
        if isinstance(key, rsa.RSAPublicKey) and key.key_size < MIN_RSA_BITS:
            raise SignatureError(f"RSA keys need at least {MIN_RSA_BITS} bits.", hint="Use an Ed25519 key.")
        if not isinstance(key, _PublicNumbers):
            raise SignatureError(f"Keys of the type {self.type} are not accepted.")
        return key


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A private key that can sign."""

    _numbers: _PrivateNumbers

    def __repr__(self) -> str:
        return f"PrivateKey({self.public.fingerprint})"

    @property
    def public(self) -> PublicKey:
        """The public half."""
        line = self._numbers.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
        return PublicKey(base64.b64decode(line.split()[1]))

    def sign(self, data: bytes) -> bytes:
        """Return the signature over `data` in SSH encoding."""
        key = self._numbers
        if isinstance(key, ed25519.Ed25519PrivateKey):
            return string(b"ssh-ed25519") + string(key.sign(data))
        if isinstance(key, rsa.RSAPrivateKey):
            return string(b"rsa-sha2-512") + string(key.sign(data, padding.PKCS1v15(), SHA512()))
        curve = self.public.type.removeprefix("ecdsa-sha2-")
        r, s = decode_dss_signature(key.sign(data, ec.ECDSA(_CURVES[curve])))
        return string(self.public.type.encode()) + string(_mpint(r) + _mpint(s))

    def pem(self) -> bytes:
        """Return the key as PKCS #8 in PEM, without a passphrase, for libraries that do not read OpenSSH's form."""
        return self._numbers.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def openssh(self) -> bytes:
        """Return the key as an OpenSSH private key file without a passphrase."""
        return self._numbers.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())


def ed25519_key(seed: bytes) -> PrivateKey:
    """Return the Ed25519 key that these 32 random bytes make."""
    return PrivateKey(ed25519.Ed25519PrivateKey.from_private_bytes(seed))


def parse_private_key(data: bytes, passphrase: bytes | None = None) -> PrivateKey:
    """Read an OpenSSH private key file.

    PassphraseNeededError when it is encrypted and `passphrase` is missing or wrong; SignatureError when it is no key
    that can sign here.
    """
    try:
        key = load_ssh_private_key(data, passphrase)
    except TypeError as error:
        raise PassphraseNeededError("The private key is protected by a passphrase.") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        if passphrase is not None and data.lstrip().startswith(b"-----BEGIN OPENSSH PRIVATE KEY-----"):
            raise PassphraseNeededError("The passphrase does not open the private key.") from error
        raise SignatureError(
            "The file holds no OpenSSH private key.", hint="Make one with: ssh-keygen -t ed25519 -f FILE"
        ) from error
    if not isinstance(key, _PrivateNumbers):
        raise SignatureError("Keys of this type are not accepted.", hint="Use an Ed25519, ECDSA or RSA key.")
    private = PrivateKey(key)
    private.public._numbers()  # noqa: SLF001 -- refuses what would be refused when verifying
    return private


def parse_public_key(line: str) -> PublicKey:
    """Read a line as in `id_ed25519.pub`: type, Base64, and perhaps a comment."""
    words = line.split()
    try:
        key = PublicKey(base64.b64decode(words[1], validate=True))
        if key.type != words[0]:
            raise SignatureError("The public key's type does not fit its content.")
    except (IndexError, binascii.Error) as error:
        raise SignatureError(
            "The line holds no OpenSSH public key.", hint="It is the content of a file that ends with .pub."
        ) from error
    key._numbers()  # noqa: SLF001 -- refuses damaged and unaccepted keys here, where a person can still act
    return key


def string(data: bytes) -> bytes:
    """Return `data` as a string of the SSH protocol: its length in four bytes, then itself (RFC 4251, section 5)."""
    return len(data).to_bytes(4, "big") + data


def take_string(data: bytes) -> tuple[bytes, bytes]:
    """Return the string at the beginning of `data`, and what follows it."""
    length = int.from_bytes(data[:4], "big")
    if len(data) < 4 + length:
        raise SignatureError("The key or signature is truncated.")
    return data[4 : 4 + length], data[4 + length :]


def _verify(key: _PublicNumbers, key_type: str, algorithm: bytes, raw: bytes, data: bytes) -> None:
    if isinstance(key, rsa.RSAPublicKey):
        if algorithm not in _RSA_HASHES:
            raise SignatureError("RSA signatures need SHA-2 (rsa-sha2-256 or rsa-sha2-512).")
        key.verify(raw, data, padding.PKCS1v15(), _RSA_HASHES[algorithm])
        return
    if not hmac.compare_digest(algorithm, key_type.encode()):
        raise SignatureError("The signature's algorithm does not fit its key.")
    if isinstance(key, ed25519.Ed25519PublicKey):
        key.verify(raw, data)
        return
    r, rest = take_string(raw)
    s, rest = take_string(rest)
    if rest:
        raise SignatureError("The signature has bytes after its end.")
    der = encode_dss_signature(int.from_bytes(r, "big", signed=True), int.from_bytes(s, "big", signed=True))
    key.verify(der, data, ec.ECDSA(_CURVES[key_type.removeprefix("ecdsa-sha2-")]))


def _mpint(number: int) -> bytes:
    """Return a non-negative number as the protocol writes it: big-endian, with a leading zero bit."""
    return string(number.to_bytes(number.bit_length() // 8 + 1, "big") if number else b"")
