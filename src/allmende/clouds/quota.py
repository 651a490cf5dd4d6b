"""What is free of a project's quota, asked of the services."""

import asyncio
from collections.abc import Mapping
from typing import Any

from allmende.clouds.openstack import OpenStackCloud
from allmende.errors import CloudError

UNLIMITED = -1

# resource: the keys of its limit and of what is used, in «absolute limits» of the service
_COMPUTE = {
    "instances": ("maxTotalInstances", "totalInstancesUsed"),
    "cores": ("maxTotalCores", "totalCoresUsed"),
    "ram_mib": ("maxTotalRAMSize", "totalRAMUsed"),
    "server_groups": ("maxServerGroups", "totalServerGroupsUsed"),
}
_BLOCK_STORAGE = {
    "volumes": ("maxTotalVolumes", "totalVolumesUsed"),
    "gigabytes": ("maxTotalVolumeGigabytes", "totalGigabytesUsed"),
    "snapshots": ("maxTotalSnapshots", "totalSnapshotsUsed"),
    "backups": ("maxTotalBackups", "totalBackupsUsed"),
    "backup_gigabytes": ("maxTotalBackupGigabytes", "totalBackupGigabytesUsed"),
}
_NETWORK = ("network", "subnet", "port", "router", "floatingip", "security_group", "security_group_rule")


async def free_quota(cloud: OpenStackCloud) -> dict[str, int]:
    """Return how many of each resource may still be made, by names such as `compute.instances`.

    What has no limit is left out; nothing is known of a service that does not tell its quota to members.
    """
    parts = await asyncio.gather(
        _absolute(cloud, "compute", _COMPUTE),
        _absolute(cloud, "block-storage", _BLOCK_STORAGE),
        _of_networks(cloud),
    )
    return {name: free for part in parts for name, free in part.items()}


async def _absolute(cloud: OpenStackCloud, service: str, keys: Mapping[str, tuple[str, str]]) -> dict[str, int]:
    try:
        limits: Mapping[str, Any] = (await cloud.request(service, "GET", "/limits")).object()["limits"]["absolute"]
    except (CloudError, KeyError, TypeError):
        return {}
    return {
        f"{service}.{name}": int(limits[most]) - int(limits[used])
        for name, (most, used) in keys.items()
        if limits.get(most, UNLIMITED) != UNLIMITED and used in limits
    }


async def _of_networks(cloud: OpenStackCloud) -> dict[str, int]:
    try:
        path = f"/quotas/{await cloud.project_id()}/details"
        quota: Mapping[str, Any] = (await cloud.request("network", "GET", path)).object()["quota"]
    except (CloudError, KeyError, TypeError):
        return {}
    return {
        f"network.{name}": row["limit"] - row["used"] - row.get("reserved", 0)
        for name in _NETWORK
        if (row := quota.get(name)) and row["limit"] != UNLIMITED
    }
