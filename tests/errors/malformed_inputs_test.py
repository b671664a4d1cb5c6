#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Malformed inputs: each is refused with exit code 2, nothing on standard output, one message that
names what is wrong and where, within seconds and bounded memory, and without leaving a file.

Usage: malformed_inputs_test.py PROGRAM [CASE...]
"""

import dataclasses
import os
import re
import resource
import select
import shlex
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import config_cases
import network_cases
import onnx_cases
import usage_cases
from malformed_case import CHIP, NETWORK, POLICY, SWEEP

SECONDS_OF_PROCESSOR = 5.0
SECONDS_UNTIL_STOPPED = 60.0
MEMORY_LIMIT_BYTES = 500 * 10**6
ADDRESS_SPACE_BYTES = 2 * 2**30
LONGEST_LINE = 1500  # the list of known operators takes most of one

BEGINNING = "pimento: error: "
FORBIDDEN = re.compile(r"terminate called|internal error|traceback|assert|sanitizer|bad_alloc|"
                       r"std::|yaml-cpp|\bcore dumped|what\(\)|[\x00-\x08\x0b-\x1f\x7f]",
                       re.IGNORECASE)
PROGRESS = re.compile(r"^(compare|sweep) .*: \d+ of \d+ \(\d+ %\).*\n", re.MULTILINE)
OUT_COMMANDS = ("run", "compare", "sweep")


@dataclasses.dataclass(frozen=True)
class Ending:
    """How a run of the program ended; `code` is None when it had to be stopped."""

    code: int
    output: str
    message: str
    seconds: float = 0.0
    peak_bytes: int = 0


class Program:
    """The program under test, run within limits."""

    def __init__(self, path):
        self.path = os.path.abspath(path)
        # Sanitizers reserve address space, keep memory that was given back, and are slow.
        self.is_sanitized = b"__asan_init" in Path(path).read_bytes()

    def limit(self):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if not self.is_sanitized:
            resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_BYTES, ADDRESS_SPACE_BYTES))

    def run(self, words, folder):
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            process = subprocess.Popen([self.path, *words], cwd=folder, stdin=subprocess.DEVNULL,
                                       stdout=out, stderr=err, preexec_fn=self.limit,
                                       start_new_session=True)
            watch = os.pidfd_open(process.pid)
            ended = select.select([watch], [], [], SECONDS_UNTIL_STOPPED)[0]
            os.close(watch)
            if not ended:
                os.killpg(process.pid, signal.SIGKILL)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            for file in (out, err):
                file.seek(0)
            return Ending(process.returncode if ended else None,
                          out.read().decode(errors="backslashreplace"),
                          err.read().decode(errors="backslashreplace"),
                          usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def make_files(files, folder):
    for name, content in files.items():
        path = folder / name
        if callable(content):
            content(path)
        else:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())


def message_problems(message, case):
    message = PROGRESS.sub("", message)
    lines = message.rstrip("\n").split("\n")
    found = []
    if not message.startswith(BEGINNING) or message.count("pimento: ") != 1:
        found.append(f"expected one message that begins with {BEGINNING!r}")
    if len(lines) != case.lines:
        found.append(f"expected {case.lines} lines, found {len(lines)}")
    if max(map(len, lines)) > LONGEST_LINE:
        found.append(f"a line is longer than {LONGEST_LINE} characters")
    found += [f"the message does not hold {part!r}" for part in case.expects
              if part not in message]
    if forbidden := FORBIDDEN.search(message):
        found.append(f"the message holds {forbidden[0]!r}")
    return found


def listing(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def command_of(case):
    """With a folder for results, where the command takes one."""
    words = list(case.command)
    if words and words[0] in OUT_COMMANDS and "--out" not in words:
        words[1:1] = ["--out", "results"]
    return words


def case_problems(program, case):
    with tempfile.TemporaryDirectory(prefix="pimento_malformed_") as name:
        folder = Path(name)
        make_files(case.files, folder)
        before = listing(folder)
        ending = program.run(command_of(case), folder)
        left = sorted(set(listing(folder)) - set(before))
    if ending.code is None:
        return [f"still running after {SECONDS_UNTIL_STOPPED} s"], ending
    found = message_problems(ending.message, case)
    if ending.code != 2:
        found.append(f"exit code {ending.code}, expected 2")
    if ending.output:
        found.append(f"standard output holds {ending.output[:200]!r}, expected nothing")
    if left:
        found.append(f"files were left: {left}")
    if not program.is_sanitized:
        if ending.seconds > SECONDS_OF_PROCESSOR:
            found.append(f"took {ending.seconds:.1f} s of processor time")
        if ending.peak_bytes > MEMORY_LIMIT_BYTES:
            found.append(f"took {ending.peak_bytes / 1e6:.0f} MB")
    return found, ending


def template_problems(program):
    """What the cases are made from must be taken, or they are refused for another reason."""
    files = {"tiny.yaml": NETWORK, "policy.yaml": POLICY, "chip.yaml": CHIP, "sweep.yaml": SWEEP,
             "tiny.onnx": onnx_cases.model_bytes()}
    with tempfile.TemporaryDirectory(prefix="pimento_malformed_") as name:
        folder = Path(name)
        make_files(files, folder)
        for words in ("run ./tiny.yaml --chip ./chip.yaml --policy ./policy.yaml --out results",
                      "run ./tiny.onnx --chip ./chip.yaml --policy ./policy.yaml",
                      "sweep ./sweep.yaml --out swept"):
            ending = program.run(words.split(), folder)
            if ending.code != 0:
                yield f"{words}: exit code {ending.code}: {ending.message}"


def main():
    if len(sys.argv) < 2 or not os.access(sys.argv[1], os.X_OK):
        sys.exit("usage: malformed_inputs_test.py PROGRAM [CASE...]")
    program = Program(sys.argv[1])
    if problems := list(template_problems(program)):
        sys.exit("\n".join(problems))
    cases = [case for room in (onnx_cases, network_cases, config_cases, usage_cases)
             for case in room.cases()]
    if len({case.name for case in cases}) != len(cases):
        sys.exit("two cases have the same name")
    wanted = sys.argv[2:]
    cases = [case for case in cases if not wanted or case.name in wanted]
    failed = 0
    for case in cases:
        found, ending = case_problems(program, case)
        failed += bool(found)
        print(f"{'FAILED' if found else 'ok    '} {case.name}", flush=True)
        if found:
            print("       $ pimento", shlex.join(command_of(case))[:300])
            print("       |", ending.message[:1500].replace("\n", "\n       | "))
        for problem in found:
            print("       -", problem)
    print(f"{len(cases) - failed} of {len(cases)} cases are refused as they should be")
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
