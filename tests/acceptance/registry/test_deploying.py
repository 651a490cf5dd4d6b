"""The files with which registry and monitor are deployed say what the program understands."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]  # it has no types
import pytest
import yaml
from typer.main import get_command

from allmende import __version__
from allmende.cli.serve import app

REPOSITORY = Path(__file__).parents[3]
UNIT = REPOSITORY / "deploy/systemd/allmende-registry.service"
MONITOR_UNIT = REPOSITORY / "deploy/systemd/allmende-monitor.service"
MONITOR_MANIFEST = REPOSITORY / "deploy/kubernetes/allmende-monitor.yaml"
CHART = REPOSITORY / "deploy/helm/allmende-registry"
SHARED = ("database.existingSecret=database", "logKey.existingSecret=log-key")
WHOLE = (
    *SHARED,
    "replicas=3",
    "settings.existingSecret=settings",
    "origin=https://registry.example.org",
    "ingress.enabled=true",
    "ingress.tlsSecret=tls",
    f"image.digest=sha256:{64 * '0'}",
)


def test_the_unit_starts_the_registry_with_options_that_it_has() -> None:
    (line,) = re.findall(r"^ExecStart=(.*)$", UNIT.read_text(), re.MULTILINE)
    program, command, *words = shlex.split(line)
    assert (Path(program).name, command) == ("allmende", "serve")
    context = get_command(app).make_context("serve", words)
    assert context.params["host"] == "127.0.0.1", "what others reach is the proxy with TLS"


def test_the_record_is_in_the_state_directory_of_the_unit() -> None:
    unit = UNIT.read_text()
    assert "StateDirectory=allmende\n" in unit
    assert "Environment=XDG_STATE_HOME=%S\n" in unit


def test_the_monitor_is_started_with_a_file_and_keeps_its_state_apart_from_the_registry() -> None:
    unit = MONITOR_UNIT.read_text()
    (line,) = re.findall(r"^ExecStart=(.*)$", unit, re.MULTILINE)
    assert shlex.split(line)[1:] == ["monitor", "agent", "%d/monitor.yaml"]
    assert "StateDirectory=allmende-monitor\n" in unit


def test_kubernetes_takes_the_monitor_and_starts_it_with_what_it_understands() -> None:
    documents = list(yaml.safe_load_all(MONITOR_MANIFEST.read_text()))
    for document in documents:
        kubernetes_validate.validate(document, "1.37", strict=True)
    only = container(documents[-1])
    assert only["args"][:2] == ["monitor", "agent"]
    assert only["image"].endswith(f":{__version__}")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed here")
@pytest.mark.parametrize("unit", [UNIT, MONITOR_UNIT], ids=["registry", "monitor"])
def test_systemd_understands_the_unit(tmp_path: Path, unit: Path) -> None:
    copy = tmp_path / unit.name
    copy.write_text(unit.read_text().replace("/opt/allmende/bin/allmende", "/bin/true"))
    done = subprocess.run(["systemd-analyze", "verify", copy], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr


def helm(*words: str) -> "subprocess.CompletedProcess[str]":
    program = Path(sys.executable).with_name("helm")
    return subprocess.run([program, *words], capture_output=True, text=True, check=False, timeout=60)


def rendered(*values: str) -> dict[str, Any]:
    """Return what the chart makes, by kind."""
    settings = [word for value in values for word in ("--set", value)]
    done = helm("template", "registry", str(CHART), *settings)
    assert done.returncode == 0, done.stderr
    return {document["kind"]: document for document in yaml.safe_load_all(done.stdout)}


@pytest.mark.parametrize("values", [(), SHARED, WHOLE], ids=["sqlite", "postgresql", "everything"])
def test_kubernetes_takes_what_the_chart_makes(values: tuple[str, ...]) -> None:
    settings = [word for value in values for word in ("--set", value)]
    linted = helm("lint", "--strict", str(CHART), *settings)
    assert linted.returncode == 0, linted.stdout + linted.stderr
    for document in rendered(*values).values():
        kubernetes_validate.validate(document, "1.37", strict=True)


def container(deployment: Any) -> Any:
    (only,) = deployment["spec"]["template"]["spec"]["containers"]
    return only


def test_without_a_database_there_is_one_pod_with_a_volume_that_stays() -> None:
    made = rendered("replicas=5")
    deployment, claim = made["Deployment"], made["PersistentVolumeClaim"]
    assert (deployment["spec"]["replicas"], deployment["spec"]["strategy"]["type"]) == (1, "Recreate")
    assert claim["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"
    volumes = deployment["spec"]["template"]["spec"]["volumes"]
    assert claim["metadata"]["name"] in [each.get("persistentVolumeClaim", {}).get("claimName") for each in volumes]


def test_with_a_database_pods_share_it_and_the_key_of_the_log() -> None:
    made = rendered(*WHOLE)
    assert made["Deployment"]["spec"]["replicas"] == 3
    assert "PersistentVolumeClaim" not in made
    assert made["PodDisruptionBudget"]["spec"]["maxUnavailable"] == 1
    environment = {each["name"]: each for each in container(made["Deployment"])["env"]}
    assert environment["ALLMENDE_DATABASE"]["valueFrom"]["secretKeyRef"] == {"name": "database", "key": "url"}
    assert environment["ALLMENDE_LOG_KEY"]["value"] == "/keys/log-key"
    refused = helm("template", "registry", str(CHART), "--set", SHARED[0])
    assert "logKey.existingSecret" in refused.stderr


def test_the_container_starts_the_registry_with_what_it_understands() -> None:
    only = container(rendered(*WHOLE)["Deployment"])
    command, *words = only["args"]
    assert command == "serve"
    context = get_command(app).make_context("serve", words)
    assert (context.params["host"], context.params["port"]) == ("0.0.0.0", 8080)  # noqa: S104 -- in a pod of its own
    understood = {name for option in get_command(app).params for name in [option.envvar] if name}
    given = {each["name"] for each in only["env"]} - {"XDG_STATE_HOME", "FORWARDED_ALLOW_IPS"}
    assert given <= understood


def test_a_value_that_is_mistyped_is_told_of() -> None:
    done = helm("lint", str(CHART), "--set", "replica=3")
    assert done.returncode != 0
    assert "replica" in done.stdout + done.stderr


def test_the_chart_is_of_this_release() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert chart["appVersion"] == __version__
