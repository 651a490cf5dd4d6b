"""The contract of the door to clouds, kept by a real one."""

import pytest
from live_cloud import LiveCloud

from allmende.testing.cloud_contract import CloudContract, CloudUnderTest
from allmende.testing.resource_contract import ResourceContract


@pytest.fixture
def cloud_under_test(live_cloud: LiveCloud) -> CloudUnderTest:
    return CloudUnderTest(clouds_yaml=live_cloud.address.clouds_yaml, name=live_cloud.address.cloud)


class TestTheReferenceCloud(CloudContract):
    """Every promise that the fake cloud keeps."""


class TestItsResources(ResourceContract):
    """Everything that a member can create, as the fake cloud has it."""
