"""Who uses a cloud, and the clouds.yaml files with which they reach it: one for its user, one for its operator."""

from collections.abc import Mapping

import yaml

from allmende.refcloud.apply.record import write_private
from allmende.refcloud.model.cloud import REGION, CloudAddress, Given
from allmende.refcloud.model.furniture import Account, Furniture, PublicNetwork

_OPERATOR = "operator"
_MEMBER = "member"
_DOMAIN = "commons"
_PROJECT = "village"


def furniture_of(given: Given) -> Furniture:
    """Return what the cloud is furnished with beyond what every cloud gets: its user and its public network."""
    password = given.secrets["member"]
    account = Account(domain=_DOMAIN, project=_PROJECT, user=_MEMBER, password=password)
    network = given.identity.external_network
    return Furniture(account=account, public_network=PublicNetwork(addresses=network, gateway=network[1]))


def address_of(given: Given) -> CloudAddress:
    """Return how to reach the cloud."""
    identity, places = given.identity, given.places
    return CloudAddress(
        name=identity.name,
        profile=identity.profile,
        auth_url=f"http://127.0.0.1:{given.ports['keystone']}/v3",
        region=REGION,
        clouds_yaml=places.clouds_yaml,
        cloud=f"allmende-{identity.name}",
        operator_yaml=places.operator_yaml,
        operator=f"allmende-{identity.name}-admin",
        external_network=identity.external_network,
    )


def write_operator(given: Given) -> None:
    """Write the operator's file, mode 0600."""
    address = address_of(given)
    who = {"username": _OPERATOR, "project_name": _OPERATOR, "password": given.secrets["operator"]}
    domains = {"user_domain_id": "default", "project_domain_id": "default"}
    write_private(address.operator_yaml, _clouds_yaml(address.operator, address, {**who, **domains}))


def write_member(given: Given) -> None:
    """Write the user's file, mode 0600."""
    address = address_of(given)
    who = {"username": _MEMBER, "project_name": _PROJECT, "password": given.secrets["member"]}
    domains = {"user_domain_name": _DOMAIN, "project_domain_name": _DOMAIN}
    write_private(address.clouds_yaml, _clouds_yaml(address.cloud, address, {**who, **domains}))


def _clouds_yaml(cloud: str, address: CloudAddress, who: Mapping[str, str]) -> str:
    entry = {
        "auth": {"auth_url": address.auth_url, **who},
        "region_name": address.region,
        "identity_api_version": 3,
        "interface": "public",
    }
    return yaml.safe_dump({"clouds": {cloud: entry}}, sort_keys=False)
