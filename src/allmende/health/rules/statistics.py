"""Decide what many samples say together: how often something failed, and how long it took."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from allmende.health.model.samples import FAULTS, Ending, Iteration, Kind, Sample, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What the samples of one thing say. `seconds` of those that worked: half, 95 and 99 in 100 took at most so long.

    `tried` counts those that worked or failed; what was skipped, or not seen by a blind monitor, counts for nothing.
    """

    tried: int
    failed: int
    p50: float | None
    p95: float | None
    p99: float | None

    @property
    def failing(self) -> float | None:
        """Which part of them failed, from 0 to 1; None when nothing was tried."""
        return self.failed / self.tried if self.tried else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """In how many of the iterations that saw a service all of its steps worked."""

    seen: int
    available: int

    @property
    def share(self) -> float | None:
        """The part, from 0 to 1; None when it was never seen."""
        return self.available / self.seen if self.seen else None


def figures(samples: Iterable[Sample]) -> Figures:
    """Return what these samples say. That a request is refused is an answer; that a step is, is a fault."""
    kept = list(samples)
    failed = [sample for sample in kept if _is_fault(sample)]
    worked = sorted(sample.seconds for sample in kept if sample.ending is Ending.OK)
    return Figures(
        tried=len(failed) + len(worked) + sum(_is_answer(sample) for sample in kept),
        failed=len(failed),
        p50=percentile(worked, 50),
        p95=percentile(worked, 95),
        p99=percentile(worked, 99),
    )


def percentile(ordered: Sequence[float], percent: int) -> float | None:
    """Return the smallest value that so many in a hundred do not exceed (nearest rank); None of nothing."""
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)] if ordered else None


def by_thing(iterations: Iterable[Iteration], kind: Kind) -> Mapping[tuple[str, str], Figures]:
    """Return the figures by service and thing: a step, or a kind of request."""
    found: dict[tuple[str, str], list[Sample]] = {}
    for iteration in iterations:
        for sample in iteration.samples:
            if sample.kind is kind:
                found.setdefault((sample.service, sample.what), []).append(sample)
    return {thing: figures(samples) for thing, samples in sorted(found.items())}


def availability(found: Iterable[tuple[State, Iteration]]) -> Mapping[str, Availability]:
    """Return how available each service was. An iteration of a blind monitor has seen none."""
    seen: dict[str, list[bool]] = {}
    for state, iteration in found:
        if state is State.BLIND:
            continue
        of_service: dict[str, bool] = {}
        for step in iteration.steps:
            if step.ending is Ending.OK or step.ending in FAULTS:
                of_service[step.service] = of_service.get(step.service, True) and step.ending is Ending.OK
        for service, worked in of_service.items():
            seen.setdefault(service, []).append(worked)
    return {service: Availability(seen=len(all_), available=sum(all_)) for service, all_ in sorted(seen.items())}


def _is_fault(sample: Sample) -> bool:
    return sample.ending in FAULTS and not _is_answer(sample)


def _is_answer(sample: Sample) -> bool:
    return sample.kind is Kind.CALL and sample.ending is Ending.REFUSED
