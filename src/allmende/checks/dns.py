"""scs-0127: names of ports, and DNS as a service.

Which recursors guests are given, and whether those validate DNSSEC, is not seen from outside a guest.
"""

from allmende.checks.catalog import check
from allmende.checks.evidence import counted
from allmende.facts.networks import DnsZones, NetworkExtensions, PortName
from allmende.outcome import Evidence, Finding, failed, passed, undetermined

# Each includes what those before it offer (scs-0127-v1, «Extension and driver choices»).
LADDER = ("dns-integration", "dns-domain-ports", "subnet-dns-publish-fixed-ip", "dns-integration-domain-keywords")
NOTHING_SEEN = "The Network API lists no extension at all, so nothing is known of it."


@check("scs-0127-dns-integration")
def the_network_api_has_names_of_ports(extensions: NetworkExtensions) -> Finding:
    """The extension dns-integration is listed, or one that includes it."""
    if not extensions.aliases:
        return undetermined(NOTHING_SEEN)
    return _reaches(extensions, "dns-integration")


@check("scs-0127-internal-names")
def ports_have_the_names_they_are_given(port: PortName) -> Finding:
    """A port that is created with a name in a tenant network is entered under this name, with its addresses.

    Where the domain of names is the default one, Neutron enters ports under names made from their addresses.
    """
    if port.given == port.wanted and not port.addresses:
        return undetermined("The port took its name, but the Network API shows no address under it.")
    evidence = [
        Evidence(
            subject=f"address {address}",
            seen=name,
            demanded=f"{port.wanted}, with the domain of the cloud",
            ok=name.split(".")[0] == port.wanted,
        )
        for address, name in port.addresses
    ]
    if not evidence:
        evidence = [Evidence(subject="port", seen="no name", demanded=f"the name {port.wanted}", ok=False)]
    wrong = [item for item in evidence if not item.ok]
    if wrong:
        return failed(f"A port that was named {port.wanted} is entered otherwise: {wrong[0].seen}.", wrong)
    return passed(f"A port that was named {port.wanted} is entered as {evidence[0].seen}.", evidence)


@check("scs-0127-dns-service")
def the_dns_service_has_its_extensions(zones: DnsZones, extensions: NetworkExtensions) -> Finding:
    """Members list their zones, and the extension dns-domain-ports is listed, or one that includes it."""
    if not extensions.aliases:
        return undetermined(NOTHING_SEEN)
    return _reaches(extensions, "dns-domain-ports", f"The DNS service lists {counted(len(zones.names), 'zone')}.")


def _reaches(extensions: NetworkExtensions, least: str, *notes: str) -> Finding:
    enough = LADDER[LADDER.index(least) :]
    found = [name for name in LADDER if name in extensions.aliases]
    evidence = Evidence(
        subject="extensions of the Network API",
        seen=", ".join(found) or "none about DNS",
        demanded=" or ".join(enough),
        ok=bool(set(found) & set(enough)),
    )
    if not evidence.ok:
        return failed(f"The Network API lacks {least}, and every extension that includes it.", [evidence], notes=notes)
    return passed(f"The Network API offers {found[-1]}.", [evidence], notes=notes)
