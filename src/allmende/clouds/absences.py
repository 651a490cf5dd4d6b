"""What a cloud's catalog or configuration does not have, said with the next step."""

from collections.abc import Sequence

from allmende.errors import CloudNotFoundError, SettingsError


def region_not_chosen(cloud: str, regions: Sequence[str]) -> SettingsError:
    """Say that a cloud has several regions and none is configured."""
    return SettingsError(f"`{cloud}` has several regions, and none was chosen.", hint=_region_hint(regions))


def region_unknown(cloud: str, region: str, regions: Sequence[str]) -> SettingsError:
    """Say that the configured region is none of the cloud's."""
    return SettingsError(f"`{cloud}` has no region `{region}`.", hint=_region_hint(regions))


def service_elsewhere(cloud: str, service_type: str, region: str | None, regions: Sequence[str]) -> CloudNotFoundError:
    """Say that a service has an endpoint in other regions only."""
    return CloudNotFoundError(
        f"`{cloud}` has no endpoint for `{service_type}` in the region `{region}`.",
        hint=f"The catalog lists it in {', '.join(regions)}: set `region_name:` in clouds.yaml.",
    )


def service_absent(cloud: str, service_type: str, known: Sequence[str]) -> CloudNotFoundError:
    """Say that the catalog lists no service of a type; `known` are the types that it lists."""
    return CloudNotFoundError(
        f"The catalog of `{cloud}` lists no service `{service_type}`.",
        hint=f"It lists {', '.join(known) or 'none at all'}. Ask the cloud's administrator for this service.",
    )


def endpoint_not_named(cloud: str, service_type: str) -> CloudNotFoundError:
    """Say that without a catalog the configuration must name the endpoint of a service, and does not."""
    return CloudNotFoundError(
        f"`{cloud}` is configured without a catalog and names no endpoint of `{service_type}`.",
        hint=f"Set `{service_type.replace('-', '_')}_endpoint_override:` in clouds.yaml.",
    )


def _region_hint(regions: Sequence[str]) -> str:
    return f"Set `region_name:` in clouds.yaml, or OS_REGION_NAME, to one of {', '.join(regions)}."
