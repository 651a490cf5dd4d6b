"""The signed state of a log: what others can read, and what is refused."""

from base64 import b64decode, b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from allmende.errors import DocumentError, SignatureError
from allmende.registry.rules.checkpoint import (
    Checkpoint,
    opened,
    parse_verifier_key,
    sealed,
    verifier_key,
)
from allmende.registry.rules.leaves import OtherLeaf, read
from allmende.report.keys import ed25519_key, parse_private_key

KEY = ed25519_key(bytes(range(32)))
VERIFIER = verifier_key("example.org/log", KEY)
STATE = Checkpoint(origin="example.org/log", size=4711, root=bytes(32))
NOTE = sealed(STATE, KEY)


def test_a_note_of_another_implementation_is_read() -> None:
    """The example with which the note format's documentation and its Go library are tested."""
    key = parse_verifier_key("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    note = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n"
        "\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    )
    with pytest.raises(SignatureError, match="What is signed is no checkpoint"):
        opened(note, [key])
    with pytest.raises(SignatureError, match="not signed by a key"):
        opened(note.replace("problem,", "problems,"), [key])


def test_what_was_sealed_is_read_again() -> None:
    assert opened(NOTE, [VERIFIER]) == STATE
    assert parse_verifier_key(VERIFIER.line) == VERIFIER
    assert NOTE.startswith("example.org/log\n4711\nAAAA")


def test_a_further_signature_of_a_witness_does_not_disturb() -> None:
    witness = sealed(Checkpoint(origin="witness", size=1, root=bytes(32)), ed25519_key(b"w" * 32)).splitlines()[-1]
    assert opened(NOTE + witness + "\n", [VERIFIER]) == STATE


@pytest.mark.parametrize(
    "note",
    [
        "",
        NOTE.replace("4711", "4712"),
        NOTE.replace("\n\n", "\n"),
        NOTE.replace("AAAA", "AAAB", 1),
        NOTE.rpartition("\n\n")[0] + "\n\n",
        NOTE.replace("\N{EM DASH}", "-"),
        NOTE[:-12] + "\n",
        NOTE.replace("\N{EM DASH} example.org/log", "\N{EM DASH} example.com/log"),
    ],
)
def test_what_was_changed_is_refused(note: str) -> None:
    with pytest.raises(SignatureError):
        opened(note, [VERIFIER])


def test_what_another_key_signed_is_refused() -> None:
    other = verifier_key("example.org/log", ed25519_key(b"x" * 32))
    with pytest.raises(SignatureError, match="not signed by a key"):
        opened(NOTE, [other])
    with pytest.raises(SignatureError, match="not signed by a key"):
        opened(NOTE, [])


@pytest.mark.parametrize(
    "line",
    [
        "",
        "name",
        "name+00000000+AAAA",
        VERIFIER.line.replace("example.org", "example.com"),
        VERIFIER.line[:-4],
        f"a name+{VERIFIER.hash.hex()}+{b64encode(bytes(33)).decode()}",
        VERIFIER.line + "!",
    ],
)
def test_a_damaged_verifier_key_is_refused(line: str) -> None:
    with pytest.raises(SignatureError):
        parse_verifier_key(line)


def test_a_log_is_signed_with_ed25519_only() -> None:
    numbers = ec.generate_private_key(ec.SECP256R1())
    key = parse_private_key(numbers.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
    with pytest.raises(SignatureError, match="Ed25519"):
        verifier_key("log", key)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"kind":"report"}', '{"kind":"key","at":"now","key":"x"}', "\ud7ff{"]
)
def test_what_is_no_entry_is_refused(text: str) -> None:
    with pytest.raises(DocumentError):
        read(text.encode())


def test_an_entry_of_a_newer_registry_is_passed_over() -> None:
    found = read(b'{"kind":"comet","at":"2026-11-26T00:00:00Z","number":7}')
    assert isinstance(found, OtherLeaf)
    assert found.kind == "comet"


def test_the_signature_names_its_key() -> None:
    signature = b64decode(NOTE.splitlines()[-1].split(" ")[2])
    assert signature[:4] == VERIFIER.hash
    assert len(signature) == 4 + 64
