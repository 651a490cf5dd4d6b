"""Checkpoints: how large the log is and what its root is, signed (C2SP `tlog-checkpoint` over `signed-note`, v1.0.0).

    allmende.3f2a91c0
    4711
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

    — allmende.3f2a91c0 Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=

The signature is Ed25519 over everything before the empty line. Its first four bytes say which key made it.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from allmende.errors import SignatureError
from allmende.report.keys import PrivateKey, PublicKey, string, take_string

_ALGORITHM = b"ssh-ed25519"
_ED25519 = b"\1"
_DASH = "\N{EM DASH}"
_HASH_BYTES = 32
_SIZE = re.compile(r"0|[1-9][0-9]{0,17}")
_NAME = re.compile(r"[^\s+]{1,200}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The state of a log: whose it is, how many entries it has, and the root of their Merkle tree (32 bytes)."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierKey:
    """What verifies a log's checkpoints: its name, and the public half of its Ed25519 key (32 bytes)."""

    name: str
    public: bytes

    @property
    def hash(self) -> bytes:
        """The four bytes that name the key in a signature."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:4]

    @property
    def line(self) -> str:
        """The key as one word: name, hash and key, with a plus sign between."""
        return f"{self.name}+{self.hash.hex()}+{base64.b64encode(_ED25519 + self.public).decode()}"


def verifier_key(name: str, key: PrivateKey) -> VerifierKey:
    """Return what verifies the checkpoints that this Ed25519 key signs; SignatureError for another kind of key."""
    kind, rest = take_string(key.public.blob)
    if kind != _ALGORITHM:
        raise SignatureError(f"A log is signed with an Ed25519 key, and this is one of {key.public.type}.")
    return VerifierKey(name=name, public=take_string(rest)[0])


def parse_verifier_key(line: str) -> VerifierKey:
    """Read a verifier key; SignatureError when it is damaged or of another kind."""
    try:
        name, hash_, encoded = line.strip().split("+", 2)
        decoded = base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error) as error:
        raise SignatureError("This is no verifier key: name, hash and key with a plus sign between.") from error
    key = VerifierKey(name=name, public=decoded[1:])
    fits = _NAME.fullmatch(name) and decoded[:1] == _ED25519 and len(key.public) == _HASH_BYTES
    if not fits or key.hash.hex() != hash_:
        raise SignatureError("The verifier key is damaged, or not of the kind Ed25519.")
    return key


def sealed(checkpoint: Checkpoint, key: PrivateKey) -> str:
    """Return the checkpoint with its signature."""
    verifier = verifier_key(checkpoint.origin, key)
    _, rest = take_string(key.sign(checkpoint.text.encode()))
    signature = base64.b64encode(verifier.hash + take_string(rest)[0]).decode()
    return f"{checkpoint.text}\n{_DASH} {checkpoint.origin} {signature}\n"


def opened(note: str, keys: Iterable[VerifierKey]) -> Checkpoint:
    """Return the checkpoint of a note that one of `keys` signed; SignatureError when none did, or it is none."""
    text, separator, signatures = note.rpartition("\n\n")
    if not separator:
        raise SignatureError("This is no signed checkpoint.")
    text += "\n"
    if not any(_signed_by(key, text, line) for key in keys for line in signatures.splitlines()):
        raise SignatureError("The checkpoint is not signed by a key that is known to be this log's.")
    lines = text.splitlines()
    try:
        origin, size, encoded = lines[:3]
        root = base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error) as error:
        raise SignatureError("What is signed is no checkpoint.") from error
    if not _SIZE.fullmatch(size) or len(root) != _HASH_BYTES:
        raise SignatureError("What is signed is no checkpoint.")
    return Checkpoint(origin=origin, size=int(size), root=root)


def _signed_by(key: VerifierKey, text: str, line: str) -> bool:
    words = line.split(" ")
    if len(words) != 3 or words[:2] != [_DASH, key.name]:
        return False
    try:
        decoded = base64.b64decode(words[2], validate=True)
    except binascii.Error:
        return False
    if decoded[:4] != key.hash:
        return False
    public = PublicKey(string(_ALGORITHM) + string(key.public))
    try:
        public.verify(string(_ALGORITHM) + string(decoded[4:]), text.encode())
    except SignatureError:
        return False
    return True
