"""What to do when an alarm comes, by what it is about: what to look at, in the order in which it usually helps."""

from collections.abc import Mapping

from allmende.health.model.alarm import Cause, Trouble

ADDRESS = "/alarms"
"""The page of all runbooks; each has an anchor of its name."""

_ANY = "service"

RUNBOOKS: Mapping[str, tuple[str, ...]] = {
    "identity": (
        (
            "Ask for a token by hand: `openstack token issue --debug`. No connection points to the load balancer or "
            "TLS, a status of 500 to Keystone's log."
        ),
        "Look whether Keystone reaches its database and memcached; both make every service slow or fail.",
        "When only some users fail, look at the identity provider that they come from.",
    ),
    "compute": (
        "`openstack compute service list` and `openstack hypervisor list`: which are down, since when?",
        (
            "«No valid host was found»: compare the free resources (`openstack resource provider list`, placement) "
            "with the flavor that is named; look whether nova-compute reports to placement."
        ),
        (
            "A guest that stays in BUILD: follow its request id through the logs of nova-conductor, nova-scheduler "
            "and nova-compute; then RabbitMQ."
        ),
        (
            "A guest that is active but says nothing: its console (`openstack console log show`), then image and "
            "metadata service."
        ),
    ),
    "network": (
        "`openstack network agent list` or, with OVN, `ovn-nbctl show` and `ovn-sbctl show`: which chassis is missing?",
        (
            "What is created but does not pass packets: look on the host of the port whether its flows are there "
            "(`ovs-ofctl dump-flows br-int`), then at ovn-controller's log."
        ),
        (
            "A floating address that is not reached: is the gateway's chassis up, does the address answer to ARP "
            "outside, is the security group as it was asked for?"
        ),
    ),
    "block-storage": (
        "`openstack volume service list`: which are down?",
        (
            "A volume in the state error: follow its request id through cinder-scheduler and cinder-volume; then the "
            "health of the storage behind it (`ceph -s`, free space)."
        ),
        "Attaching or detaching that hangs: nova-compute's log on the guest's host, and os-brick's locks.",
    ),
    "image": (
        (
            "`openstack image list --debug`: a list that fails points to Glance's API or database, a download that "
            "fails to the store behind it."
        ),
        "Look for room in the store and in the image cache of the hosts.",
    ),
    "object-store": (
        (
            "Ask for the account (`openstack object store account show`), then put and get an object by S3: which of "
            "the two fails?"
        ),
        "Look at the gateway's log and at the health of the storage behind it.",
    ),
    "load-balancer": (
        (
            "`openstack loadbalancer list` and the provisioning status of what was created; ERROR names what failed "
            "in `openstack loadbalancer status show`."
        ),
        (
            "With amphorae: can Octavia start guests, and reach them on the management network? With OVN: is the OVN "
            "provider's agent running?"
        ),
    ),
    "key-manager": (
        (
            "`openstack secret list`, then store and read one. A status of 500 points to Barbican's plugin or its "
            "database."
        ),
        "Look whether the vault or HSM behind it is unsealed.",
    ),
    "dns": (
        "`openstack zone list`; a zone that stays in PENDING points to designate-worker or the name servers behind it.",
    ),
    "orchestration": (
        "`openstack orchestration service list`: which engines are down? Then Heat's log by the request id.",
    ),
    _ANY: (
        "Something could not be removed? Its name is in the alarm; `allmende cleanup CLOUD` tries again, by id.",
        "Repeat the request by hand with `openstack --debug`, and follow its request id through the service's log.",
        "Look whether the service's units run, and reach their database and RabbitMQ.",
    ),
    "blind": (
        "Nothing is said of the cloud: the monitor is at fault. What it lacks is in the alarm.",
        (
            "No route or no names: the network of the machine that it runs on. Quota: `openstack quota show`, and "
            "what else is in the project. Credential: has it ended or been revoked?"
        ),
        "Late at its own work: give it more processor time, or fewer clouds.",
    ),
    "silent": (
        "Does the monitor run? `systemctl status allmende-monitor`, or `kubectl get pods`.",
        (
            "Does it reach the registry, with a token that still holds? It says so in its log, and keeps what it "
            "measured until then."
        ),
    ),
    "budget": (
        (
            "The service works in between, so look for what is sporadic: one of several hosts or API servers, "
            "timeouts under load, a queue that is full at times."
        ),
        "The cloud's page in this registry shows which step fails, and at which times.",
    ),
}


def runbook_of(cause: Cause) -> str:
    """Return the address of what to do about this."""
    name = cause.trouble if cause.trouble is not Trouble.FAILS else cause.what
    return f"{ADDRESS}#{name if name in RUNBOOKS else _ANY}"
