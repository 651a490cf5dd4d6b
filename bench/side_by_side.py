"""The public monitor and our registry, run side by side: each side's own tool submits to both, and both say the same.

    python bench/side_by_side.py --public-monitor CHECKOUT

CHECKOUT is the repository SovereignCloudStack/standards. Both registries are real servers; the public one is unchanged
and has a PostgreSQL server of its own (Debian's package postgresql). First the suite's `scs-test-runner.py`, unchanged,
checks (with a specification whose program prints known verdicts), signs and uploads to each. Then `allmende report
submit` sends reports of every outcome to each. At the end `/status` of both is compared, field by field.

What decides is compared: the main testcases, their results, and all that follows from them. The public suite has its
recommended and preview testcases in modules that no version includes, and knows none of those that are ours alone.
"""

import argparse
import base64
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from postgresql_server import postgresql_server
from public_monitor import PublicMonitor
from served import served

from allmende.outcome import Outcome
from allmende.registry.model.record import Subject
from allmende.registry.rules.attestations import manual
from allmende.report.formats import Form, write
from allmende.standards.load import load_standards
from allmende.standards.model import Standards, Target
from allmende.testing.registry import Operator, made_report, registered, registry_in

RUNNER_SUBJECT = "runner"
FIELDS = ("name", "result", "passed", "passed_str", "best_passed", "validity", "relevant")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--public-monitor", type=Path, required=True, metavar="CHECKOUT")
    parser.add_argument("--environment", type=Path, default=Path(tempfile.gettempdir()) / "public-monitor-venv")
    options = parser.parse_args()
    now = datetime.now(UTC)  # noqa: TID251 -- two served registries have a real clock
    monitor = PublicMonitor.at(options.public_monitor.absolute(), options.environment)
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        registry = registry_in(home)
        standards = registry.standards
        reported = cases(standards)
        subjects = [RUNNER_SUBJECT, *reported]
        operator = registered(registry, "operator", *(Subject(id=s, name=s) for s in subjects), now=now)
        registry.database.close()
        environ = {**os.environ, "ALLMENDE_DATABASE": f"sqlite:///{home}/record.sqlite"}
        server = stack.enter_context(postgresql_server())
        theirs = stack.enter_context(monitor.served(server, operator, subjects))
        ours = stack.enter_context(served("-m", "allmende", "serve", "--port", "0", environ=environ))

        key = home / "key"
        key.write_bytes(operator.key.openssh())
        key.chmod(0o600)
        for name, address in (("public monitor", theirs), ("allmende", ours)):
            said = run_their_tool(monitor, home, operator, key, standards, address)
            print(f"scs-test-runner.py → {name:15} {said}")
            for subject, versions in reported.items():
                said = run_our_tool(home, operator, key, address, standards, subject, versions, now)
            print(f"allmende report submit → {name:11} {len(reported)} reports; the last: {said}")
        differences = list(compared(status(theirs), status(ours)))
    for line in differences:
        print(f"differs: {line}")
    print(f"/status of both: {len(subjects)} subjects, {len(differences)} differences")
    raise SystemExit(1 if differences else 0)


def cases(standards: Standards) -> Mapping[str, tuple[Mapping[str, Outcome], timedelta]]:
    """Return what is reported of each subject: odd outcomes, and how long ago."""
    scope = standards.scope("iaas")
    main = scope.version("v5.1").testcases(Target.MAIN)
    draft = [
        id_ for id_ in scope.version("next").testcases(Target.MAIN) if id_ not in scope.version("v5.1").testcases()
    ]
    recent = timedelta(minutes=5)
    return {
        "passes": ({}, recent),
        "fails": ({main[0]: Outcome.FAIL, main[-1]: Outcome.DNF}, recent),
        "undetermined": ({main[1]: Outcome.DNF}, recent),
        "incomplete": ({main[2]: Outcome.MISS, main[3]: Outcome.DNF}, recent),
        "only-the-draft-fails": (dict.fromkeys(draft, Outcome.FAIL), recent),
        "expired": ({}, timedelta(days=200)),  # longer than a quarter, which is how long manual testcases count here
        "passes-nothing": (dict.fromkeys(main, Outcome.FAIL), recent),
    }


def run_their_tool(
    monitor: PublicMonitor, home: Path, operator: Operator, key: Path, standards: Standards, address: str
) -> str:
    """Let the suite's runner check, sign and upload; return what the registry answered."""
    scope = standards.scope("iaas")
    testcases = scope.version("v5.1").testcases()
    program = home / "judge.py"
    program.write_text(f"for testcase in {testcases!r}:\n    print(f'{{testcase}}: PASS')\n")
    specification = {
        "name": scope.name,
        "uuid": scope.uuid,
        "url": "https://example.org/",
        "scripts": [{"executable": "./judge.py", "testcases": [{"id": id_} for id_ in testcases]}],
        "modules": [{"id": "all", "name": "all", "url": "", "targets": {"main": list(testcases)}}],
        "versions": [{"version": "v5.1", "stabilized_at": "2024-12-19", "include": ["all"]}],
        "timeline": [{"date": datetime(2024, 12, 19, tzinfo=UTC).date(), "versions": {"v5.1": "effective"}}],
    }
    (home / "spec.yaml").write_text(yaml.safe_dump(specification))
    (home / "token").write_text(base64.b64encode(":".join(operator.credentials).encode()).decode())
    (home / "config.toml").write_text(
        f'[secrets]\nkeyfile = "{key}"\ntokenfile = "token"\n[scopes.iaas]\nspec = "spec.yaml"\n'
    )
    words = ["-c", str(home / "config.toml"), "run", "--scope", "iaas", "--subject", RUNNER_SUBJECT]
    done = subprocess.run(
        [*monitor.tool("scs-test-runner.py"), *words, "--monitor-url", address],
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode or "curl: (" in done.stderr:
        raise SystemExit(f"The suite's runner failed at {address}:\n{done.stdout[-1000:]}\n{done.stderr[-3000:]}")
    return done.stdout.splitlines()[-1][:70]


def run_our_tool(
    home: Path,
    operator: Operator,
    key: Path,
    address: str,
    standards: Standards,
    subject: str,
    case: tuple[Mapping[str, Outcome], timedelta],
    now: datetime,
) -> str:
    """Submit a report of ours, in our own form; return what the command said."""
    odd, age = case
    file = home / f"{subject}.json"
    if not file.exists():
        file.write_bytes(write(Form.OWN, [made_report(standards, subject, now - age, odd)]))
    words = ["submit", str(file), "--registry", address, "--account", operator.account, "--key", str(key)]
    done = subprocess.run(
        [sys.executable, "-m", "allmende", "report", *words],
        env={**os.environ, "ALLMENDE_REGISTRY_TOKEN": operator.token},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"allmende report submit failed at {address}:\n{done.stderr[-3000:]}")
    return done.stdout.strip().partition(" ")[2]


def status(address: str) -> Mapping[str, Any]:
    request = urllib.request.Request(f"{address}/status", headers={"Accept": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        found: Mapping[str, Any] = json.load(answer)
        return found


def compared(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> Iterator[str]:
    """Yield where the two say different things of a subject."""
    known = {testcase for of in theirs.values() for scope in of.values() for testcase in scope["testcases"]}
    counting = {s for s, of in ours.items() if any(known & scope["results"].keys() for scope in of.values())}
    if theirs.keys() != counting:
        yield f"subjects: {sorted(theirs)} there, {sorted(counting)} here"
    for subject in theirs.keys() & ours.keys():
        if theirs[subject].keys() != ours[subject].keys():
            yield f"{subject}: scopes {sorted(theirs[subject])} there, {sorted(ours[subject])} here"
        for scope in theirs[subject].keys() & ours[subject].keys():
            for line in _compared_scopes(theirs[subject][scope], ours[subject][scope]):
                yield f"{subject}: {line}"


def _compared_scopes(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> Iterator[str]:
    for field in FIELDS:
        if theirs[field] != ours[field]:
            yield f"{field}: {theirs[field]!r} there, {ours[field]!r} here"
    for testcase in sorted(
        theirs["testcases"].keys() - manual(load_standards())
    ):  # what is stated counts there at once
        there, here = (scope["results"].get(testcase, {}).get("result") for scope in (theirs, ours))
        if there != here:
            yield f"{testcase}: {there!r} there, {here!r} here"
    deciding = {testcase for testcases in theirs["buckets"].values() for testcase in testcases}
    yield from _sets("bucket", theirs["buckets"], {n: deciding & set(of) for n, of in ours["buckets"].items()})
    if theirs["versions"].keys() != ours["versions"].keys():
        yield f"versions: {list(theirs['versions'])} there, {list(ours['versions'])} here"
    for name in theirs["versions"].keys() & ours["versions"].keys():
        there, here = theirs["versions"][name], ours["versions"][name]
        for field in ("_idx", "result", "validity"):
            if there[field] != here[field]:
                yield f"{name}: {field}: {there[field]!r} there, {here[field]!r} here"
        main = [{"main": version["targets"]["main"]["testcases"]} for version in (there, here)]
        yield from (f"{name}: {line}" for line in _sets("target", *main))


def _sets(kind: str, theirs: Mapping[str, Collection[str]], ours: Mapping[str, Collection[str]]) -> Iterator[str]:
    for name in sorted(theirs.keys() | ours.keys()):
        there, here = set(theirs.get(name, ())), set(ours.get(name, ()))
        if there != here:
            yield f"{kind} {name}: only there {sorted(there - here)}, only here {sorted(here - there)}"


if __name__ == "__main__":
    main()
