"""Merkle trees as transparency logs have them: roots, proofs, and what proofs prove (RFC 9162, section 2.1).

Hashes are SHA-256. A tree is given as a function that returns the hash of any complete subtree: of the `2**level`
leaves from `number * 2**level` on. So a proof costs a few of them, whatever keeps them. The library that does this is
under a licence we cannot ship (ADR 0012).
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence

Subtree = Callable[[int, int], bytes]
"""The hash of the complete subtree of this level and number."""

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(content: bytes) -> bytes:
    """Return the hash of a leaf (section 2.1.1)."""
    return hashlib.sha256(b"\0" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of the node above two others (section 2.1.1)."""
    return hashlib.sha256(b"\1" + left + right).digest()


def completed(number: int) -> Iterator[tuple[int, int]]:
    """Yield level and number of the subtrees above level 0 that the leaf with this number completes, lowest first."""
    level = 0
    while number & 1:
        number >>= 1
        level += 1
        yield level, number


def root(size: int, subtree: Subtree) -> bytes:
    """Return the root of the first `size` leaves."""
    return _hash(0, size, subtree) if size else EMPTY_ROOT


def inclusion_proof(number: int, size: int, subtree: Subtree) -> tuple[bytes, ...]:
    """Return what proves that the leaf `number` is in the tree of the first `size` leaves (section 2.1.3.1)."""
    if not 0 <= number < size:
        raise ValueError(f"A tree of {size} has no leaf {number}.")
    return tuple(_path(number, 0, size, subtree))


def consistency_proof(first: int, second: int, subtree: Subtree) -> tuple[bytes, ...]:
    """Return what proves that the tree of `second` leaves begins with that of `first` (section 2.1.4.1)."""
    if not 0 < first <= second:
        raise ValueError(f"No tree of {second} begins with a tree of {first}.")
    return tuple(_extension(first, 0, second, subtree, whole=True))


def proves_inclusion(leaf: bytes, number: int, size: int, proof: Sequence[bytes], expected: bytes) -> bool:
    """Tell whether the proof shows the leaf with this hash in the tree with this root (section 2.1.3.2)."""
    if not 0 <= number < size:
        return False
    place, last, found = number, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(sibling, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and found == expected


def proves_consistency(first: int, second: int, proof: Sequence[bytes], roots: tuple[bytes, bytes]) -> bool:
    """Tell whether the proof shows that the second tree begins with the first; `roots` are theirs (section 2.1.4.2)."""
    if first == second:
        return not proof and roots[0] == roots[1]
    if not 0 < first < second or not proof:
        return False
    path = [roots[0], *proof] if first & (first - 1) == 0 else list(proof)
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    older = newer = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            older, newer = node_hash(sibling, older), node_hash(sibling, newer)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            newer = node_hash(newer, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and (older, newer) == roots


def grown(leaves: Sequence[bytes]) -> Subtree:
    """Return the tree of these leaf hashes, held in memory."""
    levels = [list(leaves)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append([node_hash(*below[place : place + 2]) for place in range(0, len(below) - 1, 2)])
    return lambda level, number: levels[level][number]


def _hash(begin: int, end: int, subtree: Subtree) -> bytes:
    size = end - begin
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return subtree(level, begin >> level)
    middle = begin + _largest_power_below(size)
    return node_hash(_hash(begin, middle, subtree), _hash(middle, end, subtree))


def _path(number: int, begin: int, end: int, subtree: Subtree) -> Iterator[bytes]:
    if end - begin == 1:
        return
    middle = begin + _largest_power_below(end - begin)
    if number < middle:
        yield from _path(number, begin, middle, subtree)
        yield _hash(middle, end, subtree)
    else:
        yield from _path(number, middle, end, subtree)
        yield _hash(begin, middle, subtree)


def _extension(first: int, begin: int, end: int, subtree: Subtree, *, whole: bool) -> Iterator[bytes]:
    """Yield the proof for the leaves from `begin` to `end`; `whole` while they are a subtree of the old tree, too."""
    if first == end:
        if not whole:
            yield _hash(begin, end, subtree)
        return
    middle = begin + _largest_power_below(end - begin)
    if first <= middle:
        yield from _extension(first, begin, middle, subtree, whole=whole)
        yield _hash(middle, end, subtree)
    else:
        yield from _extension(first, middle, end, subtree, whole=False)
        yield _hash(begin, middle, subtree)


def _largest_power_below(number: int) -> int:
    """Return the largest power of two that is smaller than `number`, which is at least 2."""
    return 1 << ((number - 1).bit_length() - 1)
