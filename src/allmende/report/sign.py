"""OpenSSH signatures over bytes (PROTOCOL.sshsig), in the namespace `report`.

Decides whether bytes were signed by a key; what the bytes mean is read only afterwards, elsewhere. The result is what
`ssh-keygen -Y sign -n report` makes and `ssh-keygen -Y verify -n report` accepts.

A signed report travels as SCS tools send it: the signature, an ampersand, the signed bytes.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from allmende.errors import SignatureError
from allmende.report.keys import PrivateKey, PublicKey, string, take_string

NAMESPACE = "report"

_MAGIC = b"SSHSIG"
_VERSION = (1).to_bytes(4, "big")
_HASHES = {b"sha512": hashlib.sha512, b"sha256": hashlib.sha256}
_BEGIN = b"-----BEGIN SSH SIGNATURE-----"
_END = b"-----END SSH SIGNATURE-----"
_LINE = 70
_MAX_ARMORED = 16_384


class UnsignedError(SignatureError):
    """There is no signature at all."""


class UnknownSignerError(SignatureError):
    """The signature fits, but its key is not among those that are allowed."""

    def __init__(self, signer: PublicKey) -> None:
        super().__init__(
            f"The signature fits, but its key {signer.fingerprint} is not one of the allowed keys.",
            hint="Sign with a registered key, or have this key registered.",
        )
        self.signer = signer


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A signature, taken apart: nothing of it is verified yet."""

    key: PublicKey
    namespace: bytes
    hash_name: bytes
    blob: bytes


def signed(content: bytes, key: PrivateKey) -> bytes:
    """Return the armored signature of `key` over `content`."""
    blob = key.sign(_to_be_signed(content, NAMESPACE.encode(), b"sha512"))
    fields = (key.public.blob, NAMESPACE.encode(), b"", b"sha512", blob)
    return _armored(_MAGIC + _VERSION + b"".join(map(string, fields)))


def signer(content: bytes, armored: bytes) -> PublicKey:
    """Return the key that signed exactly `content`; SignatureError when the signature does not fit."""
    signature = parse_signature(armored)
    if signature.namespace != NAMESPACE.encode():
        raise SignatureError(
            f"The signature is for the namespace {signature.namespace.decode('utf-8', 'replace')!r}, not 'report'.",
            hint="Sign with: ssh-keygen -Y sign -n report -f KEY FILE",
        )
    signature.key.verify(signature.blob, _to_be_signed(content, signature.namespace, signature.hash_name))
    return signature.key


def verified(content: bytes, armored: bytes, allowed: Iterable[PublicKey]) -> PublicKey:
    """Return who of `allowed` signed exactly `content`.

    SignatureError when the signature does not fit; UnknownSignerError when it does, but by somebody else.
    """
    key = signer(content, armored)
    if key not in frozenset(allowed):
        raise UnknownSignerError(key)
    return key


def joined(armored: bytes, content: bytes) -> bytes:
    """Return signature and content in one body, as they are sent."""
    return armored + b"&" + content


def split(body: bytes) -> tuple[bytes, bytes]:
    """Return the armored signature and the signed bytes of a body; UnsignedError when it has no signature."""
    if body.startswith(_BEGIN):
        armored, end, rest = body.partition(_END + b"\n")
        if end and rest.startswith(b"&"):
            return armored + end, rest[1:]
    raise UnsignedError(
        "There is no signature before the report.",
        hint="Send the OpenSSH signature, an ampersand (&) and the report, or use: allmende report submit",
    )


def parse_signature(armored: bytes) -> Signature:
    """Take an armored signature apart; SignatureError when it is not well formed."""
    rest = _dearmored(armored)
    if not rest.startswith(_MAGIC + _VERSION):
        raise SignatureError("This is not an OpenSSH signature of version 1.")
    rest = rest[len(_MAGIC + _VERSION) :]
    fields = []
    for _ in range(5):
        field, rest = take_string(rest)
        fields.append(field)
    if rest:
        raise SignatureError("The signature has bytes after its end.")
    key, namespace, _, hash_name, blob = fields
    if hash_name not in _HASHES:
        raise SignatureError("The signature's hash is neither sha512 nor sha256.")
    return Signature(key=PublicKey(key), namespace=namespace, hash_name=hash_name, blob=blob)


def _to_be_signed(content: bytes, namespace: bytes, hash_name: bytes) -> bytes:
    content_hash = _HASHES[hash_name](content).digest()
    return _MAGIC + b"".join(map(string, (namespace, b"", hash_name, content_hash)))


def _armored(data: bytes) -> bytes:
    text = base64.b64encode(data)
    lines = (text[i : i + _LINE] for i in range(0, len(text), _LINE))
    return b"\n".join((_BEGIN, *lines, _END, b""))


def _dearmored(armored: bytes) -> bytes:
    text = armored.strip()
    if len(text) > _MAX_ARMORED or not (text.startswith(_BEGIN) and text.endswith(_END)):
        raise SignatureError("The signature is not in OpenSSH's armored form.")
    try:
        return base64.b64decode(b"".join(text[len(_BEGIN) : -len(_END)].split()), validate=True)
    except binascii.Error as error:
        raise SignatureError("The signature is not in OpenSSH's armored form.") from error
