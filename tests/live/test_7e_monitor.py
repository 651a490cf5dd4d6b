"""The health monitor on a real cloud: a real guest is started, reached and removed; a fault has its service's name."""

import json
from typing import Any

from live_cloud import LiveCloud
from test_7a_work import ours, things


def monitored(cloud: LiveCloud, *words: str, expected: int = 0) -> list[dict[str, Any]]:
    environ = {"OS_CLIENT_CONFIG_FILE": str(cloud.address.clouds_yaml)}
    said = cloud.command_line.run(
        "monitor", "run", cloud.address.cloud, "--once", "--json", *words, expected=(expected,), environ=environ
    )
    return [json.loads(line) for line in said.splitlines()]


def test_every_step_of_every_scenario_works_and_nothing_is_left(live_cloud: LiveCloud) -> None:
    lines = monitored(live_cloud)
    states = {line["scenario"]: (line["state"], line["left"]) for line in lines if line["type"] == "iteration"}
    assert states == dict.fromkeys(("api", "instance", "secrets", "storage", "loadbalancer", "zones"), ("works", []))
    steps = {line["what"]: line for line in lines if line["type"] == "sample" and line["kind"] == "step"}
    assert steps["reach its SSH from outside"]["ending"] == "ok"
    assert steps["wait for a word on its console"]["said"] == "what its user data say"
    assert steps["detach the volume"]["ending"] == "ok"
    calls = [line for line in lines if line["type"] == "sample" and line["kind"] == "call"]
    told = [call for call in calls if call["service"] in ("compute", "network", "block-storage")]
    assert told
    assert not [call for call in told if call["ending"] == "ok" and not call["request_id"]]  # a cut connection has none
    assert not ours(live_cloud.ask(things))


def test_a_stopped_service_is_blamed_and_no_other(live_cloud: LiveCloud) -> None:
    live_cloud.command_line.run("cloud", "break", "barbican-stopped", "--name", live_cloud.name)
    try:
        lines = monitored(live_cloud, "--scenario", "api", expected=1)
    finally:
        live_cloud.command_line.run("cloud", "mend", "--name", live_cloud.name)
    faults = {
        line["service"]
        for line in lines
        if line["type"] == "sample" and line["kind"] == "step" and line["ending"] not in ("ok", "skipped")
    }
    assert faults == {"key-manager"}
