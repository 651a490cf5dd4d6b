"""scs-0117: a member can back up a volume and restore it; and, beyond the standard, the restored bytes are the same."""

from allmende.checks.catalog import check
from allmende.checks.working import ended, shown
from allmende.facts.openstack_work import CREATE_VOLUME, VOLUME_READY, BackupWork
from allmende.outcome import Evidence, Finding, failed, passed, undetermined

# The public suite fails a cloud that makes no volume, too; the standard is about backups.
PREPARING = (CREATE_VOLUME, VOLUME_READY)


@check("scs-0117-test-backup")
def a_volume_is_backed_up_and_restored(work: BackupWork) -> Finding:
    """A member creates a volume of 1 GiB, a backup of it, and a new volume from the backup; each becomes available.

    Refused, broken or endless backups and restores fail. When there is no volume to begin with, or when the service
    does not answer, it is not determined. Everything that was created is removed again.
    """
    return ended(work.attempts, "A member cannot back up and restore a volume", preparing=PREPARING) or passed(
        "A volume was backed up and restored to a new one.", shown(work.attempts)
    )


@check("scs-0117-restored-bytes")
def the_restored_bytes_are_those_of_the_volume(work: BackupWork) -> Finding:
    """The restored volume begins with the same random bytes that were written to the volume before its backup.

    They are brought in and out by way of images of the project's own. Where that is not allowed it is not determined.
    """
    if work.is_same is None:
        return undetermined(work.why_not_compared or "Nothing was compared.")
    evidence = Evidence(
        subject=f"first {work.compared_bytes} bytes of the restored volume",
        seen="as written" if work.is_same else "other bytes",
        demanded="as written",
        ok=work.is_same,
    )
    if work.is_same:
        return passed(f"The first {work.compared_bytes} bytes of the restored volume are those written.", [evidence])
    return failed("The restored volume does not hold what was written to the first one.", [evidence])
