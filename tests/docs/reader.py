"""Run a page of the documents as a reader would: its blocks one after another, in one folder, with their output."""

import contextlib
import io
import re
import shlex
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner
from threadpoolctl import threadpool_limits

from indeependence.commands import cli
from tests import ROOT

BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
PLAIN = ("mkdir ", "cp ", "mv ", "ls", "cat ", "rm ")  # run by a shell, as they are
ELSEWHERE = (  # what a test cannot or should not do
    *("sudo ", "pip ", "python3 -m venv", ". .venv", "make ", "git ", "dask ", "tensorboard "),
    *("cd ", "docker ", "curl -F ", "curl -H ", "openssl ", "export ", "python benchmarks/"),
)
DOWNLOADED = ("mnist", "fashion-mnist", "cifar10", "cifar100")
PASSING = re.compile(r"time|memory|seconds|bytes|size of|drift|layer |running error")  # lines whose numbers change
DURATION = re.compile(r"\d+ h \d+ min|\d+ min \d+ s|\d+(\.\d+)? s\b")  # its units depend on how fast the machine is
NUMBER = re.compile(r"-?\d[\d,]*\.?\d*")
HASH = re.compile(r"\b[0-9a-f]{16,64}\b")


@dataclass(frozen=True)
class Block:
    """A block of a page, with its language."""

    language: str
    text: str


def blocks_of(markdown):
    """Return the fenced blocks of a page, in order, without their indentation."""
    return [
        Block(language, re.sub(rf"^{indent}", "", text, flags=re.MULTILINE))
        for indent, language, text in BLOCK.findall(markdown)
    ]


def lines_of(block):
    """Return the lines of a shell block that have a command; a backslash joins lines."""
    joined = block.text.replace("\\\n", " ")
    return [line for line in joined.splitlines() if shlex.split(line, comments=True)]


def words_of(line):
    """Return the words of a command of the project, without `python cli.py`; None for any other line."""
    words = shlex.split(line, comments=True)
    if words[:2] == ["python", "cli.py"]:
        return words[2:]
    return words[1:] if words[0] == "indeependence" else None


class Reader:
    """A reader who does what a page says, block by block, in the current folder."""

    def __init__(self, stand_in: Path | str):
        self.stand_in = stand_in  # data for names that would be downloaded
        self.names = {"__name__": "__main__"}
        self.printed = ""  # by the last block that ran
        self.servers: list[subprocess.Popen] = []  # that the page has started
        self.port = "8000"  # of the last one, in place of the port that pages name

    def read(self, block):
        """Run a block and keep what it prints."""
        if block.language == "python":
            text = block.text.replace("127.0.0.1:8000", f"127.0.0.1:{self.port}")
            with contextlib.redirect_stdout(io.StringIO()) as out:
                exec(compile(text, "page", "exec"), self.names)
            self.printed = out.getvalue()
        elif block.language in ("sh", "bash"):
            self.printed = "".join(map(self.run, lines_of(block)))

    def run(self, line):
        """Run a line of a shell block and return what it prints."""
        words = ["evaluate"] if line.startswith("make demo") else words_of(line)  # all that it does once installed
        if words is None:
            assert line.startswith((*PLAIN, *ELSEWHERE)), f"how is this tested? {line}"
            if line.startswith(PLAIN):
                subprocess.run(line, shell=True, check=True, stdout=subprocess.DEVNULL)
            return ""
        check_options(words)
        if "--scheduler" in words:
            return ""
        if words[0] == "serve":
            return self.serve(words)
        if words[0] == "rollback":
            self.close()  # as the page says
        words = [str(self.stand_in) if word in DOWNLOADED else word for word in words]
        with threadpool_limits(1):  # small products: several threads would mostly wait for each other
            result = CliRunner().invoke(cli, words, catch_exceptions=False)
        assert result.exit_code == 0 and result.output, line
        return result.stdout

    def serve(self, words):
        """Start a server, in the place of one that the page started before, and return what it prints first."""
        self.close()
        command = [sys.executable, str(ROOT / "cli.py"), *words, "--port", "0"]
        self.servers.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        lines = [self.servers[-1].stdout.readline() for _ in range(2)]
        self.port = lines[0].strip().rpartition(":")[2]
        return "".join(lines).replace(f":{self.port}", ":8000")

    def close(self):
        """End the servers as Ctrl-C does."""
        for server in self.servers:
            server.send_signal(signal.SIGINT)
            server.wait()
            server.stdout.close()
        self.servers.clear()


def check_options(words):
    """Assert that every option that a page shows exists."""
    command, words = cli, list(words)
    while hasattr(command, "commands") and words and not words[0].startswith("-"):
        command = command.commands[words.pop(0)]
    known = {spelling for option in command.params for spelling in (*option.opts, *option.secondary_opts)}
    assert {word for word in words if word.startswith("--")} <= known | {"--help"}, words


def compare(shown, printed):
    """Assert that the text of a page is what was printed: the same words and, but for rounding, the same numbers.

    A line of `…` stands for any lines. Durations, sizes and the like may differ.
    """
    rest = [line.rstrip() for line in printed.splitlines()]
    skipping = False
    for line in (line.rstrip() for line in shown.splitlines()):
        if line == "…":
            skipping = True
            continue
        place = next((i for i, other in enumerate(rest) if alike(line, other)), None)
        assert place is not None and (skipping or place == 0), f"{line!r} is not what was printed: {rest[:3]}"
        rest, skipping = rest[place + 1 :], False
    assert skipping or not any(rest), f"printed in addition: {rest[:3]}"


def alike(line, other):
    """Return whether two lines have the same words and nearly the same numbers; durations may be any."""
    line, other = DURATION.sub("0 s", line), DURATION.sub("0 s", other)
    if (
        HASH.sub("#", NUMBER.sub("0", HASH.sub("#", line))).split()
        != HASH.sub("#", NUMBER.sub("0", HASH.sub("#", other))).split()
    ):
        return bool(PASSING.search(line)) and line.split()[:2] == other.split()[:2]
    if PASSING.search(line):
        return True
    pairs = zip(NUMBER.findall(HASH.sub("#", line)), NUMBER.findall(HASH.sub("#", other)), strict=True)
    return all(near(float(one.replace(",", "")), float(two.replace(",", ""))) for one, two in pairs)


def near(one, two):
    """Return whether two numbers differ by 3 % at most; counts and labels below 20 not at all."""
    return one == two if one == int(one) and two == int(two) and abs(one) < 20 else abs(one - two) <= 0.03 * abs(one)
