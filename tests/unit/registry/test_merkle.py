"""Proofs of the log: what is true can be proven, and what is not, cannot."""

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allmende.registry.rules.merkle import (
    completed,
    consistency_proof,
    grown,
    inclusion_proof,
    leaf_hash,
    node_hash,
    proves_consistency,
    proves_inclusion,
    root,
)

# Eight leaves, and the roots of the trees of 0 to 8 of them, with which implementations compare themselves.
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]

sizes = st.integers(min_value=1, max_value=70)


def _leaves(size: int) -> list[bytes]:
    return [leaf_hash(str(number).encode()) for number in range(size)]


def _naive_root(leaves: Sequence[bytes]) -> bytes:
    """The definition of RFC 9162, section 2.1.1, word by word."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(_naive_root(leaves[:split]), _naive_root(leaves[split:]))


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_that_other_implementations_compute(size: int) -> None:
    leaves = [leaf_hash(bytes.fromhex(leaf)) for leaf in LEAVES[:size]]
    assert root(size, grown(leaves)).hex() == ROOTS[size]


@given(size=sizes)
def test_a_root_is_that_of_the_definition(size: int) -> None:
    assert root(size, grown(_leaves(size))) == _naive_root(_leaves(size))


@given(data=st.data(), size=sizes)
def test_every_leaf_can_be_proven_and_at_no_other_place(data: st.DataObject, size: int) -> None:
    leaves = _leaves(size)
    number = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(number, size, grown(leaves))
    expected = root(size, grown(leaves))
    assert proves_inclusion(leaves[number], number, size, proof, expected)
    assert proves_inclusion(leaves[number], other, size, proof, expected) == (other == number)
    assert not proves_inclusion(leaf_hash(b"another"), number, size, proof, expected)
    assert not proves_inclusion(leaves[number], number, size, (*proof, proof[-1] if proof else b"x"), expected)
    assert not proof or not proves_inclusion(leaves[number], number, size, proof[:-1], expected)


@given(data=st.data(), second=sizes)
def test_a_tree_that_grew_is_consistent_with_what_it_was(data: st.DataObject, second: int) -> None:
    first = data.draw(st.integers(1, second))
    tree = grown(_leaves(second))
    proof = consistency_proof(first, second, tree)
    assert proves_consistency(first, second, proof, (root(first, tree), root(second, tree)))


@given(data=st.data(), second=sizes)
def test_a_tree_whose_past_was_changed_is_not_consistent(data: st.DataObject, second: int) -> None:
    first = data.draw(st.integers(1, second))
    changed = data.draw(st.integers(0, first - 1))
    before, after = _leaves(second), _leaves(second)
    after[changed] = leaf_hash(b"rewritten")
    proof = consistency_proof(first, second, grown(after))
    assert not proves_consistency(first, second, proof, (root(first, grown(before)), root(second, grown(after))))


@given(data=st.data(), second=sizes)
def test_a_proof_that_is_too_short_or_too_long_proves_nothing(data: st.DataObject, second: int) -> None:
    first = data.draw(st.integers(1, second))
    tree = grown(_leaves(second))
    proof, roots = consistency_proof(first, second, tree), (root(first, tree), root(second, tree))
    assert not proves_consistency(first, second, (*proof, b"x" * 32), roots)
    assert not proof or not proves_consistency(first, second, proof[:-1], roots)


@given(size=sizes)
def test_every_complete_subtree_is_completed_by_exactly_one_leaf(size: int) -> None:
    found = sorted(place for number in range(size) for place in completed(number))
    levels = range(1, size.bit_length())
    assert found == sorted((level, number) for level in levels for number in range(size >> level))


@pytest.mark.parametrize(("number", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_a_leaf_that_is_not_there_has_no_proof(number: int, size: int) -> None:
    with pytest.raises(ValueError, match="has no leaf"):
        inclusion_proof(number, size, grown(_leaves(size)))
    assert not proves_inclusion(leaf_hash(b"0"), number, size, (), leaf_hash(b"0"))


@pytest.mark.parametrize(("first", "second"), [(0, 3), (4, 3)])
def test_no_tree_begins_with_nothing_or_with_a_larger_one(first: int, second: int) -> None:
    with pytest.raises(ValueError, match="begins with"):
        consistency_proof(first, second, grown(_leaves(second)))
    assert not proves_consistency(first, second, (b"x" * 32,), (b"x" * 32, b"x" * 32))
