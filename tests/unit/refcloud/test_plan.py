"""The plan of the shipped blueprint, and what happens to blueprints that are changed."""

import configparser
from collections.abc import Mapping
from graphlib import TopologicalSorter
from importlib.resources import files
from typing import Any

import pytest
import yaml

from allmende.errors import DocumentError
from allmende.refcloud.apply.blueprint import load_blueprint
from allmende.refcloud.model.blueprint import Blueprint, Phase, ReportReady
from allmende.refcloud.model.cloud import Profile
from allmende.refcloud.model.plan import Plan, RunCommand, StartUnit
from allmende.refcloud.rules.parse import parse_blueprint
from allmende.refcloud.rules.plan import plan

from .planned_cloud import given

SUPERVISOR = ("python", "-m", "supervisord")


@pytest.fixture(scope="module")
def blueprint() -> Blueprint:
    return load_blueprint()


def planned(blueprint: Blueprint, profile: Profile = Profile.CORE) -> Plan:
    return plan(blueprint, given(blueprint, profile), supervisor=SUPERVISOR, lock_digest="lock")


def documents() -> dict[str, Any]:
    folder = files("allmende.refcloud") / "data" / "blueprint"
    return {f.name.removesuffix(".yaml"): yaml.safe_load(f.read_text("utf-8")) for f in folder.iterdir()}


def changed(name: str, change: Mapping[str, Any]) -> Blueprint:
    return parse_blueprint(documents() | {name: {**documents().get(name, {}), **change}})


def text_of(a_plan: Plan, path: str) -> str:
    return next(file.text for file in a_plan.files if str(file.path).endswith(path))


def ini_of(a_plan: Plan, path: str) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=True)
    parser.read_string(text_of(a_plan, path))
    return parser


@pytest.mark.parametrize("profile", Profile)
def test_every_step_can_be_reached(blueprint: Blueprint, profile: Profile) -> None:
    steps = {step.name: step.after for step in planned(blueprint, profile).steps}
    order = list(TopologicalSorter(steps).static_order())
    assert order.index("mariadb") < order.index("schemas") < order.index("keystone-api") < order.index("catalog")
    assert order.index("catalog") < order.index("nova-compute")


@pytest.mark.parametrize("profile", Profile)
def test_every_unit_is_started_and_says_when_it_is_ready(blueprint: Blueprint, profile: Profile) -> None:
    a_plan = planned(blueprint, profile)
    started = {step.name: step.action for step in a_plan.steps if isinstance(step.action, StartUnit)}
    assert set(started) == {unit.name for unit in a_plan.units}
    silent = {name for name, start in started.items() if start.ready is None}
    assert silent == {"neutron-periodic-workers", "neutron-ovn-maintenance"}, "they answer nobody"


@pytest.mark.parametrize("profile", Profile)
def test_nova_compute_is_ready_when_it_hears_what_is_asked_of_it(blueprint: Blueprint, profile: Profile) -> None:
    """For two minutes after a crash nova reports the state of before it, and a guest asked for then is never made."""
    (start,) = (step.action for step in planned(blueprint, profile).steps if step.name == "nova-compute")
    assert isinstance(start, StartUnit)
    assert isinstance(start.ready, ReportReady)
    assert start.ready.consumes == "compute.reference-host"


def test_only_the_profile_with_guests_has_a_hypervisor(blueprint: Blueprint) -> None:
    core, api = ({unit.name for unit in planned(blueprint, profile).units} for profile in (Profile.CORE, Profile.API))
    assert core - api == {"libvirtd", "neutron-metadata-agent"}
    assert ini_of(planned(blueprint, Profile.API), "nova.conf")["DEFAULT"]["compute_driver"].startswith("fake.")


def test_apis_listen_on_loopback_and_each_on_its_own_port(blueprint: Blueprint) -> None:
    a_plan = planned(blueprint)
    bound = [
        line.split('"')[1]
        for file in a_plan.files
        if file.path.parent.name == "gunicorn"
        for line in file.text.splitlines()
        if line.startswith("bind")
    ]
    assert len(bound) == 9
    assert len(set(bound)) == len(bound)
    assert all(address.startswith("127.0.0.1:") for address in bound)


def test_no_secret_is_in_an_argv_or_an_environment(blueprint: Blueprint) -> None:
    a_plan = planned(blueprint)
    shown = repr([(unit.argv, unit.environment) for unit in a_plan.units])
    shown += repr([(s.action.argv, s.action.environment) for s in a_plan.steps if isinstance(s.action, RunCommand)])
    shown += text_of(a_plan, "/supervisord.conf") + text_of(a_plan, "/enter") + repr(a_plan.catalogue)
    assert "secret-of-" not in shown


def test_a_blueprint_that_shows_a_secret_is_refused() -> None:
    unit = {"name": "leak", "argv": ["/bin/leak", "--password={secret.member}"]}
    with pytest.raises(DocumentError, match="secret member into the command line of leak"):
        planned(changed("leaky", {"name": "leaky", "title": "Leaky", "units": [unit]}))


def test_every_placeholder_is_filled_in(blueprint: Blueprint) -> None:
    for file in planned(blueprint).files:
        for start in ("{port.", "{secret.", "{path.", "{cloud.", "{host.", "{profile.", "{self}"):
            assert start not in file.text, file.path


def test_braces_of_others_are_left_alone(blueprint: Blueprint) -> None:
    cell = next(step.action for step in planned(blueprint).steps if step.name == "nova-cell0")
    assert isinstance(cell, RunCommand)
    assert "{scheme}://{username}:{password}@{hostname}/nova_cell0?{query}" in cell.argv


def test_a_service_acts_with_its_own_password(blueprint: Blueprint) -> None:
    nova = ini_of(planned(blueprint), "nova.conf")
    assert nova["keystone_authtoken"]["password"] == "secret-of-user-nova"
    assert nova["placement"]["username"] == "nova"
    assert "nova:secret-of-database-nova@localhost/nova?" in nova["database"]["connection"]
    assert "allmende:secret-of-rabbitmq@127.0.0.1:" in nova["DEFAULT"]["transport_url"]


def test_a_database_user_sees_only_its_own_databases(blueprint: Blueprint) -> None:
    sql = text_of(planned(blueprint), "init.sql").splitlines()
    grants = {line for line in sql if line.startswith("GRANT") and "'cinder'@" in line}
    assert grants == {"GRANT ALL ON `cinder`.* TO 'cinder'@'localhost';"}
    assert not any("*.*" in line for line in sql)


def test_a_service_is_added_as_data_alone() -> None:
    dns = {
        "name": "designate",
        "title": "Names",
        "ports": ["designate"],
        "databases": ["designate"],
        "user": "designate",
        "roles": ["zone-keeper"],
        "endpoints": [{"type": "dns", "port": "designate", "path": "/v2"}],
        "files": [{"path": "home/.designate/designate.conf", "fragments": ["messaging", "tokens"]}],
        "commands": [{"name": "designate-schema", "phase": "schema", "argv": ["{path.venv}/bin/designate-manage"]}],
        "units": [
            {
                "name": "designate-api",
                "wsgi": "designate.wsgi.api:application",
                "port": "designate",
                "after": ["schemas"],
                "ready": {"http": "designate"},
            }
        ],
    }
    a_plan = planned(changed("designate", dns))
    endpoint = next(endpoint for endpoint in a_plan.catalogue.endpoints if endpoint.type == "dns")
    assert endpoint.url == f"http://127.0.0.1:{a_plan.ports['designate']}/v2"
    assert "zone-keeper" in a_plan.catalogue.roles
    assert "designate-schema" in next(step.after for step in a_plan.steps if step.name == "schemas")
    assert "CREATE DATABASE IF NOT EXISTS `designate`" in text_of(a_plan, "init.sql")
    assert a_plan.template_key != planned(parse_blueprint(documents())).template_key


def test_the_template_does_not_depend_on_the_cloud(blueprint: Blueprint) -> None:
    one = planned(blueprint)
    other = plan(
        blueprint,
        given(blueprint, virt_type="kvm"),
        supervisor=SUPERVISOR,
        lock_digest="lock",
    )
    assert one.template_key == other.template_key
    assert one.digest != other.digest
    schema = [s.action for s in one.steps if isinstance(s.action, RunCommand) and s.action.phase is Phase.SCHEMA]
    assert len(schema) == 12


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"units": [{"name": "a", "argv": ["a"], "after": ["nothing"]}]}, "a waits for nothing"),
        (
            {
                "units": [
                    {"name": "a", "argv": ["a"], "after": ["b"]},
                    {"name": "b", "argv": ["b"], "after": ["a"]},
                ]
            },
            "wait for each other",
        ),
        ({"units": [{"name": "mariadb", "argv": ["a"]}]}, "Two steps of the blueprint are called mariadb"),
        ({"units": [{"name": "a", "argv": ["{port.nowhere}"]}]}, "{port.nowhere}, which does not exist"),
        ({"units": [{"name": "a", "argv": ["a"], "port": "nowhere"}]}, "listens on the port nowhere"),
        ({"files": [{"path": "a", "fragments": ["nothing"]}]}, "the fragment nothing, which does not exist"),
        ({"units": [{"name": "a", "argv": ["a"], "colour": "red"}]}, r"extra.yaml → units → 0 → colour: Extra"),
        ({"ports": ["keystone"]}, "Two services of the blueprint claim the port keystone"),
    ],
)
def test_mistakes_in_a_blueprint_are_named(change: Mapping[str, Any], complaint: str) -> None:
    with pytest.raises(DocumentError) as error:
        planned(changed("extra", {"name": "extra", "title": "Extra", **change}))
    assert complaint in str(error.value)


def test_the_entry_script_hides_a_device_that_does_not_work(blueprint: Blueprint) -> None:
    emulated = text_of(planned(blueprint), "/enter")
    real = text_of(plan(blueprint, given(blueprint, virt_type="kvm"), supervisor=SUPERVISOR, lock_digest=""), "/enter")
    assert "mount -o remount,bind,ro /dev/kvm" in emulated
    assert "/dev/kvm" not in real
    assert emulated.splitlines()[-1].startswith("exec python -m supervisord -c /state/clouds/reference/etc/")
    assert "mount -t tmpfs -o mode=0755 tmpfs /run" in emulated


def test_the_supervisor_starts_nothing_by_itself_and_rotates_logs(blueprint: Blueprint) -> None:
    config = ini_of(planned(blueprint), "/supervisord.conf")
    programs = [section for section in config.sections() if section.startswith("program:")]
    assert len(programs) == len(planned(blueprint).units)
    assert {config[program]["autostart"] for program in programs} == {"false"}
    assert {config[program]["stdout_logfile_backups"] for program in programs} == {"2"}
    assert config["unix_http_server"]["chmod"] == "0600"
    assert int(config["group:foundation"]["priority"]) < int(config["group:service"]["priority"]), "stopped last"
