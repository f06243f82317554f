"""Attacks that break out: of the user, the namespaces and the filter of system calls."""

import os

import pytest
from arena import RIGHT, SYSTEM_CALLS, both_walls, descendants, outputs_of, printed
from processes import status_of

from autograder.sandbox.session import Session, Setup

CAPABILITIES = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")


def test_host_sees_nobody_as_root_and_nothing_to_gain(arena):
    """To the host, student code is its wall's unprivileged user, without capabilities or a way to them, filtered."""
    with Session(arena.sandbox, arena.assignment.limits, Setup()) as session:
        session.prepare()
        session.snapshot()
        # A container filters all that is in it, and allows most of it new privileges; bwrap builds the single wall.
        found = [status_of(pid) for pid in descendants(os.getpid())]
        walled = [one for one in found if (one["Seccomp"], one["NoNewPrivs"]) == ("2", "1") and one["Name"] != "bwrap"]
        users = [{int(uid) for uid in status["Uid"].split()} for status in walled]
        confined = [found for found in users if found <= set(arena.uids)]
        assert len(confined) >= 2 + (arena.mode != "landlock")  # the process that runs the cells, its copy; the reaper
        assert os.getuid() != 0 or not any(0 in found for found in users)  # others here have walls of their own
        for status in walled:
            assert {int(status[name], 16) for name in CAPABILITIES} == {0}
            assert status["NoNewPrivs"] == "1"
        assert 0 not in arena.uids
        assert os.getuid() == 0 or set(arena.uids) == {os.getuid()}
    arena.look()


def test_becoming_another_user_is_refused(arena):
    """Neither system calls nor setuid programs make the process root or anybody else."""
    attempt = (
        SYSTEM_CALLS
        + """
import glob, stat, subprocess
for name, arguments in (("setuid", (0,)), ("setgid", (0,)), ("setresuid", (0, 0, 0)), ("setreuid", (0, 0)),
                        ("setgroups", (1, (ctypes.c_int * 1)(0)))):
    print(call(name, *arguments) in ("EPERM", "EINVAL"))
print(call("prctl", 39, 0, 0, 0, 0), call("prctl", 21, 0, 0, 0, 0))  # no new privileges, the filter's mode
print({call("prctl", 23, number, 0, 0, 0) for number in range(41)})  # the bounding set
print(bool(os.statvfs("/usr/bin").f_flag & os.ST_NOSUID), bool(os.statvfs("/scratch").f_flag & os.ST_NOSUID))
uids = set()
for path in glob.glob("/usr/bin/*"):
    try:
        if os.stat(path).st_mode & (stat.S_ISUID | stat.S_ISGID):
            child = subprocess.Popen([path, "--help"], stdin=0, stdout=1, stderr=1)
            uids |= {os.stat(path).st_uid} & {os.getuid()}
            child.wait()
    except OSError:
        pass
print(uids, os.getresuid() == (os.getuid(),) * 3, os.getgroups())
with open("/scratch/id", "wb") as file:
    file.write(open("/usr/bin/id", "rb").read())
os.chmod("/scratch/id", 0o6755)
try:
    print(subprocess.run(["/scratch/id", "-u"], capture_output=True).stdout.decode().strip() == str(os.getuid()))
except PermissionError:  # behind Landlock the mode only seems to change
    print(True)
"""
    )
    lines = printed(arena.attack(attempt, RIGHT, worth=RIGHT)).splitlines()
    assert lines[:5] == ["True"] * 5
    mounted = "False False" if arena.mode == "landlock" else "True True"  # there no_new_privs alone does it
    assert lines[5:9] == ["1 2", "{0}", mounted, "set() True []" if os.getuid() == 0 else lines[8]]
    assert lines[9] == "True"


@both_walls
def test_mounting_and_unmounting_are_refused(arena):
    """Nothing can be mounted, nor taken away from over what it covers."""
    attempt = (
        SYSTEM_CALLS
        + """
os.makedirs("/scratch/m")
print(call("mount", b"none", b"/scratch/m", b"tmpfs", 0, None), call("mount", b"proc", b"/proc", b"proc", 0, None))
print(call("mount", b"/usr", b"/scratch/m", None, 4096, None), call("mount", None, b"/", None, 32, None))
print(call("umount2", b"/proc", 2), call("umount2", b"/scratch", 2), call("umount2", b"/sandbox/inside", 2))
print(syscall(155, b"/scratch", b"/scratch/m"), syscall(161, b"/scratch"))  # pivot_root, chroot
print(syscall(428, -100, b"/", 1), syscall(430, b"tmpfs", 0), syscall(442, -100, b"/", 0, 0, 0))
print(call("open", b"/proc", 0) == "EACCES" or os.listdir("/proc"))
"""
    )
    expected = "EPERM EPERM\nEPERM EPERM\nEPERM EPERM EPERM\nEPERM EPERM\nEPERM EPERM EPERM\n"
    expected += "True\n" if arena.mode == "landlock" else "[]\n"
    assert printed(arena.attack(attempt, RIGHT, worth=RIGHT)) == expected


@both_walls
def test_new_namespaces_are_refused(arena):
    """No namespace of any kind can be made or entered: with one come capabilities."""
    attempt = (
        SYSTEM_CALLS
        + """
import subprocess
flags = (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000, 0x80)
print({syscall(272, flag) for flag in flags}, {syscall(56, flag | 17, 0, 0, 0, 0) for flag in flags})
print(syscall(435, ctypes.create_string_buffer(88), 88), syscall(308, 0, 0))  # clone3, setns
print(subprocess.run(["unshare", "-Ur", "id", "-u"], capture_output=True, text=True).stdout)
"""
    )
    assert printed(arena.attack(attempt, RIGHT, worth=RIGHT)) == "{'EPERM'} {'EPERM'}\nENOSYS EPERM\n\n"


def test_sockets_of_every_family_are_refused(arena):
    """There is no socket of any family; only pairs of connected local ones, which asyncio needs."""
    attempt = (
        SYSTEM_CALLS
        + """
import asyncio, socket
kinds = (1, 2, 3, 5)
print({call("socket", family, kind, 0) for family in range(64) for kind in kinds})
pair = (ctypes.c_int * 2)()
print({call("socketpair", family, kind, 0, pair) for family in range(64) if family != 1 for kind in kinds})
try:
    socket.create_connection(("127.0.0.1", 22), timeout=1)
except OSError as error:
    print("refused", error.errno)
print(await asyncio.sleep(0, "asyncio works"))
"""
    )
    expected = "{'EPERM'}\n{'EPERM'}\nrefused -3\nasyncio works\n"
    assert printed(arena.attack(attempt, RIGHT, worth=RIGHT)) == expected


def test_kernel_s_own_doors_are_refused(arena):
    """bpf, keys, io_uring, userfaultfd, perf, modules, file handles and the like: EPERM, or not there at all."""
    calls = {
        "bpf": 321,
        "add_key": 248,
        "keyctl": 250,
        "io_uring_setup": 425,
        "userfaultfd": 323,
        "perf_event_open": 298,
        "init_module": 175,
        "finit_module": 313,
        "kexec_load": 246,
        "open_by_handle_at": 304,
        "name_to_handle_at": 303,
        "fanotify_init": 300,
        "personality": 135,
        "modify_ldt": 154,
        "iopl": 172,
        "reboot": 169,
        "swapon": 167,
        "quotactl": 179,
        "settimeofday": 164,
        "clock_settime": 227,
        "sethostname": 170,
    }
    attempt = SYSTEM_CALLS + f"print({{name: syscall(n, 1, 0, 0, 0, 0) for name, n in {calls}.items()}})\n"
    judgement = arena.attack(attempt, RIGHT, worth=RIGHT)
    assert printed(judgement) == f"{dict.fromkeys(calls, 'EPERM')}\n"


@pytest.mark.parametrize("trick", ["int 0x80", "x32"])
def test_system_calls_of_other_kinds_end_the_process(arena, trick):
    """The filter is not passed by 32-bit calls, whose numbers mean something else."""
    if os.uname().machine != "x86_64":
        pytest.skip("these ways in are x86's")
    # push rbx; mov eax, 20 (getpid); int 0x80; pop rbx; ret
    machine_code = r"b'\x53\xb8\x14\x00\x00\x00\xcd\x80\x5b\xc3'"
    attack = (
        SYSTEM_CALLS
        + f"""
import mmap
page = mmap.mmap(-1, 4096, prot=7)
page.write({machine_code})
enter = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
print("PASSED", {"enter()" if trick == "int 0x80" else "syscall(0x40000000 | 39)"})
"""
    )
    judgement = arena.attack(RIGHT, attack, worth=RIGHT)
    assert "PASSED" not in outputs_of(judgement)


def test_filter_cannot_be_taken_off(arena):
    """Further filters only add; the mode and the flag that nothing is gained by a program stay as they are."""
    attempt = (
        SYSTEM_CALLS
        + """
print(call("prctl", 22, 0, 0, 0, 0), call("prctl", 38, 0, 0, 0, 0), call("prctl", 47, 2, 21, 0, 0))
allow = ctypes.create_string_buffer(bytes.fromhex("060000000000ff7f"))
program = ctypes.create_string_buffer(16)
ctypes.memmove(program, (ctypes.c_ushort * 1)(1), 2)
ctypes.memmove(ctypes.addressof(program) + 8, (ctypes.c_void_p * 1)(ctypes.addressof(allow)), 8)
print(call("prctl", 22, 2, program, 0, 0), syscall(41, 2, 1, 0))
"""
    )
    assert printed(arena.attack(attempt, RIGHT, worth=RIGHT)) == "EINVAL EINVAL EPERM\n0 EPERM\n"
