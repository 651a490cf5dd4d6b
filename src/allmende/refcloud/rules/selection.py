"""What of a blueprint belongs to a profile, and which names of ports and secrets that needs."""

from allmende.errors import DocumentError
from allmende.refcloud.model.blueprint import Blueprint, Command, SecretKind, Service, Unit
from allmende.refcloud.model.cloud import Profile


def services_of(blueprint: Blueprint, profile: Profile) -> tuple[Service, ...]:
    """Return the services of a profile, in the order of their names."""
    return tuple(service for service in blueprint.services if profile in service.profiles)


def units_of(service: Service, profile: Profile) -> tuple[Unit, ...]:
    """Return the units of a service in a profile."""
    return tuple(unit for unit in service.units if profile in unit.profiles)


def commands_of(service: Service, profile: Profile) -> tuple[Command, ...]:
    """Return the commands of a service in a profile."""
    return tuple(command for command in service.commands if profile in command.profiles)


def port_names(blueprint: Blueprint, profile: Profile) -> tuple[str, ...]:
    """Return the names of all ports of a profile; raise DocumentError when two services claim the same."""
    names = [name for service in services_of(blueprint, profile) for name in service.ports]
    for name in names:
        if names.count(name) > 1:
            raise DocumentError(f"Two services of the blueprint claim the port {name}.")
    return tuple(names)


def secret_kinds(blueprint: Blueprint, profile: Profile) -> dict[str, SecretKind]:
    """Return every secret of a profile: declared ones, and passwords of database users and service users."""
    kinds: dict[str, SecretKind] = {}
    for service in services_of(blueprint, profile):
        kinds |= service.secrets
        if service.databases:
            kinds[f"database-{service.name}"] = SecretKind.TOKEN
        if service.user is not None:
            kinds[f"user-{service.user}"] = SecretKind.TOKEN
    return kinds
