"""What is kept in memory: the same answer for the same stamp, within a size, made once."""

from collections.abc import Callable
from threading import Barrier, Thread

import pytest

from allmende.web.answers import Answers


def answering(asked: list[str], words: str) -> Callable[[], bytes]:
    def make() -> bytes:
        asked.append(words)
        return words.encode()

    return make


def test_an_answer_is_made_again_for_another_stamp_only() -> None:
    asked: list[str] = []
    answers = Answers()
    for stamp, words in ((1, "a"), (1, "b"), (2, "c"), (2, "d")):
        answers.remembered("key", stamp, answering(asked, words))
    assert asked == ["a", "c"]
    assert answers.remembered("key", 2, answering(asked, "e")) == b"c"
    assert answers.remembered("other", 2, answering(asked, "f")) == b"f"


def test_what_was_not_asked_for_the_longest_makes_room() -> None:
    asked: list[str] = []
    answers = Answers(most_bytes=8)
    for words in ("aaa", "bbb", "aaa", "cccc", "aaa", "bbb"):
        answers.remembered(words, 1, answering(asked, words))
    assert asked == ["aaa", "bbb", "cccc", "bbb"]
    answers.remembered("aaa", 2, answering(asked, "too large to keep"))
    assert asked.count("too large to keep") == 1
    answers.remembered("aaa", 2, answering(asked, "too large to keep"))
    assert asked.count("too large to keep") == 2


def test_an_answer_that_cannot_be_made_leaves_nothing_behind() -> None:
    def fails() -> bytes:
        raise LookupError

    answers = Answers()
    with pytest.raises(LookupError):
        answers.remembered("key", 1, fails)
    assert not answers._making
    assert answers.remembered("key", 1, lambda: b"found") == b"found"


def test_those_who_ask_at_once_get_what_one_of_them_makes() -> None:
    asked: list[str] = []
    found: list[bytes] = []
    answers = Answers()
    together = Barrier(8)

    def ask() -> None:
        together.wait()
        found.append(answers.remembered("key", 1, answering(asked, "a")))

    threads = [Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (asked, found) == (["a"], [b"a"] * 8)
