# SPDX-License-Identifier: Apache-2.0
"""Command lines that must be refused, and places that cannot be written to."""

from malformed_case import NETWORK, SWEEP, Case

FILES = {"tiny.yaml": NETWORK, "sweep.yaml": SWEEP, "file": ""}

# Wrong use is followed by a line that names the command's help.
WRONG_USE = {
    "unknown_option": ("run ./tiny.yaml --polcy uniform8", '"--polcy"',
                       'did you mean "--policy"?', "pimento run --help"),
    "no_network": ("run", "NETWORK", "pimento run --help"),
    "no_value": ("run ./tiny.yaml --chip", "--chip"),
    "two_networks": ("run ./tiny.yaml ./tiny.yaml", "./tiny.yaml"),
    "two_forms": ("run ./tiny.yaml --json --csv", "--json", "--csv"),
    "zero_images": ("run ./tiny.yaml --images 0", "--images", "Value 0 not in range 1 to 1000000"),
    "negative_images": ("run ./tiny.yaml --images -1", "--images"),
    "huge_images": ("run ./tiny.yaml --images 99999999999999999999", "--images",
                    "99999999999999999999"),
    "word_for_images": ("run ./tiny.yaml --images many", "--images", "many"),
    "half_images": ("run ./tiny.yaml --images 1.5", "--images", "1.5"),
    "too_many_images": ("compare ./tiny.yaml --images 1000001", "--images", "1000001"),
    "zero_jobs": ("compare ./tiny.yaml --jobs 0", "--jobs", "Value 0 not in range 1 to 1024"),
    "negative_jobs": ("sweep ./sweep.yaml --jobs -2", "--jobs"),
    "huge_jobs": ("sweep ./sweep.yaml --jobs 1025", "--jobs", "1025"),
    "no_chip": ("chip", "CHIP", "pimento chip --help"),
    "no_sweep": ("sweep", "SWEEP", "pimento sweep --help"),
    "out_of_inspect": ("inspect ./tiny.yaml --out here", '"--out"', "pimento inspect --help"),
    "option_first": ("--json run ./tiny.yaml", "--json"),
}

WRONG_NAMES = {
    "unknown_command": ("rum ./tiny.yaml", 'no command "rum"; did you mean "run"?'),
    "upper_case_command": ("RUN ./tiny.yaml", 'no command "RUN"', "known: "),
    "empty_command": (("",), 'no command ""'),
    "unknown_network": ("run resnet18_imagnet", '"resnet18_imagnet"',
                        'did you mean "resnet18_imagenet"?'),
    "empty_network": (("inspect", ""), "network"),
    "unknown_chip": ("chip isac_ce", '"isac_ce"', 'did you mean "isaac_ce"?'),
    "unknown_policy": ("run ./tiny.yaml --policy unform8", '"unform8"',
                       'did you mean "uniform8"?'),
    "unknown_strategy": ("map ./tiny.yaml --strategy dnse", '"dnse"', 'dense'),
    "unknown_sweep": ("sweep array_sise", '"array_sise"', 'did you mean "array_size"?'),
    "unknown_list": ("list netwroks", '"netwroks"', "networks"),
    "empty_policies": (("compare", "./tiny.yaml", "--policies", ""), "--policies"),
    "policies_with_gap": ("compare ./tiny.yaml --policies uniform8,,uniform4", "--policies"),
    "same_policies": ("compare ./tiny.yaml --policies uniform8,uniform8", '"uniform8"'),
    "baseline_apart": ("compare ./tiny.yaml --policies uniform8 --baseline uniform4",
                       '"uniform4"', "uniform8"),
    "set_an_axis": ("sweep ./sweep.yaml --set macro.rows=64", "macro.rows is an axis"),
    "control_characters": (("run", "\x1b[31mred"), r"\x1b[31mred"),
    "long_name": (("run", "x" * 100_000), '"xxxx'),
}

# A folder below a regular file cannot be made.
UNWRITABLE = {
    "run": "run ./tiny.yaml --out file/below",
    "compare": "compare ./tiny.yaml --policies uniform8,uniform4 --out file/below",
    "sweep": "sweep ./sweep.yaml --out file/below",
    "run_into_file": "run ./tiny.yaml --out file",
    "sweep_into_file": "sweep ./sweep.yaml --out file",
    "run_into_device": "run ./tiny.yaml --out /dev/null/below",
}


def words(line):
    return tuple(line.split()) if isinstance(line, str) else line


def cases():
    made = [Case(f"usage.{name}", words(line), tuple(expects), FILES, 2)
            for name, (line, *expects) in WRONG_USE.items()]
    made += [Case(f"usage.{name}", words(line), tuple(expects), FILES)
             for name, (line, *expects) in WRONG_NAMES.items()]
    made += [Case(f"unwritable.{name}", words(line),
                  ("cannot write ", words(line)[-1]), FILES)
             for name, line in UNWRITABLE.items()]
    return made
