"""The walls of bubblewrap, and none at all: what is started, and with which environment."""

import errno
import functools
import os
import shutil
import site
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.sandbox.limits import Limits
from autograder.sandbox.walls.users import WallError, claim

__all__ = ("FONTS", "INSIDE", "MOUNTED", "SCRATCH", "SYSTEM", "Wall", "WallError", "explain")

INSIDE = Path(__file__).parents[1] / "inside"
MOUNTED = "/sandbox"
SCRATCH = "/scratch"
FONTS = "/fonts"

# Programs and libraries by name, not all of /usr: nbgrader's exchange lies under /usr/local/share by default.
SYSTEM = (
    *("/usr/bin", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libexec", "/usr/share/fonts", "/usr/share/zoneinfo"),
    *("/usr/local/bin", "/usr/local/lib", "/usr/local/lib64", "/bin", "/lib", "/lib32", "/lib64"),
    *("/etc/ld.so.cache", "/etc/fonts", "/etc/localtime"),
)
_SYSTEM_PREFIXES = ("/usr", "/usr/local")
_TRY_SECONDS = 30
# How many threads numerical libraries start: OpenBLAS, OpenMP (scikit-learn, PyTorch), MKL, BLIS, numexpr, Numba,
# Polars, and what is written in Rust with rayon.
_THREADS = (
    *("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "NUMEXPR_NUM_THREADS"),
    *("NUMBA_NUM_THREADS", "POLARS_MAX_THREADS", "RAYON_NUM_THREADS"),
)
# What other languages keep beside their programs. Nothing of a course lies there.
_LANGUAGES = (
    *("/usr/share", "/etc/alternatives", "/etc/R", "/etc/julia", "/etc/octave", "/etc/java-11-openjdk"),
    *("/etc/java-17-openjdk", "/etc/java-21-openjdk"),
)
_ENVIRONMENT = {
    "AUTOGRADER": "1",  # visible checks go on here, and refuse to be taken for the grading by stock nbgrader
    "HOME": SCRATCH,
    "USER": "student",
    "LOGNAME": "student",
    "TMPDIR": SCRATCH,
    "PATH": os.pathsep.join([str(Path(sys.executable).parent), "/usr/bin", "/bin"]),  # `!python` is this one
    "LANG": "C.UTF-8",
    "TERM": "dumb",
    "TZ": "UTC",
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "IPYTHONDIR": SCRATCH + "/.ipython",
    "MPLCONFIGDIR": SCRATCH + "/.matplotlib",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "NBGRADER_EXECUTION": "autograde",  # as nbgrader has it while it grades
    # One thread per library: forks must not lose locks, and cores belong to other submissions.
    **dict.fromkeys(_THREADS, "1"),
    "JOBLIB_MULTIPROCESSING": "0",  # its processes inherit no locks; told so, it quietly does without any
}


@dataclass(frozen=True)
class Wall:
    """Bubblewrap around all submissions of a worker or around each, or no wall where that was asked for by name.

    As root the student code behind it has a uid to itself: no two walls share what the kernel counts by user.

    Attributes:
        isolation: `nested`, `single` or `none`.
        shown: what a kernel that is not our interpreter needs besides the system and our own libraries, to be read.
        real: whether there is such a kernel behind it, which needs more of the system, and `/proc`.
        readable: absolute paths of files and folders that the course lets student code read besides.
    """

    isolation: str = "nested"
    shown: tuple[str, ...] = ()
    real: bool = False
    readable: tuple[str, ...] = ()

    @property
    def walled(self) -> bool:
        """Whether there is a wall."""
        return self.isolation != "none"

    def command(
        self, scratch_bytes: int, fonts: Sequence[Path] = (), seccomp: int | None = None, info: int | None = None
    ) -> list[str]:
        """Return the command line up to the program that is to run inside.

        Args:
            scratch_bytes: the size of the only folder that can be written to.
            fonts: Matplotlib's lists of fonts, to be found in `FONTS`.
            seccomp: a descriptor with a filter for everything inside.
            info: a descriptor to write the number of the first process inside to, as JSON.

        Raises:
            WallError: a program that the wall needs is not installed.
        """
        if not self.walled:
            return []
        bwrap = _program("bwrap", "bubblewrap")
        if gone := [path for path in self.readable if not Path(path).exists()]:
            said = f"{gone[0]}, which student code is to read, is not there: see c.Autograder.read_only_paths"
            raise WallError(said)
        shown = [*_LANGUAGES, *self.shown] if self.real else []
        options = [*_namespaces(), *_mounts(fonts, [*shown, *self.readable])]
        if self.isolation == "nested" or self.real:  # the inner wall needs /proc once, and then covers it
            options += ["--proc", "/proc"]
        else:
            options += ["--tmpfs", "/proc", "--remount-ro", "/proc"]
        if seccomp is not None:
            options += ["--seccomp", str(seccomp)]
        options += [*_scratch(scratch_bytes), *_environment()]
        if info is not None:
            options += ["--info-fd", str(info)]
        before, behind = ([], self._drop_root()) if _root_needs_no_user_namespace() else (self._drop_root(), [])
        return [*before, bwrap, *options, "--", *behind]

    @property
    def uid(self) -> int:
        """The uid as which student code runs behind it, as the host sees it.

        Raises:
            WallError: as root, no uid can be had that nothing else here has.
        """
        return self._user[0]

    def counted(self, limits: Limits, *, apart: bool) -> dict[str, int | bool] | None:
        """Return how the kernel counts a submission's processes: None where by themselves; see `walls.rlimits`.

        Args:
            limits: of the submission.
            apart: whether its own wall makes the kernel count them so.
        """
        if apart:
            return None
        return {"neighbours": limits.neighbours, "shared": self.isolation == "nested" or not self.walled}

    @functools.cached_property
    def _user(self) -> tuple[int, object]:
        """The uid, and what holds it."""
        return claim() if os.getuid() == 0 else (os.getuid(), None)

    def _drop_root(self) -> list[str]:
        """Return the prefix that leaves root for good: root builds its walls, but nothing runs inside as root."""
        if os.getuid() != 0:
            return []
        setpriv = _program("setpriv", "util-linux")
        options = ["--reuid", str(self.uid), "--regid", str(self.uid), "--clear-groups", "--no-new-privs"]
        return [setpriv, *options, "--bounding-set", "-all", "--inh-caps", "-all", "--"]

    def environment(self, folder: str) -> dict[str, str]:
        """Return the environment in which to start that command; without walls, `folder` is the scratch folder."""
        if self.walled:
            return {"PATH": os.environ.get("PATH", "/usr/bin:/bin")}
        return environment_in(folder)

    def python(self) -> list[str]:
        """Return the interpreter and the program that runs inside."""
        root = Path(MOUNTED) / "inside" if self.walled else INSIDE
        return [sys.executable, "-s", "-S", "-P", str(root / "__main__.py")]


def environment_in(folder: str) -> dict[str, str]:
    """Return a student process's environment where its files lie in a folder of this machine."""
    bare = {name: value.replace(SCRATCH, folder) for name, value in _ENVIRONMENT.items()}
    return {**bare, "PYTHONPATH": os.pathsep.join([str(INSIDE.parent), *site_packages()])}


def _program(name: str, package: str) -> str:
    path = shutil.which(name)
    if path is None:
        msg = f"{name} is not installed, so student code cannot be walled off: run 'sudo apt-get install {package}'"
        raise WallError(msg)
    return path


def _namespaces() -> list[str]:
    """Return the namespaces that isolate; none for the host name: it isolates nothing, and containers refuse it."""
    options = ["--die-with-parent", "--new-session", "--unshare-ipc", "--unshare-pid", "--unshare-net"]
    options += ["--unshare-cgroup-try"]
    return options if _root_needs_no_user_namespace() else [*options, "--unshare-user"]


@functools.cache
def _root_needs_no_user_namespace() -> bool:
    """Return whether this user makes namespaces without a user namespace around them: root with SYS_ADMIN.

    A root without it, as in a container, is refused them, and leaves root before bubblewrap instead of behind it: in a
    user namespace of root's there is no other user to become.
    """
    if os.getuid() != 0:
        return False
    bwrap = _program("bwrap", "bubblewrap")
    tried = [bwrap, "--unshare-pid", "--ro-bind", "/", "/", "true"]
    return subprocess.run(tried, capture_output=True, check=False, timeout=_TRY_SECONDS).returncode == 0


def site_packages() -> list[str]:
    """Return the folders of installed packages."""
    paths = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), *site.getsitepackages()}
    return sorted(path for path in paths if Path(path).is_dir())


def _mounts(fonts: Sequence[Path], shown: Sequence[str] = ()) -> list[str]:
    """Mount the system, the interpreter, its libraries and what else is shown, and mask our own package in them."""
    options: list[str] = []
    for path in filter(os.path.lexists, SYSTEM):
        options += [*_parents(path), *_mount(path)]
    prefixes = {os.path.realpath(sys.base_prefix), sys.prefix, sys.base_prefix}
    for prefix in sorted(prefixes - set(_SYSTEM_PREFIXES)):
        options += [*_parents(prefix), "--ro-bind", prefix, prefix]
    there = [Path(path) for path in (*SYSTEM, *prefixes)]
    shown = [one for one in shown if Path(one).exists() and not any(map(Path(one).is_relative_to, there))]
    for path in shown:
        options += [*_parents(path), "--ro-bind", path, path]
    package = Path(__file__).resolve().parents[2]
    theirs = [str(found) for path in shown for found in Path(path).glob("lib/python3*/site-packages")]
    for folder in (*site_packages(), *theirs):
        if (Path(folder) / package.name).is_dir():
            options += ["--tmpfs", str(Path(folder) / package.name), "--remount-ro", str(Path(folder) / package.name)]
    options += [*_parents(MOUNTED + "/inside"), "--ro-bind", str(INSIDE), MOUNTED + "/inside"]
    options += _parents(FONTS + "/x")
    for font_list in fonts:
        options += ["--ro-bind", str(font_list), f"{FONTS}/{font_list.name}"]
    return [*options, *_devices()]


def _devices() -> list[str]:
    """Mount the devices; they are the host's own, and the same for all submissions.

    The kernel notes when a terminal was last used, for the next submission to find: /dev/tty, the one that all have in
    common, cannot be opened. What else could be noted of a device, its times, the filter of system calls keeps as is.
    """
    return ["--dev", "/dev", "--ro-bind", os.devnull, "/dev/tty", "--remount-ro", "/dev"]


def _mount(path: str) -> list[str]:
    """Mount a part of the system read-only; a link, as /lib is on a merged system, stays one."""
    return ["--symlink", str(Path(path).readlink()), path] if Path(path).is_symlink() else ["--ro-bind", path, path]


def _parents(path: str) -> list[str]:
    """Make the folders above a mount point enterable: bubblewrap would make them root's alone."""
    parents = reversed([str(parent) for parent in Path(path).parents if str(parent) != "/"])
    return [option for parent in parents for option in ("--perms", "0755", "--dir", parent)]


def _scratch(size: int) -> list[str]:
    return ["--size", str(size), "--perms", "1777", "--tmpfs", SCRATCH, "--remount-ro", "/", "--chdir", SCRATCH]


def _environment() -> list[str]:
    options = ["--clearenv", "--setenv", "PYTHONPATH", os.pathsep.join([MOUNTED, *site_packages()])]
    for name, value in _ENVIRONMENT.items():
        options += ["--setenv", name, value]
    return options


def explain(stderr: str) -> str:
    """Return one line that says why the walls could not be built and what to do about it."""
    line = stderr.strip().splitlines()[-1] if stderr.strip() else "no message"
    hint = "run 'autograder doctor'"
    if os.strerror(errno.EAGAIN) in line:
        hint = "this user has too many processes on this machine: end some, use fewer --workers, or raise 'ulimit -u'"
    elif "namespace" in line or "Operation not permitted" in line or "uid map" in line:
        hint = "this machine refuses user namespaces; see docs/set-up.md, or run where they are allowed"
    return f"the student process did not start ({line}): {hint}"
