"""scs-0116: a key manager is offered. That members can use it needs a secret to be stored, and is another testcase."""

from allmende.checks.catalog import check
from allmende.checks.services import in_catalog
from allmende.facts.openstack import Catalog
from allmende.outcome import Finding


@check("scs-0116-presence")
def a_key_manager_is_in_the_catalog(catalog: Catalog) -> Finding:
    """The catalog has a service of type key-manager with a public endpoint in this region."""
    return in_catalog(catalog, ["key-manager"])
