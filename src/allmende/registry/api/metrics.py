"""What Prometheus reads of the record: gauges for a subject, and for the whole registry.

A version passes or does not (`allmende_version_passes`); of which testcases that follows, and until when, the others
say. There is no value for «not determined»: it is a count of its own.
"""

from collections.abc import Iterable, Iterator

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector, CollectorRegistry

from allmende.outcome import Outcome
from allmende.registry.model.scores import SubjectRecord, TableCell
from allmende.registry.run.memory import Entry
from allmende.standards.model import Target
from allmende.standards.verdict import PRECEDENCE

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4


class _Gauges:
    """The gauges of a scrape, filled before it is written."""

    def __init__(self) -> None:
        version = ("subject", "scope", "version", "validity")
        self.passes = GaugeMetricFamily(
            "allmende_version_passes", "Whether every main testcase of the version passes.", labels=version
        )
        self.testcases = GaugeMetricFamily(
            "allmende_version_testcases",
            "How many testcases of the version have this outcome.",
            labels=(*version, "target", "outcome"),
        )
        self.checked = GaugeMetricFamily(
            "allmende_checked_timestamp_seconds", "When the newest result is from.", labels=("subject", "scope")
        )
        self.outcomes = GaugeMetricFamily(
            "allmende_testcase_outcome",
            "1 for the outcome of a testcase that counts now.",
            labels=("subject", "scope", "testcase", "outcome"),
        )
        self.expires = GaugeMetricFamily(
            "allmende_result_expires_timestamp_seconds",
            "When the newest result of a testcase ceases to count.",
            labels=("subject", "scope", "testcase"),
        )

    def text(self) -> bytes:
        """Return the gauges that have a value as Prometheus reads them."""
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Collected(self))
        return generate_latest(registry)


class _Collected(Collector):
    def __init__(self, gauges: _Gauges) -> None:
        self._gauges = gauges

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for gauge in (
            self._gauges.passes,
            self._gauges.testcases,
            self._gauges.checked,
            self._gauges.outcomes,
            self._gauges.expires,
        ):
            if gauge.samples:
                yield gauge


def subject_metrics(record: SubjectRecord) -> bytes:
    """Return the metrics of one subject, testcase by testcase."""
    gauges = _Gauges()
    for score in record.scores:
        names = (record.subject.id, score.scope.id)
        if score.checked_at:
            gauges.checked.add_metric(names, score.checked_at.timestamp())
        for version in score.versions:
            labels = (*names, version.version.name, version.validity)
            gauges.passes.add_metric(labels, version.outcome is Outcome.PASS)
            for target, counts in version.counts.items():
                for outcome in PRECEDENCE:
                    gauges.testcases.add_metric((*labels, target, outcome.lower()), counts.get(outcome, 0))
        lines = {line.testcase.id: line for version in score.versions for line in version.testcases}
        for id_, line in lines.items():
            gauges.outcomes.add_metric((*names, id_, line.outcome.lower()), 1)
            if line.expires_at:
                gauges.expires.add_metric((*names, id_), line.expires_at.timestamp())
    return gauges.text()


def table_metrics(entries: Iterable[Entry[tuple[TableCell, ...]]]) -> bytes:
    """Return the metrics of every subject, version by version."""
    gauges = _Gauges()
    for entry in entries:
        for cell in entry.worked:
            names = (entry.subject.id, cell.scope.id)
            for verdict in cell.verdicts:
                labels = (*names, verdict.version, verdict.validity)
                gauges.passes.add_metric(labels, verdict.outcome is Outcome.PASS)
                for outcome in PRECEDENCE:
                    counts = verdict.counts.get(outcome, 0)
                    gauges.testcases.add_metric((*labels, Target.MAIN, outcome.lower()), counts)
            if cell.checked_at:
                gauges.checked.add_metric(names, cell.checked_at.timestamp())
    return gauges.text()
