"""What is free of the project's quota, asked of the services before anything is created."""

from allmende.clouds.quota import free_quota
from allmende.collect.collector import collector
from allmende.collect.visit import Visit
from allmende.facts.openstack import Headroom


@collector()
async def headroom(visit: Visit) -> Headroom:
    """Three requests; nothing is known of a service that does not tell its quota to members."""
    return Headroom(free=await free_quota(visit.cloud))
