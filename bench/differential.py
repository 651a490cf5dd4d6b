"""What the public suite and `allmende check` say about the same cloud, and where they differ.

    python bench/differential.py --suite CHECKOUT --cloud reference [--only PATTERN]... [--all]
    python bench/differential.py --suite CHECKOUT --cloud reference --defects [ID]... [--slow]

`--cloud` is a reference cloud (`allmende cloud list`), or any cloud of the file that `--clouds-yaml` names. Both get
the same testcases: those that ours judges in the newest effective version of the scope, then what only `next` has.
Without `--all` only differences are shown, and how many agree. ABORT of the suite and DNF of ours agree: neither
determined it.

With `--defects` the reference cloud is broken on purpose (`allmende cloud break`), each defect of the catalogue is
shown to both (several at a time where they are only data that do not touch each other), and the cloud is mended.
Prints Markdown. Where the cloud lacks the image that a defect is about, that defect is left out.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from public_suite import PublicSuite

from allmende.checks.catalog import catalogue
from allmende.clouds.openstack import open_cloud
from allmende.config import directories
from allmende.refcloud import run
from allmende.refcloud.model.defects import (
    DefaultRulesChanged,
    Defect,
    FlavorAdded,
    FlavorChanged,
    FlavorDescribed,
    FlavorRemoved,
    ImageAdded,
    ImageChanged,
    VolumeTypeDescribed,
)
from allmende.refcloud.rules.defects import chosen, load_defects, together
from allmende.runner.plan import Plan, Reach, newest_effective, plan
from allmende.standards import find
from allmende.standards.load import load_standards
from allmende.standards.model import Target

ALLMENDE = [sys.executable, "-m", "allmende"]
IN_DATA = (
    DefaultRulesChanged,
    FlavorAdded,
    FlavorChanged,
    FlavorDescribed,
    FlavorRemoved,
    ImageAdded,
    ImageChanged,
    VolumeTypeDescribed,
)
SAME = {"PASS": "PASS", "FAIL": "FAIL", "ABORT": "DNF"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What both say of one testcase; `summary` is ours."""

    testcase: str
    target: str
    suite: str
    ours: str
    summary: str

    @property
    def agree(self) -> bool:
        return SAME.get(self.suite) == self.ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Both:
    """The two, and the cloud that they look at."""

    suite: PublicSuite
    clouds_yaml: Path
    cloud: str

    def judged(self, only: Sequence[str], *, read_only: bool) -> Iterator[Verdict]:
        """Yield what both say of the testcases that match a pattern (of all without one)."""
        done: set[str] = set()
        for planned in _plans(read_only=read_only):
            targets = {step.testcase.id: step.target for step in planned.steps if step.testcase.id not in done}
            wanted = [name for name in targets if not only or any(fnmatchcase(name, pattern) for pattern in only)]
            if wanted:
                words = ("--version", planned.version.name, *(["--read-only"] * read_only))
                yield from self._said({name: targets[name] for name in wanted}, words)
            done |= targets.keys()

    def _said(self, targets: Mapping[str, Target], words: Sequence[str]) -> Iterator[Verdict]:
        ours = self._check(*words, *(word for name in targets for word in ("--only", name)))
        theirs = self.suite.run(self.clouds_yaml, self.cloud, list(targets)).verdicts
        for name, target in targets.items():
            row = ours[name]
            yield Verdict(testcase=name, target=target, suite=theirs[name], ours=row["outcome"], summary=row["summary"])

    def _check(self, *words: str) -> Mapping[str, Any]:
        done = subprocess.run(
            [*ALLMENDE, "check", self.cloud, "--json", *words],
            env={**os.environ, "OS_CLIENT_CONFIG_FILE": str(self.clouds_yaml)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode not in (0, 1, 3):
            raise SystemExit(f"allmende check ended with {done.returncode}:\n{done.stderr[-4000:]}")
        return {row["testcase"]: row for row in json.loads(done.stdout)["results"]}


def _plans(*, read_only: bool) -> tuple[Plan, Plan]:
    standards = load_standards()
    scope = find.scope(standards, "iaas")
    today = datetime.now(UTC).date()  # noqa: TID251 -- a program of its own, on a real cloud
    newest, following = (
        plan(standards, catalogue(standards), scope, version, (), Reach(active=not read_only))
        for version in (newest_effective(scope, today), find.version(scope, "next", today))
    )
    return newest, following


def show(verdicts: Iterable[Verdict], *, everything: bool) -> None:
    agreeing = differing = 0
    for verdict in verdicts:
        agreeing, differing = agreeing + verdict.agree, differing + (not verdict.agree)
        if everything or not verdict.agree:
            mark = " " if verdict.agree else "≠"
            said = f"{verdict.suite:5} {mark} {verdict.ours:4}"
            print(f"{verdict.testcase:32} {verdict.target:11} {said}  {verdict.summary}", flush=True)
    print(f"{agreeing} agree, {differing} differ (suite ≠ ours)")


def show_defects(both: Both, name: str, defects: Sequence[Defect]) -> None:
    """Break, look, mend; print a row for each defect and testcase that it is about."""
    print("| defect | testcase | suite | ours | |\n|---|---|---|---|---|", flush=True)
    agreeing = differing = 0
    for group in _groups(defects):
        ids = [defect.id for defect in group]
        testcases = sorted({testcase for defect in group for testcase in defect.outcomes})
        try:
            _change("break", *ids, "--name", name)
            seen = {verdict.testcase: verdict for verdict in both.judged(testcases, read_only=False)}
        except subprocess.CalledProcessError as error:
            print(f"| {', '.join(ids)} | could not be made: {error.stderr.decode()[-300:]!r} | | | |")
            continue
        finally:
            _change("mend", "--name", name)
        for defect in group:
            found = [seen[testcase] for testcase in defect.outcomes if testcase in seen]
            agreeing += sum(verdict.agree for verdict in found)
            differing += sum(not verdict.agree for verdict in found)
            for said, of in _grouped(found).items():
                print(f"| {defect.id} | {_listed(of)} | {said[0]} | {said[1]} | {'' if said[2] else '≠'} |", flush=True)
    print(f"\n{agreeing} agree, {differing} differ")


def _change(*words: str) -> None:
    subprocess.run([*ALLMENDE, "cloud", *words], check=True, capture_output=True)


def _groups(defects: Iterable[Defect]) -> Iterator[Sequence[Defect]]:
    """Yield the defects that are only in data in few groups, and alone each that may keep others from being seen."""
    defects = tuple(defects)
    data = [defect for defect in defects if all(isinstance(step, IN_DATA) for step in defect.steps)]
    yield from together(data)
    yield from ((defect,) for defect in defects if defect not in data)


def _can_be_made(defect: Defect, images: frozenset[str]) -> bool:
    """Tell whether the cloud has the images that the defect changes; those of other makers may be absent."""
    return all(step.image in images for step in defect.steps if isinstance(step, ImageChanged))


async def _images(both: Both) -> frozenset[str]:
    async with await open_cloud(both.cloud, environ={}, config_files=[both.clouds_yaml]) as cloud:
        return frozenset(str(row["name"]) for row in await cloud.items("image", "/images", "images"))


def _grouped(verdicts: Iterable[Verdict]) -> Mapping[tuple[str, str, bool], list[str]]:
    groups: dict[tuple[str, str, bool], list[str]] = {}
    for verdict in verdicts:
        groups.setdefault((verdict.suite, verdict.ours, verdict.agree), []).append(verdict.testcase)
    return groups


def _listed(testcases: Sequence[str]) -> str:
    return ", ".join(testcases) if len(testcases) <= 3 else f"{testcases[0]} and {len(testcases) - 1} more"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", type=Path, required=True, help="checkout of the public suite")
    parser.add_argument("--suite-environment", type=Path, default=Path(tempfile.gettempdir()) / "public-suite-venv")
    parser.add_argument("--cloud", required=True)
    parser.add_argument("--clouds-yaml", type=Path, help="for a cloud that is no reference cloud of ours")
    parser.add_argument("--only", action="append", default=[], metavar="PATTERN")
    parser.add_argument("--read-only", action="store_true")
    parser.add_argument("--all", action="store_true", help="show also where both agree")
    parser.add_argument("--defects", nargs="*", metavar="ID")
    parser.add_argument("--slow", action="store_true", help="also defects that take minutes, or a guest")
    options = parser.parse_args()
    address = run.address(directories(os.environ, Path.home()), options.cloud)
    both = Both(
        suite=PublicSuite.at(options.suite, options.suite_environment),
        clouds_yaml=options.clouds_yaml or address.clouds_yaml,
        cloud=options.cloud if options.clouds_yaml else address.cloud,
    )
    if options.defects is None:
        show(both.judged(options.only, read_only=options.read_only), everything=options.all)
        return
    known = load_defects()
    wanted = chosen(known, options.defects) if options.defects else known
    images = asyncio.run(_images(both))
    quick = [defect for defect in wanted if options.slow or not (defect.slow or defect.needs_guests)]
    quick = [defect for defect in quick if _can_be_made(defect, images)]
    show_defects(both, options.cloud, quick)


if __name__ == "__main__":
    main()
