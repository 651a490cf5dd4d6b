"""Requests and seconds to judge a real cloud: `allmende check`, one thing after the other, the public suite.

    python bench/conformance.py clouds.yaml CLOUD [--suite CHECKOUT] [--rounds 3] [--delay 0 --delay 50]
                                [--extent static --extent backup --extent everything]

All go through `delaying_proxy.py`, which counts the requests of all alike and adds the delay of a distant cloud. They
take turns, so that all suffer alike from what else the machine does; its load is printed, and the seconds that the
programs themselves kept a processor busy, which suffer less. The suite gets exactly the
testcases that ours judges. `process for each` starts `allmende check --only ID` for a sample, and multiplies.

The suite's guest installs packages from the internet. Where it cannot, its testcases abort or wait until time is up;
what they said is printed. `--rounds-with-guest` says how often the extent `everything` is measured.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from delaying_proxy import DelayingProxy
from public_suite import GUEST, PublicSuite

from allmende.checks.catalog import catalogue
from allmende.runner.plan import Reach, newest_effective, plan
from allmende.standards import find
from allmende.standards.load import load_standards

BACKUP = "scs-0117-test-backup"
EXTENTS = ("static", "backup", "everything")
SUITE = "public suite"
CHECK = "allmende check"
ALLMENDE = [sys.executable, "-m", "allmende"]
ONE_BY_ONE = [sys.executable, str(Path(__file__).with_name("one_by_one.py"))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What one run took, and what it said about each testcase."""

    seconds: float
    processor_seconds: float
    requests: float
    verdicts: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """The cloud behind the proxy, and whom we compare."""

    proxy: DelayingProxy
    clouds_yaml: Path
    cloud: str
    suite: PublicSuite | None
    sample: int

    def check(self, chosen: Sequence[str], *, read_only: bool) -> Mapping[str, str]:
        return _results(self._ours([*ALLMENDE, "check", self.cloud, "--json"], chosen, read_only=read_only))

    def one_by_one(self, chosen: Sequence[str], *, read_only: bool) -> Mapping[str, str]:
        return dict(self._ours([*ONE_BY_ONE, self.cloud], chosen, read_only=read_only))

    def public(self, chosen: Sequence[str]) -> Mapping[str, str]:
        assert self.suite is not None
        return self.suite.run(self.clouds_yaml, self.cloud, chosen).verdicts

    def taken(self, delay: float, work: Callable[[], Mapping[str, str]]) -> Taken:
        with self.proxy.counting(delay) as seen:
            began, used = time.perf_counter(), _used_by_children()
            verdicts = work()
            seconds, processor_seconds = time.perf_counter() - began, _used_by_children() - used
        return Taken(seconds=seconds, processor_seconds=processor_seconds, requests=len(seen), verdicts=verdicts)

    def process_for_each(self, delay: float, chosen: Sequence[str]) -> Taken:
        """Estimate a process for each testcase, from some of them at equal distances."""
        sampled = chosen[:: max(1, len(chosen) // self.sample)]
        runs = [self.taken(delay, partial(self.check, [one], read_only=True)) for one in sampled]
        return Taken(
            seconds=statistics.mean(run.seconds for run in runs) * len(chosen),
            processor_seconds=statistics.mean(run.processor_seconds for run in runs) * len(chosen),
            requests=statistics.mean(run.requests for run in runs) * len(chosen),
            verdicts={key: value for run in runs for key, value in run.verdicts.items()},
        )

    def _ours(self, command: list[str], chosen: Sequence[str], *, read_only: bool) -> Any:
        words = [*command, *(word for one in chosen for word in ("--only", one)), *(["--read-only"] * read_only)]
        environ = {**os.environ, "OS_CLIENT_CONFIG_FILE": str(self.clouds_yaml), "NO_COLOR": "1"}
        done = subprocess.run(words, env=environ, capture_output=True, text=True, check=False, timeout=1800)
        if done.returncode not in (0, 1, 3):
            raise SystemExit(f"{' '.join(words[:6])} … ended with {done.returncode}:\n{done.stderr[-4000:]}")
        return json.loads(done.stdout)


def _used_by_children() -> float:
    """Return the seconds of processors that programs took which we started and which ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _results(document: Any) -> Mapping[str, str]:
    return {result["testcase"]: result["outcome"] for result in document["results"]}


def testcases(extent: str) -> tuple[str, ...]:
    """Return what ours judges in the newest effective version: without creating anything, with a backup, or all."""
    standards = load_standards()
    scope = find.scope(standards, "iaas")
    version = newest_effective(scope, datetime.now(UTC).date())  # noqa: TID251 -- a real cloud
    planned = plan(standards, catalogue(standards), scope, version, (), Reach(active=extent != "static"))
    chosen = tuple(step.testcase.id for step in planned.steps)
    return (*testcases("static"), BACKUP) if extent == "backup" else chosen


def measured(bench: Bench, extent: str, delay: float, rounds: int) -> Mapping[str, list[Taken]]:
    """Let all take turns."""
    chosen, read_only = testcases(extent), extent == "static"
    contenders: dict[str, Callable[[], Taken]] = {
        CHECK: lambda: bench.taken(delay, lambda: bench.check(chosen, read_only=read_only)),
        "one after the other": lambda: bench.taken(delay, lambda: bench.one_by_one(chosen, read_only=read_only)),
    }
    if bench.suite:
        contenders[SUITE] = lambda: bench.taken(delay, lambda: bench.public(chosen))
    taken: dict[str, list[Taken]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, run in contenders.items():
            taken[name].append(run())
    if extent == "static":
        taken["process for each"] = [bench.process_for_each(delay, chosen)]
    return taken


def show(extent: str, delay: float, taken: Mapping[str, list[Taken]]) -> None:
    """Print a line for each contender, with the ratio of its seconds to the suite's (to ours where there is none)."""
    medians = {name: statistics.median(run.seconds for run in runs) for name, runs in taken.items()}
    base = medians.get(SUITE, medians[CHECK])
    for name, runs in taken.items():
        seconds = [run.seconds for run in runs]
        said = Counter(runs[0].verdicts.values())
        print(
            f"{extent:10} {delay * 1000:3.0f} ms  {name:20} {statistics.median(run.requests for run in runs):8.0f} "
            f"{medians[name]:8.1f} {min(seconds):7.1f} {max(seconds):7.1f} {medians[name] / base:7.2f} "
            f"{statistics.median(run.processor_seconds for run in runs):9.2f}   "
            + ", ".join(f"{count} {outcome}" for outcome, count in sorted(said.items())),
            flush=True,
        )
    guests = {
        one: runs[0].verdicts[one]
        for one in GUEST
        for runs in [taken.get(SUITE, [])]
        if extent == "everything" and runs
    }
    if guests:
        print(f"{'':10} the suite's guest: " + ", ".join(f"{key} {value}" for key, value in guests.items()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clouds_yaml", type=Path)
    parser.add_argument("cloud")
    parser.add_argument("--suite", type=Path, help="checkout of the public suite")
    parser.add_argument("--suite-environment", type=Path, default=Path(tempfile.gettempdir()) / "public-suite-venv")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rounds-with-guest", type=int, default=1)
    parser.add_argument("--sample", type=int, default=4, help="testcases that get a process of their own")
    parser.add_argument("--delay", type=float, action="append", metavar="MILLISECONDS")
    parser.add_argument("--extent", choices=EXTENTS, action="append")
    options = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # all start as on a user's machine, from compiled modules
    suite = PublicSuite.at(options.suite, options.suite_environment) if options.suite else None
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    print(
        f"{'':19} {'':20} {'requests':>8} {'seconds':>8} {'min':>7} {'max':>7} {'ratio':>7} {'processor':>9}",
        flush=True,
    )
    with tempfile.TemporaryDirectory() as folder, DelayingProxy() as proxy:
        bench = Bench(
            proxy=proxy,
            clouds_yaml=_behind(proxy, options.clouds_yaml, options.cloud, Path(folder)),
            cloud=options.cloud,
            suite=suite,
            sample=options.sample,
        )
        for extent in options.extent or EXTENTS:
            for delay in options.delay or (0.0, 50.0):
                rounds = options.rounds_with_guest if extent == "everything" else options.rounds
                show(extent, delay / 1000, measured(bench, extent, delay / 1000, rounds))
    print(f"load {os.getloadavg()[0]:.1f}")


def _behind(proxy: DelayingProxy, clouds_yaml: Path, name: str, folder: Path) -> Path:
    """Write a clouds.yaml that reaches the cloud through the proxy."""
    cloud = yaml.safe_load(clouds_yaml.read_text())["clouds"][name]
    cloud["auth"]["auth_url"] = proxy.standing_for(cloud["auth"]["auth_url"])
    path = folder / "clouds.yaml"
    path.touch(mode=0o600)
    path.write_text(yaml.safe_dump({"clouds": {name: cloud}}))
    return path


if __name__ == "__main__":
    main()
