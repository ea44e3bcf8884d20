"""Kills a command at each of its moments, one after another. No clock is involved: it works on a busy machine, too.

A moment is a call that changes a file or a lock, or the begin or end of learning a piece of the examples. Python's
profiler sees them all, wherever they are made; just before the call is made, the process kills itself.
"""

import contextlib
import gc
import io
import itertools
import os
import shutil
import signal
import sys
import traceback

from indeependence import ContinualClassifier
from indeependence.commands import cli
from indeependence.files.ours import PAGE
from indeependence.report import write

SYSTEM = {  # what opening and closing change is there still at the next of these
    *("posix.write", "posix.fsync", "posix.truncate", "posix.ftruncate", "posix.chmod", "posix.fchmod", "fcntl.flock"),
    *("posix.replace", "posix.rename", "posix.unlink", "posix.remove", "posix.mkdir", "posix.rmdir"),
}
OF_FILES = {"write", "flush", "truncate", "close", "__exit__"}
FILES = io.FileIO, io.BufferedWriter, io.BufferedRandom, io.TextIOWrapper
NAMES, WHOLE = "moments.txt", "whole"


def moment(frame, event, called):
    """Return the name of the moment that an event of the profiler is; None for any other event."""
    if event in ("call", "return"):
        return f"learn {event}" if frame.f_code is ContinualClassifier.learn.__code__ else None
    if event != "c_call":
        return None
    if isinstance(getattr(called, "__self__", None), FILES):
        return f"file.{called.__name__}" if called.__name__ in OF_FILES else None
    name = f"{called.__module__}.{called.__name__}"
    return name if name in SYSTEM else None


def kill_at_each_moment(command, before, into):
    """Run ``command`` in copies of the folder ``before``, and kill it one moment later each time, until it ends.

    Leaves in ``into`` a folder for each kill, by number; the names of the moments, one a line; and the folder of an
    undisturbed run.
    """
    sys.dont_write_bytecode = True
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()), nothing_drawn():
        run(command, shutil.copytree(before, into / WHOLE))  # here: all forks have imported what it needs
        gc.freeze()  # and share it
        for number in itertools.count(1):
            folder = shutil.copytree(before, into / f"{number:03}")
            if not killed(number, command, folder, into / NAMES):
                shutil.rmtree(folder)
                return


def killed(number, command, folder, names):
    """Return whether ``command`` has so many moments: a fork of this process is killed before the last of them."""
    process = os.fork()
    if process == 0:
        try:
            kill_before(number, names)
            run(command, folder)
        except BaseException:
            traceback.print_exc(file=sys.__stderr__)
            os._exit(1)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    if code not in (0, -signal.SIGKILL):
        raise RuntimeError(f"{command} ended with {code}")
    return code != 0


def run(command, folder):
    """Run ``command`` in ``folder``, in this process."""
    os.chdir(folder)
    cli.main(command, standalone_mode=False)


def kill_before(number, names):
    """Have this process killed before its moment of that number, whose name is added to the file ``names``."""
    left = itertools.count(number - 1, -1)

    def watch(frame, event, called):
        name = moment(frame, event, called)
        if name and next(left) == 0:
            with names.open("a") as file:
                file.write(f"{name}\n")
            os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(watch)


@contextlib.contextmanager
def nothing_drawn():
    """Leave the pages of reports empty in a block: to draw them takes most of the time and changes no file."""
    page, write.training_page = write.training_page, lambda _: PAGE.decode()
    try:
        yield
    finally:
        write.training_page = page
