"""OpenSSH signatures: ours, and those of the real ssh-keygen, in both directions."""

import base64
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allmende.errors import SignatureError
from allmende.report.keys import (
    PassphraseNeededError,
    PrivateKey,
    ed25519_key,
    parse_private_key,
    parse_public_key,
    string,
)
from allmende.report.sign import UnknownSignerError, UnsignedError, joined, signed, signer, split, verified

KEY = ed25519_key(b"k" * 32)
STRANGER = ed25519_key(b"s" * 32)
KINDS = {
    "ed25519": ("-t", "ed25519"),
    "ecdsa-256": ("-t", "ecdsa", "-b", "256"),
    "ecdsa-384": ("-t", "ecdsa", "-b", "384"),
    "ecdsa-521": ("-t", "ecdsa", "-b", "521"),
    "rsa": ("-t", "rsa", "-b", "2048"),
}


def _keygen(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["ssh-keygen", *arguments], input=stdin, capture_output=True, check=False)


def _received(body: bytes) -> bytes:
    """What a receiver who knows KEY takes from `body`."""
    armored, content = split(body)
    verified(content, armored, [KEY.public])
    return content


@pytest.fixture(scope="module", params=KINDS)
def key_file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "id"
    made = _keygen("-q", *KINDS[request.param], "-N", "", "-C", "a comment", "-f", str(path))
    assert made.returncode == 0, made.stderr
    return path


def _key(path: Path) -> PrivateKey:
    return parse_private_key(path.read_bytes())


def test_what_we_sign_ssh_keygen_verifies(key_file: Path, tmp_path: Path) -> None:
    content = b"results: {}\n\xc3\xa4"
    signature = tmp_path / "sig"
    signature.write_bytes(signed(content, _key(key_file)))
    allowed = tmp_path / "allowed"
    allowed.write_text(f"me@example.org {_key(key_file).public.line}\n")

    verify = ("-Y", "verify", "-n", "report", "-I", "me@example.org", "-f", str(allowed), "-s", str(signature))
    assert _keygen(*verify, stdin=content).returncode == 0
    assert _keygen(*verify, stdin=content + b" ").returncode != 0
    checked = _keygen("-Y", "check-novalidate", "-n", "report", "-s", str(signature), stdin=content)
    assert _key(key_file).public.fingerprint in checked.stdout.decode()


def test_what_ssh_keygen_signs_we_verify(key_file: Path) -> None:
    content = bytes(range(256))
    made = _keygen("-Y", "sign", "-q", "-n", "report", "-f", str(key_file), stdin=content)
    public = parse_public_key(key_file.with_suffix(".pub").read_text())

    assert signer(content, made.stdout) == public
    assert verified(content, made.stdout, [STRANGER.public, public]) == public
    with pytest.raises(SignatureError, match="changed after signing"):
        signer(content + b"\n", made.stdout)


def test_a_fingerprint_is_the_one_that_ssh_keygen_prints(key_file: Path) -> None:
    assert _key(key_file).public.fingerprint in _keygen("-l", "-f", str(key_file)).stdout.decode()


def test_a_key_file_that_we_write_ssh_keygen_reads(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.touch(mode=0o600)
    path.write_bytes(KEY.openssh())
    assert _keygen("-y", "-f", str(path)).stdout.decode().split()[:2] == KEY.public.line.split()


def test_a_passphrase_opens_a_key(tmp_path: Path) -> None:
    path = tmp_path / "id"
    _keygen("-q", "-t", "ed25519", "-N", "correct horse", "-f", str(path))
    with pytest.raises(PassphraseNeededError, match="protected"):
        parse_private_key(path.read_bytes())
    with pytest.raises(PassphraseNeededError, match="does not open"):
        parse_private_key(path.read_bytes(), b"battery")
    key = parse_private_key(path.read_bytes(), b"correct horse")
    assert key.public == parse_public_key(path.with_suffix(".pub").read_text())


def test_a_signature_by_somebody_else_names_its_key() -> None:
    with pytest.raises(UnknownSignerError) as refusal:
        verified(b"content", signed(b"content", STRANGER), [KEY.public])
    assert refusal.value.signer == STRANGER.public


def test_a_signature_for_another_purpose_does_not_count(tmp_path: Path) -> None:
    path = tmp_path / "id"
    _keygen("-q", "-t", "ed25519", "-N", "", "-f", str(path))
    made = _keygen("-Y", "sign", "-q", "-n", "git", "-f", str(path), stdin=b"content")
    with pytest.raises(SignatureError, match="namespace 'git'"):
        signer(b"content", made.stdout)


def test_a_security_key_is_refused_by_name() -> None:
    blob = string(b"sk-ssh-ed25519@openssh.com") + string(b"k" * 32) + string(b"ssh:")
    with pytest.raises(SignatureError, match="type sk-ssh-ed25519"):
        parse_public_key(f"sk-ssh-ed25519@openssh.com {base64.b64encode(blob).decode()}")


def test_a_short_rsa_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "id"
    made = _keygen("-q", "-t", "rsa", "-b", "1024", "-N", "", "-f", str(path))
    assert made.returncode == 0, made.stderr
    with pytest.raises(SignatureError, match="2048"):
        parse_private_key(path.read_bytes())


@pytest.mark.parametrize("line", ["", "ssh-ed25519", "ssh-ed25519 !!!", "ssh-rsa " + KEY.public.line.split()[1]])
def test_what_is_no_public_key_is_said_to_be_none(line: str) -> None:
    with pytest.raises(SignatureError):
        parse_public_key(line)


def test_a_private_key_does_not_show_itself() -> None:
    assert repr(KEY) == f"PrivateKey({KEY.public.fingerprint})"


@given(st.binary(max_size=2000))
def test_any_bytes_can_be_signed_sent_and_verified(content: bytes) -> None:
    assert _received(joined(signed(content, KEY), content)) == content


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_a_changed_byte_never_changes_what_is_accepted(position: int, change: int) -> None:
    content = b"some content that matters"
    body = bytearray(joined(signed(content, KEY), content))
    body[position % len(body)] ^= change
    try:
        accepted = _received(bytes(body))  # a changed line break within the armor changes nothing
    except SignatureError:
        return
    assert accepted == content


@given(st.integers(min_value=0, max_value=24), st.integers(min_value=1, max_value=255))
def test_no_changed_byte_of_the_content_goes_unnoticed(position: int, change: int) -> None:
    content = bytearray(b"some content that matters")
    armored = signed(bytes(content), KEY)
    content[position] ^= change
    with pytest.raises(SignatureError, match="changed after signing"):
        verified(bytes(content), armored, [KEY.public])


@given(st.binary(max_size=300))
def test_garbage_is_unsigned(body: bytes) -> None:
    with pytest.raises(UnsignedError):
        split(body)


@given(st.binary(max_size=300))
def test_an_armored_anything_is_no_signature(data: bytes) -> None:
    armored = b"-----BEGIN SSH SIGNATURE-----\n" + base64.b64encode(data) + b"\n-----END SSH SIGNATURE-----\n"
    with pytest.raises(SignatureError):
        signer(b"", armored)
