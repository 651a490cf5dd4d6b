"""What Prometheus reads of what was measured: counters and histograms of all time, and how each cloud stands now."""

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.openmetrics.exposition import generate_latest
from prometheus_client.registry import Collector

from allmende.health.model.samples import State
from allmende.health.model.standing import Standing
from allmende.health.model.tally import Of, Series, Tally
from allmende.health.rules.tallies import duration

BOUNDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
"""Upper bounds of the histograms' buckets, in seconds."""

_NAMES = {Of.STEP: ("step", "step"), Of.CALL: ("request", "request"), Of.SCENARIO: ("iteration", "scenario")}
_WHERE = ("cloud", "region", "vantage")

Metric = CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily


class _Collected(Collector):
    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = tuple(metrics)

    def collect(self) -> Iterator[Metric]:
        yield from (metric for metric in self._metrics if metric.samples)


def metrics(totals: Iterable[tuple[Series, Tally]], standings: Iterable[Standing]) -> bytes:
    """Return everything in the format of OpenMetrics 1.0. `totals` are the tallies of all time.

    What a blind monitor did not see is counted on its own, and never as a failure.
    """
    made: list[Metric] = []
    known = list(totals)
    for of, (name, label) in _NAMES.items():
        labels = (*_WHERE, label) if of is Of.SCENARIO else (*_WHERE, "service", label)
        outcomes = CounterMetricFamily(
            f"allmende_health_{name}s", f"How each {name} ended: ok, failed, or not seen.", labels=(*labels, "ending")
        )
        seconds = HistogramMetricFamily(
            f"allmende_health_{name}_seconds", f"How long a {name} took that worked.", labels=labels, unit="seconds"
        )
        for series, tally in known:
            if series.of is of:
                values = _values(series, of)
                worked = tally.tried - tally.failed
                for ending, number in (("ok", worked), ("failed", tally.failed), ("blind", tally.blind)):
                    outcomes.add_metric((*values, ending), number)
                seconds.add_metric(values, _buckets(tally), tally.seconds)
        made += [outcomes, seconds]
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collected([*made, *_gauges(standings)]))
    return bytes(generate_latest(registry))  # type: ignore[no-untyped-call]  # this one has no types


def _gauges(standings: Iterable[Standing]) -> tuple[GaugeMetricFamily, GaugeMetricFamily]:
    labels = ("cloud", "scenario", "vantage")
    state = GaugeMetricFamily(
        "allmende_health_state", "1 for the state of the newest iteration of a scenario.", labels=(*labels, "state")
    )
    newest = GaugeMetricFamily(
        "allmende_health_iteration_timestamp_seconds",
        "When the newest iteration of a scenario began.",
        labels=labels,
        unit="seconds",
    )
    for standing in standings:
        values = (standing.cloud, standing.scenario, standing.vantage)
        for each in State:
            state.add_metric((*values, each), float(each is standing.state))
        newest.add_metric(values, standing.at.timestamp())
    return state, newest


def _values(series: Series, of: Of) -> tuple[str, ...]:
    where = (series.cloud, series.region, series.vantage)
    return (*where, series.what) if of is Of.SCENARIO else (*where, series.service, series.what)


def _buckets(tally: Tally) -> list[tuple[str, float]]:
    lasted = sorted((duration(slot), number) for slot, number in tally.durations.items())
    below = [(str(bound), sum(number for length, number in lasted if length <= bound)) for bound in BOUNDS]
    return [*below, ("+Inf", sum(number for _, number in lasted))]
