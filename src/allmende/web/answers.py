"""Answers as bytes that were made before, so that the same is not made again for everybody who asks.

Safe between threads: the first who asks makes it, and the others wait for that.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

MOST_BYTES = 64 * 1024 * 1024


@dataclass(slots=True)
class Answers:
    """Answers as bytes that were made before, the most recently asked for up to a size; each holds for one stamp."""

    most_bytes: int = MOST_BYTES
    _held: OrderedDict[Hashable, tuple[Hashable, bytes]] = field(default_factory=OrderedDict, repr=False)
    _size: int = 0
    _making: dict[Hashable, Lock] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def remembered(self, key: Hashable, stamp: Hashable, make: Callable[[], bytes]) -> bytes:
        """Return the answer with this key and stamp; made now when there is none, or one with another stamp only.

        Who asks for what another is making waits for that. What was not asked for the longest makes room.
        """
        found, making = self._find(key, stamp)
        if found is not None:
            return found
        with making:
            try:
                found, _ = self._find(key, stamp)
                if found is None:
                    found = make()
                    self._keep(key, stamp, found)
            finally:
                with self._lock:
                    self._making.pop(key, None)
        return found

    def of_this_minute(self, address: Hashable, state: Hashable, now: datetime, make: Callable[[], bytes]) -> bytes:
        """Return what `make` answers at this address in this state of what is shown, made anew in each minute."""
        return self.remembered(address, (state, now.replace(second=0, microsecond=0)), make)

    def _find(self, key: Hashable, stamp: Hashable) -> tuple[bytes | None, Lock]:
        with self._lock:
            found = self._held.get(key)
            if found is not None and found[0] == stamp:
                self._held.move_to_end(key)
                return found[1], self._lock
            return None, self._making.setdefault(key, Lock())

    def _keep(self, key: Hashable, stamp: Hashable, answer: bytes) -> None:
        with self._lock:
            replaced = self._held.pop(key, None)
            self._size += len(answer) - (len(replaced[1]) if replaced else 0)
            self._held[key] = (stamp, answer)
            while self._size > self.most_bytes:
                _, (_, dropped) = self._held.popitem(last=False)
                self._size -= len(dropped)
