"""Attacks that write: outside the scratch folder, into what was inherited, into the pipe, to the zygote."""

import pytest
from arena import PIPE, QUICK, RIGHT, SYSTEM_CALLS, both_walls, cases, printed


@both_walls
def test_writing_outside_the_scratch_folder_is_refused(arena):
    """No folder but the scratch folder takes a new file."""
    attempt = """
    import os
    written, folders, own = [], 0, os.getcwd()
    for folder, inside, _ in os.walk("/usr/lib" if landlock else "/"):
        if folder.count("/") >= 4:
            inside.clear()
        if (folder + "/").startswith(own + "/"):
            continue
        folders += 1
        try:
            with open(os.path.join(folder, "planted.py"), "w"):
                written.append(folder)
        except OSError:
            pass
    print(written, folders > 100)
    """
    which = f"landlock = {arena.mode == 'landlock'}"  # there the folders above cannot be listed, and have known names
    known = """
    for path in ("/", "/tmp", "/var/tmp", "/dev", "/dev/shm", "/run", "/root", "/home", "/etc", "..", "../.."):
        try:
            open(os.path.join(path, "planted.py"), "w").close()
            print("WRITTEN", path)
        except OSError:
            pass
    """
    judgement = arena.attack(which, attempt, known, RIGHT, worth=RIGHT, cell_seconds=20.0)
    assert printed(judgement) == "[] True\n"


def test_changing_the_interpreter_and_the_libraries_is_refused(arena):
    """What every other student's process will load can be neither changed, replaced, renamed nor removed."""
    attempt = """
    import errno, inside, os, sys
    import numpy
    own = inside.__path__[0]
    before = os.stat(numpy.__file__)
    tries = [
        lambda: open(numpy.__file__, "a"),
        lambda: os.rename(numpy.__file__, numpy.__file__ + ".old"),
        lambda: os.remove(numpy.__file__),
        lambda: os.chmod(numpy.__file__, 0o777),
        lambda: os.utime(numpy.__file__),
        lambda: open(os.path.join(os.path.dirname(numpy.__file__), "evil.pth"), "w"),
        lambda: open(sys.executable, "r+b"),
        lambda: os.truncate(own + "/codec.py", 0),
        lambda: open(own + "/codec.py", "w"),
        lambda: os.symlink("/scratch", own + "/numpy"),
        lambda: os.link(numpy.__file__, "/scratch/numpy.py"),
    ]
    for number, attempt in enumerate(tries):
        try:
            attempt()
            print("CHANGED", number)
        except OSError as error:
            assert error.errno in (errno.EROFS, errno.EACCES, errno.EXDEV, errno.EPERM), error
    after = os.stat(numpy.__file__)
    print("tried", len(tries), (before.st_mode, before.st_mtime_ns) == (after.st_mode, after.st_mtime_ns))
    """
    said = printed(arena.attack(attempt, RIGHT, worth=RIGHT)).splitlines()
    assert said[-1] == "tried 11 True"
    assert said[:-1] == (["CHANGED 3", "CHANGED 4"] if arena.mode == "landlock" else [])  # there mode and time seem to


def test_inherited_descriptors_lead_nowhere(arena):
    """There are three of /dev/null's and the pipe: no file of the host, no socket of the zygote or the reaper."""
    look = """
    import os, stat
    null = os.stat("/dev/null").st_rdev
    for number in range(1024):
        try:
            state = os.fstat(number)
        except OSError:
            continue
        if stat.S_ISCHR(state.st_mode) and state.st_rdev == null:
            print("null")
        else:
            print("pipe" if stat.S_ISSOCK(state.st_mode) else oct(state.st_mode))
    """
    assert printed(arena.attack(look, RIGHT, worth=RIGHT)) == "null\nnull\nnull\npipe\n"


def test_marks_set_on_inherited_descriptors_do_not_stay(arena):
    """Flags and owners of standard input and output are not shared with whoever comes next."""
    leave = """
    import fcntl, os
    for number in range(3):
        fcntl.fcntl(number, fcntl.F_SETFL, os.O_NONBLOCK | os.O_APPEND)
        fcntl.fcntl(number, fcntl.F_SETOWN, os.getpid())
    """
    arena.attack(leave, RIGHT, worth=RIGHT)  # the honest student prints these flags


def test_links_out_of_the_scratch_folder_lead_nowhere(arena):
    """Links to files of the host, made inside, point at nothing; nobody outside follows them."""
    attempt = """
    import os
    for number, target in enumerate(("/etc/passwd", "/root/.bashrc", "/../../etc/shadow", "/proc/1/root/etc/passwd")):
        os.symlink(target, f"/scratch/{number}")
        try:
            print(open(f"/scratch/{number}", "rb").read(10))
        except OSError as error:
            print(error.errno)
    """
    said = printed(arena.attack(attempt, RIGHT, worth=RIGHT)).split()
    assert set(said) <= {"2", str(arena.out_of_reach)}
    assert len(said) == 4


def test_devices_can_neither_be_made_nor_written(arena):
    """No device node can be made, and none of a disk or of memory is there."""
    attempt = (
        SYSTEM_CALLS
        + """
print(syscall(133, b"/scratch/disk", 0o60666, 0x800), syscall(259, -100, b"/scratch/mem", 0o20666, 0x101))
devices = ("sd", "vd", "nvme", "mem", "kmsg", "port", "loop", "fuse")
print([name for name in os.listdir("/dev") if name.startswith(devices)])
print(os.listdir("/dev/shm"))
"""
    )
    if arena.mode == "landlock":
        opened = 'call("open", ("/dev/" + name).encode(), 0) not in ("EACCES", "ENOENT")'
        attempt = attempt.replace('os.listdir("/dev")', '[*devices, "sda", "vda", "loop0", "shm"]')
        attempt = attempt.replace("name.startswith(devices)", opened).replace('os.listdir("/dev/shm")', "[]")
    assert printed(arena.attack(attempt, RIGHT, worth=RIGHT)) == "EPERM EPERM\n[]\n[]\n"


@pytest.mark.parametrize(
    "garbage",
    cases(
        "b'x' * 100_000",
        "b'\\x00' * 8",
        "struct.pack('>I', 0xFFFFFFFF)",
        "struct.pack('>I', 1 << 30) + b'x' * 100",
        "frame(b'\\xc1\\xc1\\xc1')",
        "frame(b'\\xdd\\xff\\xff\\xff\\xff' * 900)",
        "frame(b'\\x91' * 2000)",
        "frame([1, 2, 3])",
        "frame({1: 2})",
        "frame({'output': msgpack.ExtType(5, b'x'), 'more': msgpack.Timestamp(1, 1)})",
        "frame(b'\\x81\\xa4done\\xa2\\xff\\xfe')",
        quick=3,
    ),
    ids=["text", "zeros", "length", "promise", "reserved", "arrays", "deep", "list", "key", "extension", "encoding"],
)
def test_garbage_in_the_pipe_ends_the_attacker_alone(arena, garbage):
    """Bytes that are no message of the protocol cost the one who writes them the cell, and the exercises it defined."""
    spoil = PIPE + f"os.write(pipe(), {garbage})\nimport time\ntime.sleep(2)\n"
    arena.attack(spoil, RIGHT, worth=RIGHT, **QUICK)


@pytest.mark.parametrize(
    "output",
    cases(
        "{'output_type': 'error', 'ename': 'x', 'evalue': 'x', 'traceback': [deep]}",
        "{'output_type': 'error', 'ename': deep, 'evalue': {}, 'traceback': 7}",
        "{'output_type': 'execute_result', 'data': {'text/plain': deep, 'text/html': 5}, 'metadata': deep}",
        "{'output_type': 'display_data', 'data': deep}",
        "{'output_type': ['stream'], 'name': {}, 'text': None}",
        "{'output_type': 'stream', 'name': 'stdout', 'text': b'bytes'}",
        "deep",
        quick=1,
    ),
    ids=["traceback", "name", "data", "display", "type", "bytes", "list"],
)
def test_malformed_outputs_are_left_out(arena, output):
    """An output of any shape, however deeply nested, raises nothing in the judge."""
    send = (
        PIPE + f"deep = 0\nfor _ in range(480):\n    deep = [deep]\nos.write(pipe(), frame({{'output': {output}}}))\n"
    )
    send += "deep = b'\\x81\\xa6output\\x82\\xabo' + b'utput_type\\xa5error\\xa5ename' + b'\\x91' * 1000 + b'\\xc0'\n"
    arena.attack(send + "os.write(pipe(), frame(deep))\n", RIGHT, worth=RIGHT)


def test_pipe_closed_by_the_attacker_ends_the_attacker_alone(arena):
    """A process that closes its end of the pipe has no later answers, and nobody waits for them."""
    arena.attack(RIGHT, PIPE + "os.close(pipe())\n", worth=RIGHT)


@both_walls
def test_descriptors_sent_up_the_pipe_are_not_taken(arena):
    """Descriptors that come with a message are dropped by the kernel, for nobody asked for them."""
    send = (
        PIPE
        + """
import array, socket
with socket.socket(fileno=os.dup(pipe())) as sock:
    for _ in range(20):
        ours = array.array("i", [os.open("/dev/zero", os.O_RDONLY) for _ in range(5)])
        sock.sendmsg([frame({"output": None})], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, ours)])
        for number in ours:
            os.close(number)
print("sent")
"""
    )
    said = printed(arena.attack(send, RIGHT, worth=RIGHT))  # the parent's descriptors are counted
    assert ("sent" in said) == (arena.mode != "landlock")  # there none can be sent


@pytest.mark.parametrize("number", cases("1", "-1", "2", "2**31", "2**64 - 1", "'x'", "None", "1.5", "True", quick=1))
def test_forged_number_of_a_snapshot_lets_nobody_be_killed(arena, number):
    """The judge has a copy killed by the number that the attacker gave; it can only name its own processes."""
    forge = f"import os\nos.fork = lambda: {number}\n"
    arena.attack(forge, RIGHT, worth=arena.without(*arena.full), call_seconds=0.3, exercise_seconds=1.0)
