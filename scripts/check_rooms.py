#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the C++ sources against the two tables below: which room may include which, and in which
files a library or a call may appear. Tests are free.

usage: check_rooms.py [SOURCE_TREE]    (default: the tree this script stands in)
"""

import fnmatch
import os
import re
import sys
from pathlib import Path

ANY = None
# Room -> rooms it may include beside itself and base.
MAY_INCLUDE = {
    "base": set(),
    "workloads": set(),
    "arch": set(),
    "mapper": {"workloads", "arch"},
    "sim/kernels": set(),
    "sim/devices": {"arch"},
    "sim/exact": {"sim/kernels", "sim/devices", "arch", "workloads"},
    "sim/model": {"arch"},
    "sim/engine": {"sim/model", "arch"},
    "sim/report": {"sim/engine", "arch"},
    "sim/sweep": {"sim/engine", "sim/report", "arch"},
    "sim/app": ANY,
}

# What -> (pattern of include names, pattern of code, globs of the files that may have it).
ONLY_IN = {
    "yaml-cpp": (r"yaml-cpp/", r"\bYAML::", ["base/config_*.cc"]),
    "SystemC": (r"(systemc|tlm)(\.h$|$|_)", r"\bsc_(core|dt)\b|\bSC_[A-Z]",
                ["sim/model/*", "sim/engine/*.cc"]),
    "nlohmann JSON": (r"nlohmann/", r"\bnlohmann::",
                      ["sim/report/*", "sim/sweep/*", "sim/app/*", "workloads/archive/*"]),
    "libzip": (r"zip\.h$", None, ["workloads/archive/*"]),
    "BLAS": (r"cblas\.h$", r"\bcblas_", ["workloads/operators/gemm.cc"]),
    "Highway": (r"hwy/", r"\bhwy::|\bHWY_", ["sim/kernels/read*.cc", "sim/kernels/read_*_inl.h"]),
    "TBB": (r"(tbb|oneapi)/", r"\btbb::", ["sim/exact/*.cc"]),
    "CLI11": (r"CLI/", r"\bCLI::", ["sim/app/*"]),
    "onnx.pb.h": (r".*\.pb\.h$", None, ["workloads/onnx/*"]),
    "Boost.Units": (r"boost/units/", None, ["base/units.*"]),
    "printing": (r"iostream$",
                 r"\bstd::(cout|cerr|clog)\b|(?<![\w.>])(f?printf|f?puts)\s*\(|\bfmt::print\b",
                 ["sim/app/*"]),
    "ending the process": (None, r"(?<![\w.>])(exit|_Exit|quick_exit|abort|terminate)\s*\(",
                           ["sim/app/*"]),
}

IGNORED_FOLDERS = {"build", "out", "tests"}
# Comments and literals, so that nothing inside them is taken for code.
NOT_CODE = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<delimiter>[^()\\\s]{0,16})\(.*?\)(?P=delimiter)"'
    r'|"(?:\\.|[^"\\\n])*"|(?<![0-9A-Za-z_])\'(?:\\.|[^\'\\\n])+\'', re.DOTALL)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.MULTILINE)


def room_of(path):
    return next((room for room in MAY_INCLUDE if path.startswith(room + "/")), None)


def blank(text, keep_strings):
    """The text with comments (and literals) as spaces; lines stay where they are."""

    def replace(match):
        found = match.group()
        if keep_strings and not found.startswith("/"):
            return found
        return re.sub(r"[^\n]", " ", found)

    return NOT_CODE.sub(replace, text)


def line_at(text, position):
    return text.count("\n", 0, position) + 1


def edge_problem(room, style, name):
    """What is wrong with including `name` from `room`, or None."""
    target = room_of(name)
    if target is None:
        if name.startswith(".") or (style == '"' and not name.endswith(".pb.h")):
            return f'found "{name}", which names no room; write the path from the root of the tree'
        return None
    allowed = MAY_INCLUDE[room]
    if allowed is ANY or target in allowed | {room, "base"}:
        return None
    names = ", ".join(sorted(allowed | {room, "base"}))
    return f'{room} may include {names}; found "{name}"'


def check_file(path, text):
    """All problems of one file as (line, message)."""
    room = room_of(path)
    if room is None:
        return [(1, "lies in no room; expected one of " + ", ".join(MAY_INCLUDE))]
    problems = []
    without_comments = blank(text, keep_strings=True)
    code = blank(text, keep_strings=False)
    includes = list(INCLUDE.finditer(without_comments))
    for include in includes:
        message = edge_problem(room, include.group(1), include.group(2))
        if message:
            problems.append((line_at(text, include.start(2)), message))
    for what, (include_pattern, code_pattern, globs) in ONLY_IN.items():
        if any(fnmatch.fnmatch(path, glob) for glob in globs):
            continue
        found = [(include.start(2), include.group(2)) for include in includes
                 if include_pattern and re.match(include_pattern, include.group(2))]
        if code_pattern:
            found += [(match.start(), match.group()) for match in re.finditer(code_pattern, code)]
        for position, token in found:
            problems.append((line_at(text, position),
                             f'{what} is allowed in {", ".join(globs)} only; found "{token}"'))
    return sorted(problems)


def sources(root):
    for folder, subfolders, files in os.walk(root):
        relative = Path(folder).relative_to(root)
        subfolders[:] = sorted(name for name in subfolders if not name.startswith(".")
                               and not (relative == Path() and name in IGNORED_FOLDERS)
                               and not (Path(folder) / name / "CMakeCache.txt").exists())
        for name in sorted(files):
            if name.endswith((".h", ".cc")):
                yield (relative / name).as_posix()


def main(arguments):
    root = Path(arguments[0] if arguments else Path(__file__).resolve().parent.parent)
    paths = list(sources(root))
    if not paths:
        print(f"{root}: found no .h or .cc file; expected the source tree of Pimento")
        return 2
    problems = [f"{path}:{line}: {message}" for path in paths
                for line, message in check_file(path, (root / path).read_text(encoding="utf-8"))]
    print("\n".join(problems) if problems else f"rooms: {len(paths)} files, every edge is allowed")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
