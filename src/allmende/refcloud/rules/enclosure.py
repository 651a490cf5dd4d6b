"""The script that turns fresh namespaces into the inside of a cloud, and then becomes its supervisor."""

from collections.abc import Iterable
from shlex import quote

from allmende.errors import DocumentError
from allmende.refcloud.model.blueprint import Mount
from allmende.refcloud.model.cloud import Given


def entry_script(given: Given, directories: Iterable[str], mounts: Iterable[Mount], supervisor: Iterable[str]) -> str:
    """Return the script that runs as process 1 of the cloud.

    `/run` is the cloud's own: sockets, locks and named network namespaces are gone with the last process. `directories`
    are made after that; then come the mounts.
    """
    lines = [
        "#!/bin/sh",
        "# Process 1 of a reference cloud: see docs/adr/0004. Written by `allmende cloud up`.",
        "set -eu",
        f"hostname {quote(given.identity.host)}",
        "mount -t tmpfs -o mode=0755 tmpfs /run",
        "mkdir -p /run/lock /run/cloud",
    ]
    lines += [f"mkdir -p {quote(directory)}" for directory in sorted(set(directories))]
    changed = [Mount(at="/etc/hosts", append=f"127.0.0.1 {given.identity.host}"), *mounts]
    if given.abilities.virt_type != "kvm":
        lines += _without_kvm()
    for mount in changed:
        lines += _mounted(mount)
    lines.append("exec " + " ".join(quote(word) for word in supervisor))
    return "\n".join(lines) + "\n"


def _without_kvm() -> list[str]:
    """Make /dev/kvm something that even root cannot open for writing.

    QEMU would try the device and fail slowly. As long as libvirt takes it for usable, it believes nothing that it
    learned of a QEMU without KVM, and asks QEMU anew a dozen times for every guest that starts.
    """
    return [
        "if [ -e /dev/kvm ]; then",
        "  : > /run/cloud/no-kvm",
        "  mount --bind /run/cloud/no-kvm /dev/kvm",
        "  mount -o remount,bind,ro /dev/kvm",
        "fi",
    ]


def _mounted(mount: Mount) -> list[str]:
    at = quote(mount.at)
    if mount.bind is not None:
        return [f"mkdir -p {quote(mount.bind)} {at}", f"mount --bind {quote(mount.bind)} {at}"]
    if mount.append is not None:
        copy = quote("/run/cloud" + mount.at.replace("/", "-"))
        return [f"cat {at} > {copy}", f"printf '%s\\n' {quote(mount.append)} >> {copy}", f"mount --bind {copy} {at}"]
    raise DocumentError(f"The blueprint mounts nothing at {mount.at}.")
