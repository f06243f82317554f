"""Attacks that read: the graders, the reference, other people's work, the host."""

import os
from pathlib import Path

from arena import RIGHT, SECRET, SYSTEM_CALLS, WRONG_COST, both_walls, messages_of, printed

import autograder

ROOT = Path(__file__).parent.parent.parent
PACKAGE = Path(autograder.__file__).parent

# What no student may read, from the package's folder and from a course's.
HOST = (
    "assignments/neuron/reference.py",
    "assignments/neuron/test_cost.py",
    "assignments/neuron/inputs.py",
    "judge/judge.py",
    "../source/neuron/neuron.ipynb",
    "../nbgrader_config.py",
)
COURSE = ("gradebook.db", "submitted/ada/neuron/neuron.ipynb", "outcomes/neuron/ada.json")

# What a process of the attacker's has to say of a file that it must not read.
OPEN = """
for path in {paths!r}:
    try:
        print("READ", path, open(path, "rb").read(100))
    except OSError as error:
        print("refused", error.errno)
"""


def secret_names() -> set[str]:
    """Return the names of the files of the course that no student may read."""
    files = [*PACKAGE.joinpath("assignments").rglob("*"), *(ROOT / "source").rglob("*.ipynb")]
    names = {path.name for path in files if path.suffix in (".py", ".toml", ".ipynb")}
    return {*names, "gradebook.db", "nbgrader_config.py"} - {"__init__.py", "conftest.py", "inputs.py"}


@both_walls
def test_walk_through_all_folders_finds_nothing_of_the_course(arena):
    """No file within reach holds a grader, a reference, a gradebook or anybody's work."""
    walk = f"""
    import os, sys
    for folder, folders, files in os.walk("/"):
        if folder == "/":
            folders[:] = set(folders) - {{"usr", "lib", "lib64", "bin", "sbin", "dev"}}
        if folder == sys.base_prefix:
            folders.clear()
        for name in files:
            ours = "autograder" in folder and "dist-info" not in folder
            if ours or (name in {sorted(secret_names())!r} and "site-packages" not in folder):
                print("FOUND", os.path.join(folder, name))
    print("walked")
    """
    judgement = arena.attack(walk, WRONG_COST, worth=WRONG_COST, cell_seconds=20.0)
    assert "walked" in printed(judgement)
    assert "FOUND" not in printed(judgement)


def test_reading_by_the_host_s_own_path_is_refused(arena):
    """Knowing where the reference, the graders or the source lie on the host does not help to read them."""
    targets = [(PACKAGE / path).resolve() for path in HOST]
    assert all(target.is_file() for target in targets)
    judgement = arena.attack(OPEN.format(paths=[str(target) for target in targets]), WRONG_COST, worth=WRONG_COST)
    assert printed(judgement) == f"refused {arena.out_of_reach}\n" * len(targets)


def test_reading_a_course_that_anybody_may_read_is_refused(arena, tmp_path):
    """A gradebook and other submissions are not there, whatever their permissions."""
    targets = [tmp_path / name for name in COURSE]
    for target in targets:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("everybody's marks")
        target.chmod(0o666)
    judgement = arena.attack(OPEN.format(paths=[str(target) for target in targets]), WRONG_COST, worth=WRONG_COST)
    assert printed(judgement) == f"refused {arena.out_of_reach}\n" * len(targets)


def test_import_of_the_masked_package_fails(arena):
    """Neither by name nor by its place in site-packages can the grader's package be imported."""
    attempt = """
    import glob, importlib, sys
    for name in ("autograder", "autograder.assignments.neuron.reference", "inside.autograder"):
        try:
            print("IMPORTED", importlib.import_module(name))
        except ImportError:
            print("refused")
    print([path for folder in sys.path for path in glob.glob(folder + "/autograder/*")])
    """
    assert printed(arena.attack(attempt, WRONG_COST, worth=WRONG_COST)) == "refused\n" * 3 + "[]\n"


def test_package_installed_in_site_packages_is_masked(arena, tmp_path, monkeypatch):
    """Where our package lies in site-packages, not in a repository, an empty folder stands in its place."""
    from autograder.sandbox.walls import bubblewrap  # noqa: PLC0415 - the module, for its options

    (tmp_path / "autograder").mkdir()
    monkeypatch.setattr(bubblewrap, "site_packages", lambda: [str(tmp_path)])
    options = bubblewrap._mounts(())
    assert options[options.index(str(tmp_path / "autograder")) - 1] == "--tmpfs"


def test_environment_tells_nothing_of_the_host(arena):
    """The variables of the worker's environment, which may hold tokens, are not those of the student's process."""
    assert SECRET in os.environ
    judgement = arena.attack("import os\nprint(sorted(os.environ.items()))", RIGHT, worth=RIGHT)
    assert "TMPDIR" in printed(judgement)
    assert not any(secret in printed(judgement) for secret in (SECRET, "of the host"))


def test_proc_is_empty(arena):
    """There is no /proc in which to find other processes, memory maps, descriptors or command lines."""
    look = """
    import os
    for name in ("", "1", "self", "self/fd", "self/task", "1/root", "sys"):
        try:
            print(os.listdir("/proc/" + name))
        except OSError as error:
            print(error.errno)
    for name in ("1/mem", "self/environ", "self/maps", "self/mem", "self/cmdline", "sys/kernel/core_pattern", "mounts"):
        try:
            print(open("/proc/" + name, "rb").read(10))
        except OSError as error:
            print(error.errno)
    """
    said = printed(arena.attack(look, RIGHT, worth=RIGHT)).split()
    assert said[0] == ("13" if arena.mode == "landlock" else "[]")
    assert set(said[1:]) == {str(arena.out_of_reach)}


@both_walls
def test_memory_of_other_processes_is_refused(arena):
    """Neither ptrace nor process_vm_readv reach the parent, the reaper or a neighbour."""
    attempt = SYSTEM_CALLS + (
        "import os\n"
        "buffer = ctypes.create_string_buffer(16)\n"
        "part = (ctypes.c_void_p * 2)(ctypes.addressof(buffer), 16)\n"
        "pids = [1, os.getppid(), os.getpid(), *range(2, 40)]\n"
        "print({syscall(310, pid, part, 1, part, 1, 0) for pid in pids})\n"  # process_vm_readv
        "print({syscall(101, 16, pid, 0, 0) for pid in pids}, syscall(101, 0, 0, 0, 0))\n"  # ptrace ATTACH, TRACEME
        "print(syscall(438, 3, 0, 0), syscall(312, 1, 1, 0, 0, 0))\n"  # pidfd_getfd, kcmp
    )
    assert printed(arena.attack(attempt, RIGHT, worth=RIGHT)) == "{'EPERM'}\n{'EPERM'} EPERM\nEPERM EPERM\n"


def test_frames_and_garbage_collector_hold_no_grader(arena):
    """Walking the frames and all objects of the process finds no expected value and no grader."""
    walk = """
    import gc, sys
    seen = set()
    frame = sys._getframe()
    while frame is not None:
        seen |= {frame.f_code.co_filename, *frame.f_globals, *frame.f_locals}
        frame = frame.f_back
    for thing in gc.get_objects():
        seen |= {str(key) for key in thing} if type(thing) is dict else set()
        seen.add(getattr(thing, "__qualname__", None))
    print([name for name in ("criterion", "expect_cost", "GraderFault", "check_number", "Expected") if name in seen])
    print([name for name in sys.modules if "autograder" in name or "assignments" in name])
    """
    assert printed(arena.attack(walk, WRONG_COST, worth=WRONG_COST)) == "[]\n[]\n"


def test_frames_during_a_judged_call_hold_no_expected_value(arena):
    """While the judge waits for an answer, the process has nothing but the question."""
    search = """
    import sys

    def cost(w, b, X, y):
        names, frame = [], sys._getframe()
        while frame is not None:
            names += [*frame.f_locals, *frame.f_globals]
            frame = frame.f_back
        raise ValueError([name for name in names if "expect" in name.lower() or "refer" in name.lower()])
    """
    judgement = arena.attack(RIGHT, search, worth=arena.without("cost"))
    assert "cost raised ValueError: []" in messages_of(judgement)


def test_host_s_users_and_logs_are_not_there(arena):
    """/etc/passwd, /etc/shadow, the kernel's log and the machine's memory cannot be read."""
    paths = [
        "/etc/passwd",
        "/etc/shadow",
        "/etc/hostname",
        "/dev/kmsg",
        "/dev/mem",
        "/var/log/dpkg.log",
        "/sys/class/net",
    ]
    judgement = arena.attack(OPEN.format(paths=paths), SYSTEM_CALLS, "print(syscall(103, 3, 0, 0))", RIGHT, worth=RIGHT)
    said = printed(judgement).splitlines()
    assert set(said[:-1]) <= {"refused 2", f"refused {arena.out_of_reach}"}
    assert (len(said), said[-1]) == (len(paths) + 1, "EPERM")
