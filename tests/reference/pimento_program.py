# SPDX-License-Identifier: Apache-2.0
"""Runs the program under test and reads its JSON report; shared by the tests beside this file."""

import json
import math
import os
import subprocess
import sys

TIME_LIMIT_SECONDS = 300


class RunError(Exception):
    """The program failed, or what it printed is no report."""


def program_path():
    """The program named by the first argument or by PIMENTO; ends the test when neither is."""
    path = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("PIMENTO", "")
    if not path:
        sys.exit(f"usage: {os.path.basename(sys.argv[0])} PROGRAM (or set PIMENTO to its path)")
    if not os.access(path, os.X_OK):
        sys.exit(f"{path}: no such program")
    return path


def refuse_constant(word):
    raise RunError(f"the report holds {word}, which is not JSON")


def run_report(program, network, chip, policy, settings=()):
    """The report of one `run`, parsed. `settings` are (field, value) pairs for --set."""
    command = [program, "run", network, "--chip", chip, "--policy", policy]
    for field, value in settings:
        command += ["--set", f"{field}={value}"]
    command.append("--json")
    try:
        run = subprocess.run(command, capture_output=True, text=True, check=False,
                             timeout=TIME_LIMIT_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise RunError(f"{' '.join(command)}: no answer in {error.timeout} s") from error
    if run.returncode != 0:
        raise RunError(f"{' '.join(command)}: exit code {run.returncode}: {run.stderr.strip()}")
    try:
        return json.loads(run.stdout, parse_constant=refuse_constant)
    except json.JSONDecodeError as error:
        raise RunError(f"{' '.join(command)}: no JSON: {error}") from error


def close(found, expected, relative=1e-12):
    return math.isclose(found, expected, rel_tol=relative, abs_tol=0.0)


def judge(points, problems_of):
    """Runs `problems_of(point)` for every point, prints a line each, and gives the exit code."""
    failed = 0
    for point in points:
        try:
            problems = problems_of(point)
        except RunError as error:
            problems = [str(error)]
        except (KeyError, TypeError) as error:
            problems = [f"the report has another form than expected: {error!r}"]
        failed += bool(problems)
        print(("FAILED " if problems else "ok     ") + str(point), flush=True)
        for problem in problems:
            print("         " + problem)
    print(f"{len(points) - failed} of {len(points)} agree")
    return 1 if failed or not points else 0
