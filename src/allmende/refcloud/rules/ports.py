"""Which ports a cloud uses: those it had, those above a chosen base, or free ones. Looking is left to `apply`."""

from collections.abc import Callable, Collection, Mapping, Sequence

from allmende.errors import ReferenceCloudError

FIRST, LAST = 21000, 29999  # below the range from which Linux takes ports for outgoing connections


def assign_ports(
    names: Sequence[str],
    remembered: Mapping[str, int],
    *,
    foreign: Collection[int],
    is_free: Callable[[int], bool],
    base: int | None = None,
) -> dict[str, int]:
    """Return a port for each of `names`, no two the same.

    A remembered port stays as long as it is free. With `base` the ports are the ones from there on, in the order of
    `names`, and one that is taken is an error. `foreign` are ports that other clouds remember, even while they are
    down.
    """
    if base is not None:
        return _from_base(names, base, foreign, is_free)
    ports = {name: remembered[name] for name in names if name in remembered and is_free(remembered[name])}
    taken = set(foreign) | set(ports.values())
    candidates = (port for port in range(FIRST, LAST + 1) if port not in taken and is_free(port))
    for name in names:
        if name not in ports:
            try:
                ports[name] = next(candidates)
            except StopIteration:
                raise ReferenceCloudError(
                    f"No port between {FIRST} and {LAST} is free.", hint="Stop what uses them, or give --port-base."
                ) from None
    return ports


def _from_base(
    names: Sequence[str], base: int, foreign: Collection[int], is_free: Callable[[int], bool]
) -> dict[str, int]:
    ports = dict(zip(names, range(base, base + len(names)), strict=True))
    taken = [str(port) for port in ports.values() if port in foreign or not is_free(port)]
    if taken:
        raise ReferenceCloudError(
            f"From --port-base {base} on, these ports are in use: {', '.join(taken)}.",
            hint="Choose another base, or leave it out: free ports are found.",
        )
    return ports


def assign_number(remembered: int | None, *, preferred: int, foreign: Collection[int], most: int) -> int:
    """Return the number of a cloud: the one it had, else the first from `preferred` on that no other cloud has.

    Clouds of different users do not know each other: what they prefer is spread, so that they rarely meet.
    """
    if remembered is not None and remembered not in foreign:
        return remembered
    try:
        return next(number % most for number in range(preferred, preferred + most) if number % most not in foreign)
    except StopIteration:
        raise ReferenceCloudError(
            f"There are {most} reference clouds already.", hint="allmende cloud destroy --name NAME removes one."
        ) from None
