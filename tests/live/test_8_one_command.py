"""`allmende up` on a cloud that runs already: checked, signed, published, and shown on a page."""

import json
import re

import httpx
import psutil
from live_cloud import LiveCloud


def test_up_ends_with_a_page_of_the_checked_cloud(live_cloud: LiveCloud) -> None:
    said = live_cloud.command_line.run("up", "--name", live_cloud.name)
    page = re.search(r"^Page\s+(\S+)$", said, re.MULTILINE)
    assert page, said
    assert f"OS_CLIENT_CONFIG_FILE={live_cloud.address.clouds_yaml}" in said
    assert re.search(r"^Stop .*allmende down", said, re.MULTILINE)
    shown = httpx.get(page[1], headers={"Accept": "text/html"})
    assert shown.status_code == 200
    record = httpx.get(page[1].replace("/subjects/", "/api/subjects/")).json()
    versions = record["scores"][0]["versions"]
    effective = next(version for version in versions if version["validity"] == "effective")
    passed = sum(counts.get("PASS", 0) for counts in effective["counts"].values())
    assert passed > 50, effective["counts"]


def test_up_again_changes_nothing_but_the_time_of_the_check(live_cloud: LiveCloud) -> None:
    supervisor = live_cloud.supervisor
    live_cloud.command_line.run("up", "--name", live_cloud.name)
    assert live_cloud.supervisor == supervisor


def test_secrets_are_neither_in_arguments_nor_in_logs_nor_readable_by_others(live_cloud: LiveCloud) -> None:
    kept = json.loads((live_cloud.folder / "secrets.json").read_text())
    secrets = [value for value in kept.values() if isinstance(value, str) and len(value) >= 16]
    assert len(secrets) >= 5
    arguments = " ".join(" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"]))
    logs = [path for path in (live_cloud.folder / "log").rglob("*") if path.is_file()]
    assert logs
    for secret in secrets:
        assert secret not in arguments
        assert not [path.name for path in logs if secret.encode() in path.read_bytes()]
    assert live_cloud.folder.stat().st_mode & 0o077 == 0
    for name in ("secrets.json", "clouds.yaml", "operator-clouds.yaml"):
        assert (live_cloud.folder / name).stat().st_mode & 0o777 == 0o600
