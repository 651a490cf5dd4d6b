"""What the conformance check says of the reference cloud: everything that it can have, and nothing that it has not."""

from live_cloud import LiveCloud

from allmende.refcloud.fetch.catalogue import published_images

# No volume type claims what is not true: volumes are files of one machine.
UNCLAIMED = {"scs-0114-encrypted-type", "scs-0114-replicated-type"}


def test_the_check_finds_what_is_there_and_what_is_not(live_cloud: LiveCloud) -> None:
    images = live_cloud.ask(lambda cloud: cloud.items("image", "/images", "images"))
    absent = {image.name for image in published_images()} - {image["name"] for image in images}
    found = live_cloud.command_line.check(live_cloud.address.clouds_yaml, live_cloud.address.cloud)
    outcomes = {row["testcase"]: row["outcome"] for row in found["results"]}
    summaries = {row["testcase"]: row["summary"] for row in found["results"] if row["outcome"] != "PASS"}
    assert found["complete"]
    assert len(outcomes) > 60
    assert {testcase for testcase in outcomes if testcase not in summaries} >= {
        testcase for testcase in outcomes if not testcase.startswith(("scs-0104-", "scs-0114-"))
    }, summaries
    if "Ubuntu 24.04" in absent:
        assert outcomes["scs-0104-image-ubuntu-2404"] == "FAIL", summaries
    assert summaries.keys() >= UNCLAIMED
