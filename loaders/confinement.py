"""The walls round a worker: which files it reaches, no network, no other program.

All are set by the process on itself, before anything large is imported (threads would
not inherit them), and none can be taken back. What a host does not allow is left out:
loading goes on, and `python cli.py safeguards` says so.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import struct
import sys
from collections.abc import Callable
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
# What a reader needs besides its own folder: Python, its packages, our code, the system's libraries.
READABLE = (
    *(Path(prefix, lib) for prefix in (sys.base_prefix, sys.prefix) for lib in ("lib", "lib64")),
    *(PROJECT / package for package in ("layers", "loaders")),
    *map(Path, ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache", "/etc/mime.types")),
    *map(Path, ("/usr/share/zoneinfo", "/dev/null", "/dev/urandom")),
)

# Numbers of the kernel's interface, which ctypes cannot look up.
CLONE_NEWUSER, CLONE_NEWNET, CLONE_THREAD = 0x10000000, 0x40000000, 0x00010000
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 1, 38, 22, 2
CREATE_RULESET, RESTRICT_SELF, CAPSET = 444, 446, {"x86_64": 126, "aarch64": 91}
TCP_BIND_AND_CONNECT, ABSTRACT_SOCKETS_AND_SIGNALS = 0b11, 0b11
THREADS = 64

# Calls that no reader makes, by machine: sockets, io_uring (which makes sockets too), other
# programs, other processes, the kernel's own inner doors.
FORBIDDEN_CALLS = {
    "x86_64": (0xC000003E, 56, 435, (41, 53, 42, 59, 322, 57, 58, 101, 310, 311, 425, 321, 298, 248, 250, 165, 323)),
    "aarch64": (0xC00000B7, 220, 435, (198, 199, 203, 221, 281, 117, 270, 271, 425, 280, 241, 217, 219, 40, 282)),
}


def confine(folder: Path, without: frozenset[str] = frozenset()) -> dict[str, str]:
    """Wall this process in, for good.

    Parameters
    ----------
    folder : Path
        The only folder in which it may write.
    without : frozenset of str
        For the hostile set alone: walls left out, to show that another one holds.

    Returns
    -------
    dict of str to str
        Each wall, and why it does not stand; empty where it does.
    """
    walls: dict[str, Callable[[], None]] = {
        "own network": _leave_the_network,
        "no new privileges": lambda: _prctl(PR_SET_NO_NEW_PRIVS, 1),
        "Landlock": lambda: _landlock_files(folder),
        "Landlock network": _landlock_network,
        "no capabilities": _drop_capabilities,
        "system calls": _forbid_calls,
        "ends with its parent": lambda: _prctl(PR_SET_PDEATHSIG, signal.SIGKILL),
    }
    reasons = {}
    for name, build in walls.items():
        reasons[name] = "switched off" if name in without else _tried(build)
    return reasons


def _tried(build: Callable[[], None]) -> str:
    try:
        build()
    except Exception as error:  # a wall that a host does not know may fail in any way
        return str(error) or type(error).__name__
    return ""


def _libc() -> ctypes.CDLL:
    ctypes.set_errno(0)
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def _prctl(option: int, *values: int) -> None:
    padded = [ctypes.c_ulong(v) for v in (*values, 0, 0, 0, 0)[:4]]
    _checked(_libc().prctl(option, *padded))


def _leave_the_network() -> None:
    """An empty network namespace, in a user namespace of its own where one may be had."""
    libc = _libc()
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0:
        # Counted within the new namespace: the user's other processes do not add to it.
        resource.setrlimit(resource.RLIMIT_NPROC, (THREADS, THREADS))
    else:
        _checked(libc.unshare(CLONE_NEWNET))


def _landlock_files(folder: Path) -> None:
    """Read our code and the system's libraries, write in one folder, execute nothing."""
    import landlock

    ctypes.set_errno(0)
    right = landlock.FSAccess
    look = right.READ_FILE | right.READ_DIR
    write = right.WRITE_FILE | right.MAKE_REG | right.MAKE_DIR | right.REMOVE_FILE | right.REMOVE_DIR
    if landlock.landlock_abi_version() >= 3:
        write |= right.TRUNCATE
    rules = landlock.Ruleset()
    rules.allow(folder, rules=look | write)
    for path in READABLE:
        if path.is_dir():
            rules.allow(path, rules=look)
        elif path.exists():
            rules.allow(path, rules=right.READ_FILE)
    rules.apply()


def _landlock_network() -> None:
    """No TCP, and from ABI 6 on no abstract sockets and no signals to others; the package knows files only."""
    libc = _libc()
    version = _checked(libc.syscall(CREATE_RULESET, None, 0, 1))
    if version < 4:
        raise OSError(f"the kernel's Landlock is of version {version}; the network needs 4")
    scope = ABSTRACT_SOCKETS_AND_SIGNALS if version >= 6 else 0
    attributes = (ctypes.c_uint64 * 3)(0, TCP_BIND_AND_CONNECT, scope)
    size = 24 if version >= 6 else 16
    rules = _checked(libc.syscall(CREATE_RULESET, attributes, ctypes.c_size_t(size), 0))
    try:
        _prctl(PR_SET_NO_NEW_PRIVS, 1)
        _checked(libc.syscall(RESTRICT_SELF, rules, 0))
    finally:
        os.close(rules)


def _drop_capabilities() -> None:
    """None of root's powers, nor those that a user namespace gives."""
    version_3 = struct.pack("=Ii", 0x20080522, 0)
    _checked(_libc().syscall(CAPSET[platform.machine()], version_3, bytes(24)))


def _forbid_calls() -> None:
    """A seccomp filter: calls that no reader makes fail, other processes cannot be made."""
    machine, clone, clone3, calls = FORBIDDEN_CALLS[platform.machine()]
    denied, unknown, allowed, killed = 0x00050001, 0x00050026, 0x7FFF0000, 0x80000000
    load, equal, any_bit, greater, give = 0x20, 0x15, 0x45, 0x35, 0x06
    program = [
        (load, 0, 0, 4),  # the machine: a call of another one has other numbers
        (equal, 1, 0, machine),
        (give, 0, 0, killed),
        (load, 0, 0, 0),  # the number of the call
        (greater, 0, 1, 0x40000000),  # the x32 numbers of x86_64
        (give, 0, 0, denied),
    ]
    for call in calls:
        program += [(equal, 0, 1, call), (give, 0, 0, denied)]
    program += [
        (equal, 0, 1, clone3),  # its flags lie in memory: say that it does not exist, and clone is used
        (give, 0, 0, unknown),
        (equal, 0, 3, clone),
        (load, 0, 0, 16),
        (any_bit, 1, 0, CLONE_THREAD),
        (give, 0, 0, denied),
        (give, 0, 0, allowed),
    ]
    code = b"".join(struct.pack("=HBBI", *line) for line in program)
    held = ctypes.create_string_buffer(code, len(code))
    described = struct.pack("@HP", len(program), ctypes.addressof(held))
    buffer = ctypes.create_string_buffer(described, len(described))
    _prctl(PR_SET_NO_NEW_PRIVS, 1)
    _prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(buffer))
