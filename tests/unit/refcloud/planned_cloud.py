"""A cloud to plan for: everything that it would be given."""

from pathlib import Path

from allmende.refcloud.model.blueprint import Blueprint
from allmende.refcloud.model.cloud import Given, HostAbilities, Identity, Places, Profile
from allmende.refcloud.rules.selection import port_names, secret_kinds


def given(blueprint: Blueprint, profile: Profile = Profile.CORE, *, virt_type: str = "qemu") -> Given:
    return Given(
        identity=Identity(name="reference", number=7, profile=profile),
        ports={name: 20000 + number for number, name in enumerate(port_names(blueprint, profile))},
        secrets={name: f"secret-of-{name}" for name in secret_kinds(blueprint, profile)},
        places=Places(root=Path("/state/clouds/reference"), venv=Path("/cache/openstack")),
        abilities=HostAbilities(virt_type=virt_type, cpu_mode="none"),
    )
