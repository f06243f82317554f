"""The system calls of student code as data: those that it may make, those that only seem to work, those refused.

What stands in none of these lists, every call that a later kernel adds included, does not exist for student code
(ENOSYS): a program that can do without a call then does. Names are the kernel's; those of other processors are ignored.
"""

import socket

# Nothing here changes, or tells, anything that outlives the submission or that another one has in common with it, but
# for what docs/security.md lists as not defended.
ALLOWED = (
    # files, by descriptor and by name: all that can be written to is the submission's own scratch folder
    *("read", "write", "readv", "writev", "pread64", "pwrite64", "preadv", "pwritev", "lseek", "close"),
    *("open", "openat", "creat", "dup", "dup2", "dup3", "pipe", "pipe2", "close_range", "ftruncate", "truncate"),
    *("fallocate", "sendfile", "splice", "tee", "copy_file_range"),
    *("stat", "fstat", "lstat", "newfstatat", "statx", "access"),
    *("faccessat", "faccessat2", "readlink", "readlinkat", "getdents", "getdents64", "getcwd", "chdir", "fchdir"),
    *("statfs", "fstatfs", "mkdir", "mkdirat", "rmdir", "rename", "renameat", "renameat2"),
    *("link", "linkat", "unlink", "unlinkat", "symlink", "symlinkat", "umask", "chmod", "fchmod", "fchmodat"),
    *("setxattr", "lsetxattr", "fsetxattr", "getxattr", "lgetxattr", "fgetxattr", "listxattr", "llistxattr"),
    *("flistxattr",),
    *("removexattr", "lremovexattr", "fremovexattr"),
    # waiting for descriptors, and pairs of local sockets
    *("select", "pselect6", "poll", "ppoll", "epoll_create", "epoll_create1", "epoll_ctl", "epoll_wait"),
    *("epoll_pwait", "epoll_pwait2", "eventfd", "eventfd2", "signalfd", "signalfd4", "timerfd_create"),
    *("timerfd_settime", "timerfd_gettime", "sendto", "recvfrom", "sendmsg", "recvmsg", "sendmmsg", "recvmmsg"),
    *("shutdown", "getsockname", "getpeername", "getsockopt", "setsockopt"),
    # memory of its own
    *("brk", "munmap", "mprotect", "mremap", "pkey_alloc", "pkey_free", "pkey_mprotect", "membarrier"),
    # processes and threads of its own: it sees no others
    *("fork", "vfork", "execve", "execveat", "exit", "exit_group", "wait4", "waitid", "kill", "tkill"),
    *("tgkill", "pidfd_open", "pidfd_send_signal", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "set_tid_address"),
    *("set_robust_list", "get_robust_list", "rseq", "arch_prctl", "set_thread_area", "get_thread_area"),
    *("sched_yield", "sched_getaffinity", "sched_setaffinity", "sched_getparam", "sched_setparam", "sched_getattr"),
    *("sched_setattr", "sched_getscheduler", "sched_setscheduler", "sched_get_priority_max", "sched_get_priority_min"),
    *("sched_rr_get_interval", "getpriority", "setpriority", "ioprio_get", "ioprio_set", "getcpu"),
    *("getrlimit", "setrlimit", "prlimit64", "getrusage", "times"),
    # signals and time
    *("rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigpending", "rt_sigsuspend", "rt_sigtimedwait"),
    *("sigaltstack", "restart_syscall", "pause", "alarm", "getitimer", "setitimer", "nanosleep"),
    *("clock_nanosleep", "clock_gettime", "clock_getres", "gettimeofday", "time", "timer_create", "timer_settime"),
    *("timer_gettime", "timer_getoverrun", "timer_delete"),
    # who and where it is: it has no rights to change that with, and what starts inside the wall gives up the rest
    *("getpid", "getppid", "gettid", "getpgid", "setpgid", "getpgrp", "getsid", "setsid", "getuid", "geteuid"),
    *("getgid", "getegid", "getresuid", "getresgid", "getgroups", "setuid", "setgid", "setreuid", "setregid"),
    *("setresuid", "setresgid", "setgroups", "setfsuid", "setfsgid", "capget", "capset", "uname", "sysinfo"),
    *("getrandom",),
    # NUMA: what libraries ask for when they are loaded
    *("get_mempolicy", "set_mempolicy", "mbind"),
)

# These return 0 and do nothing. Locks are seen by whoever has the same file, and hints about the page cache reach the
# next submission, but honest libraries (sqlite3, IPython, tempfile) stop where they are refused.
PRETENDED = (
    *("flock", "fadvise64", "readahead"),
    # The scratch folder lies in memory: there is nothing to wait for, and the host's disks are not to be kept busy.
    *("sync", "syncfs", "fsync", "fdatasync", "sync_file_range", "msync"),
)

# These change the times of a file; `chown` does so even where it changes nothing else. Behind the nested wall all that
# is not the submission's own is mounted read-only. Bubblewrap cannot mount a device so, and devices are the host's:
# behind the single wall these calls are pretended.
TIMES = ("utime", "utimes", "futimesat", "utimensat", "chown", "fchown", "lchown", "fchownat")

# Refused with EPERM, as if by a machine that does not allow them.
REFUSED = (
    # namespaces and mounts
    *("unshare", "setns", "mount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "mount_setattr"),
    *("fsopen", "fsmount", "fsconfig", "fspick", "mknod", "mknodat"),
    # other processes, and the kernel's own insides
    *("ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_getfd", "process_madvise", "migrate_pages"),
    *("bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register"),
    *("add_key", "request_key", "keyctl", "personality", "syslog", "kexec_load", "init_module", "finit_module"),
    *("delete_module", "reboot", "swapon", "swapoff", "acct", "quotactl", "settimeofday", "clock_settime", "adjtimex"),
    *("open_by_handle_at", "name_to_handle_at", "lookup_dcookie", "vhangup", "iopl", "ioperm", "modify_ldt", "seccomp"),
    *("sethostname", "setdomainname"),
    # what others do with a file: the interpreter's are the same for all submissions
    *("inotify_init", "inotify_init1", "inotify_add_watch", "inotify_rm_watch", "fanotify_init", "fanotify_mark"),
    # which pages of a file are in memory, which another submission may have read
    *("mincore", "cachestat", "move_pages"),
    # memory that no limit of a process counts
    *("memfd_create", "memfd_secret", "shmget", "shmat", "msgget", "semget", "mq_open", "mlock", "mlock2", "mlockall"),
    *("vmsplice", "io_setup"),
)

# The network, with `socket`: of every family; pairs of connected local sockets, which asyncio needs, are another call,
# and are not to be connected anew: all submissions of a worker have one space of names for local sockets. A real kernel
# has a wall of its own, and listens on the loopback there, where nothing else is: it may have such sockets alone, since
# local ones have names in the file system, and some other families are the host's.
CONNECTING = ("bind", "connect", "listen", "accept", "accept4")
LOOPBACK = (socket.AF_INET, socket.SOCK_STREAM)
INTERFACES = socket.AF_NETLINK

# Calls that depend on one of their arguments: the call, which argument (from 0), and its values. Of a number the kernel
# reads the lower 32 bits only, so a rule must not look at the others either.
ALLOWED_VALUES: dict[str, tuple[int, tuple[int, ...]]] = {
    # descriptors and their flags, the questions about locks and owners; no leases, watches, owners or hints
    "fcntl": (1, (0, 1, 2, 3, 4, 5, 9, 11, 36, 1030, 1032, 1033, 1034)),
    # terminals (`!` in a cell starts one), and what every descriptor has; no file systems, devices or network
    "ioctl": (
        1,
        (
            *range(0x5401, 0x5409),  # TCGETS to TCSETAF
            *(0x5409, 0x540A, 0x540B, 0x540E, 0x540F, 0x5410, 0x5411, 0x5413, 0x5414, 0x541B, 0x5420, 0x5421, 0x5422),
            *(0x5425, 0x5429, 0x5441, 0x5450, 0x5451, 0x5452),  # TCSBRKP, TIOCGSID, TIOCGPTPEER, FIONCLEX, FIOCLEX
            *(0x802C542A, 0x402C542B, 0x402C542C, 0x402C542D, 0x80045430, 0x40045431, 0x80045438, 0x80045439),
        ),
    ),
    # names and rights of itself: what setpriv, Python and the C library use
    "prctl": (0, (1, 2, 3, 4, 7, 8, 15, 16, 21, 22, 23, 24, 27, 28, 29, 30, 36, 37, 38, 39, 40, 41, 42, 47)),
    # its own memory; what reads pages of files ahead, or evicts them, stands below
    "madvise": (2, (0, 1, 2, 4, 8, 10, 11, 14, 15, 16, 17, 18, 19)),
    "preadv2": (5, (0,)),  # RWF_NOWAIT tells whether a page is in memory
    "pwritev2": (5, (0,)),
}
PRETENDED_VALUES: dict[str, tuple[int, tuple[int, ...]]] = {
    "fcntl": (1, (6, 7, 37, 38, 1031)),  # F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW, F_SETPIPE_SZ
    "madvise": (2, (3, 12, 13, 20, 21, 22, 23, 25)),  # WILLNEED, MERGEABLE, COLD, PAGEOUT, POPULATE, COLLAPSE
}

# Connected pairs without a name. Of a pair of datagram sockets either could send to any name there is.
SOCKET_FAMILY = socket.AF_UNIX
SOCKET_TYPES = (socket.SOCK_STREAM, socket.SOCK_SEQPACKET)
SOCKET_TYPE_MASK = 0xF  # the rest are flags

CLONE_NAMESPACES = (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000, 0x80)
# MAP_LOCKED and MAP_HUGETLB: memory that no limit of a process counts, and that all have in common.
MMAP_REFUSED = 0x2000 | 0x40000

# A futex in a file's page is one for all who have that file; private ones are a process's own. The C library waits for
# the end of a thread by the first two operations below; only the kernel may wake it.
FUTEX_PRIVATE = 0x80
FUTEX_CLOCK = 0x100
FUTEX_WAITS = (0, 9)
