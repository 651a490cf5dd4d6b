"""Furnish a cloud as an operator would: accounts, flavors, images, the public network, the rules of security groups.

Everything goes through the APIs with the operator's credential. What is there already is left as it is; what belongs to
a user is never touched.
"""

from collections.abc import Callable, Iterable

from allmende.clouds.openstack import OpenStackCloud
from allmende.refcloud.apply.furnish.account import account_exists
from allmende.refcloud.apply.furnish.flavors import flavors_exist, own_flavors, standard_flavors
from allmende.refcloud.apply.furnish.images import image_exists
from allmende.refcloud.apply.furnish.network import default_rules_hold, public_network_exists
from allmende.refcloud.apply.progress import all_of
from allmende.refcloud.model.furniture import Furniture
from allmende.refcloud.model.images import GuestImage
from allmende.standards.load import load_standards


async def furnish(
    cloud: OpenStackCloud, furniture: Furniture, images: Iterable[GuestImage], progress: Callable[[str], None]
) -> None:
    """Bring `cloud`, which the operator's credential opened, into the state that users expect.

    Raises:
        CloudError: a service refused or did not answer.
        ReferenceCloudError: something with the name of ours is there and is not what it should be.
    """
    flavors = [*standard_flavors(load_standards()), *own_flavors()]
    progress(f"furnishing: {len(flavors)} flavors, the user's project, the public network")
    await all_of(
        (
            account_exists(cloud, furniture.account),
            flavors_exist(cloud, flavors),
            _network_is_ready(cloud, furniture),
            *(image_exists(cloud, image, progress) for image in images),
        )
    )


async def _network_is_ready(cloud: OpenStackCloud, furniture: Furniture) -> None:
    """See to one after the other: a neutron that has just started may misjudge its first, simultaneous requests."""
    await default_rules_hold(cloud)
    await public_network_exists(cloud, furniture.public_network)
