"""Subunit v2 is read as it comes: in any pieces, between other output, and damaged."""

import struct
import zlib
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allmende.programs.subunit import Event, Status, SubunitReader

# The two packets that the README of python-subunit shows, and a third with a time.
ENUMERATED = bytes.fromhex("b329010c03666f6f08555f1b")
LENGTH = 3  # the place of the first byte of its length
EXISTS = Event(test="foo", status=Status.EXISTS)
IN_PROGRESS = bytes.fromhex("b32b0310040000000000")  # cut short: never complete


def number(value: int) -> bytes:
    size = next(size for size in (1, 2, 3, 4) if value < 1 << (8 * size - 2))
    return (value | (size - 1) << (8 * size - 2)).to_bytes(size, "big")


def text(value: bytes) -> bytes:
    return number(len(value)) + value


def packet(flags: int, *fields: bytes) -> bytes:
    body = b"".join(fields)
    size = next(size for size in (1, 2, 3) if len(number(3 + size + len(body) + 4)) == size)
    data = b"\xb3" + struct.pack(">H", 0x2000 | flags) + number(3 + size + len(body) + 4) + body
    return data + struct.pack(">I", zlib.crc32(data))


FULL = packet(
    0x0200 | 0x0800 | 0x0080 | 0x0040 | 0x0020 | 6,
    struct.pack(">I", 1_700_000_000) + number(500_000_000),
    text(b"a.test"),
    number(2) + text(b"worker-1") + text(b"slow"),
    text(b"text/plain"),
    text(b"traceback") + text(b"x" * 70_000),
)
EVENT = Event(
    test="a.test",
    status=Status.FAIL,
    at=datetime(2023, 11, 14, 22, 13, 20, 500_000, UTC),
    file="traceback",
    content=b"x" * 70_000,
)


def read(*pieces: bytes) -> list[Event]:
    reader = SubunitReader()
    return [event for piece in pieces for event in reader.feed(piece)]


def test_the_packet_of_the_protocols_description_is_read() -> None:
    assert read(ENUMERATED) == [EXISTS]


def test_every_field_is_read() -> None:
    assert read(FULL) == [EVENT]


@given(st.lists(st.integers(1, len(FULL) * 2), max_size=6))
def test_pieces_may_end_anywhere(cuts: list[int]) -> None:
    stream = FULL + b"a warning\n" + FULL
    places = [0, *sorted(cuts), len(stream)]
    pieces = [stream[start:end] for start, end in pairwise(places)]
    assert read(*pieces) == [EVENT, EVENT]


@given(st.integers(0, len(ENUMERATED) - 1).filter(lambda place: place != LENGTH), st.integers(1, 255))
def test_a_damaged_packet_is_passed_over_and_the_next_one_read(place: int, change: int) -> None:
    damaged = bytearray(ENUMERATED)
    damaged[place] ^= change
    assert read(bytes(damaged) + b"\n" + ENUMERATED + ENUMERATED) == [EXISTS, EXISTS]


@pytest.mark.parametrize("change", [1, 80, 255])
def test_a_damaged_length_costs_no_more_than_a_packet_may_be_long(change: int) -> None:
    damaged = bytearray(ENUMERATED)
    damaged[LENGTH] ^= change
    assert read(bytes(damaged) + b"\n" * (1 << 22) + ENUMERATED) == [EXISTS]


@given(st.binary(max_size=200))
def test_no_bytes_break_it(noise: bytes) -> None:
    assert read(noise, IN_PROGRESS) == [], "a packet whose checksum holds does not come about by chance"
