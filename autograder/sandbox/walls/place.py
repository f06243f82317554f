"""The place that this machine is, and what may be done there about a wall that does not stand."""

import errno
import functools
import os
from dataclasses import dataclass
from pathlib import Path

_DOCS = "docs/set-up.md"
_FOR_LANDLOCK = {
    errno.ENOSYS: "it needs Linux 5.13, and gVisor has none of it",
    errno.EOPNOTSUPP: "boot the machine with landlock in the kernel's list: lsm=landlock,…",
    errno.EACCES: (
        "let every user read the interpreter and this package: chmod a+rX on them, and a+x on the folders above"
    ),
    errno.EPERM: "let the container's seccomp profile allow landlock_create_ruleset, as Docker's own does",
}


@dataclass(frozen=True)
class Place:
    """Where this process runs, told from files and not guessed.

    Attributes:
        kinds: of `docker`, `podman`, `kubernetes`, `gvisor`, `wsl`, `container`; empty on a machine of its own.
        apparmor: whether AppArmor keeps ordinary users from user namespaces, as on Ubuntu since 23.10.
        switched_off: the sysctl by which user namespaces are switched off, or nothing.
    """

    kinds: tuple[str, ...]
    apparmor: bool
    switched_off: str

    @property
    def words(self) -> str:
        """What it is, in words."""
        found = ", ".join(self.kinds) if self.kinds else "no container that can be told"
        return f"{found}; AppArmor restricts user namespaces" if self.apparmor else found


@functools.cache
def here() -> Place:
    """Return the place that this machine is."""
    version = _read("/proc/version").lower()
    found = {
        "docker": Path("/.dockerenv").exists(),
        "podman": Path("/run/.containerenv").exists(),
        "kubernetes": Path("/var/run/secrets/kubernetes.io").exists() or "KUBERNETES_SERVICE_HOST" in os.environ,
        "gvisor": "gvisor" in version or "gvisor" in _read("/proc/sys/kernel/osrelease").lower(),
        "wsl": "microsoft" in version,
    }
    off = ""
    if _read("/proc/sys/kernel/unprivileged_userns_clone") == "0":
        off = "kernel.unprivileged_userns_clone=1"
    elif _read("/proc/sys/user/max_user_namespaces") == "0":
        off = "user.max_user_namespaces=15000"
    apparmor = _read("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1"
    return Place(tuple(name for name, is_so in found.items() if is_so), apparmor, off)


def remedy(wall: str, number: int | None) -> str:
    """Return what can be done in this place about a wall that does not stand."""
    if wall == "landlock":
        return _FOR_LANDLOCK.get(number or 0, f"see {_DOCS}")
    return _for_bubblewrap(wall, number)


def _for_bubblewrap(wall: str, number: int | None) -> str:
    place = here()
    cures = (
        (number == errno.ENOENT, "sudo apt-get install bubblewrap"),
        (bool(place.switched_off), f"switch user namespaces on: sysctl {place.switched_off}"),
        (
            place.apparmor,
            "give bubblewrap an AppArmor profile, or sysctl kernel.apparmor_restrict_unprivileged_userns=0",
        ),
        ("kubernetes" in place.kinds, f"stay with landlock, or use a seccomp profile with namespaces ({_DOCS})"),
        (
            bool(place.kinds) and wall == "nested",
            f"stay with single or landlock, or let the container have namespaces and all of /proc ({_DOCS})",
        ),
        (bool(place.kinds), f"stay with landlock, or give the container a seccomp profile with namespaces ({_DOCS})"),
    )
    return next((cure for applies, cure in cures if applies), f"see {_DOCS}")


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
