"""Reading subunit v2, the stream in which test programs report: packets between which other output may stand.

Only bytes are understood here; what a run of tests makes of the events is left to others. Source: the protocol's
description in the README of python-subunit.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

SIGNATURE = 0xB3
_CRC_BYTES = 4
_HEAD_BYTES = 4  # signature, flags, and the first byte of the length
_MOST_BYTES = 1 << 22  # what the protocol allows a packet

_ROUTE, _TIMESTAMP, _TEST_ID, _TAGS, _FILE, _MIME, _EOF = 0x0400, 0x0200, 0x0800, 0x0080, 0x0040, 0x0020, 0x0010
_STATUS, _VERSION, _VERSION_2 = 0x0007, 0xF000, 0x2000


class Status(Enum):
    """What a packet says of a test."""

    NONE = 0
    EXISTS = 1
    IN_PROGRESS = 2
    SUCCESS = 3
    UNEXPECTED_SUCCESS = 4
    SKIP = 5
    FAIL = 6
    EXPECTED_FAILURE = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One packet: a status of a test, or a piece of a file that belongs to it, or both."""

    test: str = ""
    status: Status = Status.NONE
    at: datetime | None = None
    file: str = ""
    content: bytes = b""


class SubunitReader:
    """Turns bytes, as they come, into events. What is no packet, or is a damaged one, is passed over."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Event]:
        """Yield the events that are complete with these bytes."""
        self._buffer += data
        while (start := self._buffer.find(SIGNATURE)) >= 0:
            del self._buffer[:start]
            length = self._length()
            if length is None or (length > 0 and len(self._buffer) < length):
                return
            event = _event(bytes(self._buffer[:length])) if length else None
            del self._buffer[: length if event else 1]  # not a packet after all: look behind its first byte
            if event:
                yield event
        self._buffer.clear()

    def _length(self) -> int | None:
        """Return the length that the packet at the front says it has: None while unknown, 0 if it is none."""
        if len(self._buffer) < _HEAD_BYTES:
            return None
        if (int.from_bytes(self._buffer[1:3], "big") & _VERSION) != _VERSION_2:
            return 0
        try:
            length, read = _number(bytes(self._buffer), 3)
        except IndexError:
            return None
        return length if read + _CRC_BYTES <= length <= _MOST_BYTES else 0


def _event(packet: bytes) -> Event | None:
    """Return what a packet says; None where its checksum does not fit or it ends too early."""
    if zlib.crc32(packet[:-_CRC_BYTES]) != int.from_bytes(packet[-_CRC_BYTES:], "big"):
        return None
    try:
        return _parsed(packet[:-_CRC_BYTES])
    except (IndexError, UnicodeDecodeError, OverflowError):
        return None


def _parsed(packet: bytes) -> Event:
    flags = int.from_bytes(packet[1:3], "big")
    _, place = _number(packet, 3)
    at, test, file, content = None, "", "", b""
    if flags & _TIMESTAMP:
        seconds = int.from_bytes(packet[place : place + 4], "big")
        nanoseconds, place = _number(packet, place + 4)
        at = datetime.fromtimestamp(seconds, UTC) + timedelta(microseconds=nanoseconds // 1000)
    if flags & _TEST_ID:
        test, place = _text(packet, place)
    if flags & _TAGS:
        count, place = _number(packet, place)
        for _ in range(count):
            _, place = _text(packet, place)
    if flags & _MIME:
        _, place = _text(packet, place)
    if flags & _FILE:
        file, place = _text(packet, place)
        content, place = _bytes(packet, place)
    return Event(test=test, status=Status(flags & _STATUS), at=at, file=file, content=content)


def _number(packet: bytes, place: int) -> tuple[int, int]:
    """Return the number at `place` and where it ends: its first two bits say how many bytes follow."""
    more = packet[place] >> 6
    if place + more >= len(packet):
        raise IndexError(place)
    return int.from_bytes(packet[place : place + more + 1], "big") & ((1 << (8 * more + 6)) - 1), place + more + 1


def _bytes(packet: bytes, place: int) -> tuple[bytes, int]:
    length, place = _number(packet, place)
    if place + length > len(packet):
        raise IndexError(place)
    return packet[place : place + length], place + length


def _text(packet: bytes, place: int) -> tuple[str, int]:
    content, place = _bytes(packet, place)
    return content.decode(), place
