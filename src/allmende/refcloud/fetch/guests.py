"""How the two guests of the reference cloud are made from a tree of Debian packages.

The small guest runs from its initial file system alone: kernel, busybox, an SSH server and a few scripts
(`data/images/small-guest`). The other is a minimal Debian with cloud-init.
"""

import asyncio
import gzip
import shutil
from importlib.resources import files
from pathlib import Path

from allmende.errors import ReferenceCloudError
from allmende.refcloud.fetch.catalogue import Recipe
from allmende.refcloud.fetch.debian import unpack
from allmende.refcloud.fetch.disk import boot_menu, bootable_disk
from allmende.refcloud.fetch.program import run

_DRIVERS = ("virtio_pci", "virtio_net", "virtio_blk", "virtio_scsi", "sd_mod", "virtio-rng", "button", "evdev")
_SSH_SERVER = "usr/sbin/dropbear"
_SSH_LIBRARIES = (
    "ld-linux-x86-64.so.2",
    "libc.so.6",
    "libcrypt.so.1",
    "libgmp.so.10",
    "libtomcrypt.so.1",
    "libtommath.so.1",
    "libz.so.1",
)
_SCRIPTS = {"start": "etc/start", "lease": "etc/lease", "personalise": "etc/personalise", "inittab": "etc/inittab"}
_TEXTS = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\n",
    "etc/group": "root:x:0:\n",
    "etc/shells": "/bin/sh\n",
    "etc/profile": "export PATH=/bin:/sbin\n",
    "etc/acpi/PWRF/00000080": "#!/bin/sh\nexec /bin/poweroff\n",
}

# What a guest must not inherit from the machine that built it: its package sources, its names, keys and identity.
_FORGET = (
    'rm -rf "$1"/etc/apt/sources.list "$1"/etc/apt/sources.list.d/* "$1"/etc/apt/apt.conf.d/99mmdebstrap',
    'rm -rf "$1"/etc/dpkg/dpkg.cfg.d/99mmdebstrap "$1"/etc/ssh/ssh_host_* "$1"/etc/resolv.conf "$1"/var/log/*.log',
    'echo debian > "$1"/etc/hostname && : > "$1"/etc/machine-id && rm -f "$1"/var/lib/dbus/machine-id',
)
_SETTINGS = {
    "etc/fstab": "LABEL=root / ext4 defaults,noatime 0 1\n",
    "etc/cloud/cloud.cfg.d/90-openstack.cfg": (
        "datasource_list: [ConfigDrive, OpenStack, None]\nlocale: C.UTF-8\nmanage_etc_hosts: localhost\n"
    ),
}


async def build(recipe: Recipe, folder: Path) -> str:
    """Fill `folder` with `disk.qcow2`, `kernel` and `initramfs`, and return the version of the kernel in it.

    Raises:
        ReferenceCloudError: a package could not be had, or a program failed.
    """
    tree = folder / "tree"
    small = recipe.variant == "extract"
    await unpack(tree, recipe.release, recipe.variant, recipe.packages, () if small else _FORGET)
    kernel = await asyncio.to_thread(_only, tree / "boot", "vmlinuz-*")
    version = kernel.name.removeprefix("vmlinuz-")
    shutil.copy(kernel, folder / "kernel")
    if small:
        await _small_initramfs(tree, version, folder / "initramfs")
        tree = await asyncio.to_thread(_boot_only, folder)
    else:
        shutil.copy(tree / "boot" / f"initrd.img-{version}", folder / "initramfs")
        _write(tree, _SETTINGS)
    names = ("kernel", "initramfs") if small else (kernel.name, f"initrd.img-{version}")
    _write(tree, {"boot/grub/grub.cfg": boot_menu(*names, recipe.kernel_arguments)})
    await bootable_disk(tree, recipe.disk_mib, folder / "disk.qcow2")
    for path in (folder / "tree", folder / "boot-tree"):
        await asyncio.to_thread(shutil.rmtree, path, ignore_errors=True)
    return version


async def _small_initramfs(tree: Path, version: str, initramfs: Path) -> None:
    root = initramfs.parent / "initramfs-tree"
    await asyncio.to_thread(_small_root, tree, version, root)
    await run([root / "bin" / "busybox", "depmod", "-b", root, version])
    await run(["sh", "-c", 'find . | LC_ALL=C sort | cpio --quiet -o -H newc -R 0:0 > "$1"', "sh", initramfs], cwd=root)
    await asyncio.to_thread(_compress, initramfs)
    await asyncio.to_thread(shutil.rmtree, root)


def _small_root(tree: Path, version: str, root: Path) -> None:
    for name in ("bin", "sbin", "lib64", "dev", "proc", "sys", "tmp", "srv", "var/run", "etc/dropbear", "root/.ssh"):
        (root / name).mkdir(parents=True)
    shutil.copy(tree / "bin" / "busybox", root / "bin")
    for path in (root / "init", root / "bin" / "sh"):
        path.symlink_to("/bin/busybox")
    shutil.copy(tree / _SSH_SERVER, root / "sbin")
    libraries = root / "lib" / "x86_64-linux-gnu"
    libraries.mkdir(parents=True)
    for name in _SSH_LIBRARIES:
        shutil.copy(_only(tree, f"**/x86_64-linux-gnu/{name}"), libraries / name)
    shutil.copy(libraries / "ld-linux-x86-64.so.2", root / "lib64")
    _copy_drivers(tree / "lib" / "modules" / version, root / "lib" / "modules" / version)
    data = files("allmende.refcloud").joinpath("data", "images", "small-guest")
    _write(root, {place: data.joinpath(name).read_text(encoding="utf-8") for name, place in _SCRIPTS.items()} | _TEXTS)
    for script in ("etc/start", "etc/lease", "etc/personalise", "etc/acpi/PWRF/00000080"):
        (root / script).chmod(0o755)
    (root / "root" / ".ssh").chmod(0o700)
    (root / "root").chmod(0o700)


def _copy_drivers(source: Path, target: Path) -> None:
    """Copy the drivers and whatever they stand on; what is built into the kernel is in no file."""
    modules = {path.stem.replace("-", "_"): path for path in source.rglob("*.ko")}
    wanted = [name.replace("-", "_") for name in _DRIVERS]
    seen: set[str] = set()
    while wanted:
        name = wanted.pop()
        if name in seen or name not in modules:
            continue
        seen.add(name)
        path = target / modules[name].relative_to(source)
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(modules[name], path)
        wanted += _stands_on(modules[name])


def _stands_on(module: Path) -> list[str]:
    """Return the modules that `module` names in its `depends=` field."""
    for field in module.read_bytes().split(b"\0"):
        if field.startswith(b"depends="):
            return [name.replace("-", "_") for name in field.removeprefix(b"depends=").decode().split(",") if name]
    return []


def _boot_only(folder: Path) -> Path:
    tree = folder / "boot-tree"
    (tree / "boot").mkdir(parents=True)
    for name in ("kernel", "initramfs"):
        shutil.copy(folder / name, tree / "boot" / name)
    return tree


def _compress(path: Path) -> None:
    path.write_bytes(gzip.compress(path.read_bytes(), mtime=0))


def _write(root: Path, texts: dict[str, str]) -> None:
    for name, text in texts.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _only(directory: Path, pattern: str) -> Path:
    found = sorted(directory.glob(pattern))
    if not found:
        raise ReferenceCloudError(
            f"The packages hold no `{pattern}`.", hint="Please report this: the recipe is out of date."
        )
    return found[-1].resolve() if found[-1].is_symlink() else found[-1]
