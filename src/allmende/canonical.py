"""The one byte form of a document that is hashed and signed: canonical JSON (RFC 8785)."""

import hashlib
from collections.abc import Mapping
from typing import Any

import rfc8785


def canonical_bytes(document: Mapping[str, Any]) -> bytes:
    """Return the canonical JSON (RFC 8785) of a JSON-compatible document."""
    return rfc8785.dumps(dict(document))


def digest(data: bytes) -> str:
    """Return the SHA-256 of `data` as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
