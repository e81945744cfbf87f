"""`python leash.py USER PROGRAM ARGUMENTS...`: becomes that program, as that account; ends with its starter.

Even a test run that is killed outright leaves no server behind. On Linux only; elsewhere it just becomes
the program. USER is a number, or - for the account it already has. The leash holds to the *thread* that
started it.
"""

import ctypes
import os
import pwd
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(user: str, program: str, *arguments: str) -> None:
    if user != "-":
        become(int(user))
    if sys.platform == "linux":  # after the change of account, which would undo it
        tie(signal.SIGINT)
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell's background job would ignore it, and stay for ever
    os.execv(program, [program, *arguments])  # noqa: S606 - becoming the program is what this is for


def tie(sign: signal.Signals) -> None:
    """From here on this process gets that signal when the thread that started it ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(sign), 0, 0, 0)


def become(user: int) -> None:
    os.setgroups([])
    os.setgid(pwd.getpwuid(user).pw_gid)
    os.setuid(user)


if __name__ == "__main__":
    main(*sys.argv[1:])
