"""GovStack: an ordinary member uploads an image of their own, from which guests could boot, and reads it back."""

from secrets import token_bytes

from allmende.clouds.settling import settled
from allmende.collect.attempting import working
from allmende.collect.collector import collector
from allmende.collect.visit import Visit
from allmende.facts.govstack import ImageUploadWork

SIZE_BYTES = 1024 * 1024
SECONDS = 180.0


@collector(seconds=600, usual_seconds=2, creates=True)
async def image_upload_work(visit: Visit) -> ImageUploadWork:
    """Six requests, two of which carry a MiB."""
    content = token_bytes(SIZE_BYTES)
    is_same = None
    wish = {"disk_format": "raw", "container_format": "bare", "visibility": "private"}
    async with working(visit, ImageUploadWork) as (work, holding):
        image = await work.step("describe an image", holding.create("image", "upload", wish))
        headers = {"Content-Type": "application/octet-stream"}
        upload = visit.cloud.request("image", "PUT", f"/images/{image}/file", content=content, headers=headers)
        await work.step("upload 1 MiB to it", upload, seconds=SECONDS)
        await work.step(
            "wait until guests could boot from it",
            settled(visit.cloud, "image", image, "active"),
            seen=lambda row: str(row["status"]),
            seconds=SECONDS,
        )
        read = await work.step(
            "download it",
            visit.cloud.beginning("image", f"/images/{image}/file", SIZE_BYTES + 1),
            seen=lambda read: "as uploaded" if read == content else "other bytes",
            seconds=SECONDS,
        )
        is_same = read == content
        await work.step("remove it", holding.give_back(image))
    return ImageUploadWork(attempts=work.attempts, size_bytes=SIZE_BYTES, is_same=is_same)
