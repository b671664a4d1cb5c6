#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Seeds wrong edges in a tree of its own and expects check_rooms.py to report each of them."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
sys.path.insert(0, str(SCRIPTS))
from check_rooms import ANY, MAY_INCLUDE  # noqa: E402

CLEAN = {
    "base/units.h": "#include <boost/units/systems/si.hpp>\n",
    "base/config_reader.cc": "#include <yaml-cpp/yaml.h>\nYAML::Node node;\n",
    "workloads/network.h": '#include "base/units.h"\n',
    "workloads/onnx/model.h": '#include <onnx/onnx.pb.h>\n#include "workloads/network.h"\n',
    "workloads/archive/npz.cc": '#include <nlohmann/json.hpp>\n#include <zip.h>\n'
                                'nlohmann::json entry;\n',
    "workloads/operators/gemm.cc": '#include <cblas.h>\ncblas_dgemm(a);\n',
    "arch/chip_spec.h": '#include "base/units.h"\n',
    "mapper/dense.cc": '#include "arch/chip_spec.h"\n#include "workloads/network.h"\n',
    "sim/exact/run.cc": '#include "sim/kernels/dot.h"\n#include "workloads/network.h"\n',
    "sim/model/chip.h": '#include <systemc>\n#include "arch/chip_spec.h"\nSC_MODULE(Chip) {};\n',
    "sim/engine/simulate.cc": '#include <systemc>\n#include "sim/model/chip.h"\n'
                              'sc_core::sc_start();\n',
    "sim/report/json.cc": '#include <nlohmann/json.hpp>\n#include "sim/engine/simulate.h"\n',
    "sim/sweep/store.cc": '#include <nlohmann/json.hpp>\n#include "sim/report/json.h"\n',
    "sim/app/main.cc": '#include <CLI/CLI.hpp>\n#include <iostream>\n#include "mapper/dense.h"\n'
                       '#include "sim/engine/simulate.h"\nint main() { std::exit(2); }\n',
    # Not code, or not ours: none of it counts.
    "arch/words.cc": '// printf("x") and YAML::Node\n/* #include "mapper/dense.h"\n std::cout */\n'
                     'auto a = "abort() and \\"exit(1)";\nauto b = R"(std::cerr << "YAML::")";\n'
                     "int n = 1'000'000;\nchar quote = '\"';\nsnprintf(text, 4, format);\n"
                     "file.exit(1);\n",
    "tests/arch/any_test.cc": '#include "mapper/dense.h"\n#include <yaml-cpp/yaml.h>\n',
    "build/release/gen.cc": '#include "mapper/dense.h"\n',
    "other_build/CMakeCache.txt": "",
    "other_build/gen.cc": '#include "mapper/dense.h"\n',
}


def check(files):
    """Exit code and lines of the checker on a tree of these files."""
    with tempfile.TemporaryDirectory() as root:
        for name, text in files.items():
            path = Path(root) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        result = subprocess.run([sys.executable, str(SCRIPTS / "check_rooms.py"), root],
                                capture_output=True, text=True, check=False)
    return result.returncode, result.stdout.splitlines()


class Rooms(unittest.TestCase):
    def expect(self, path, text, *expected):
        """The file, seeded in the clean tree, causes exactly these lines."""
        code, lines = check({**CLEAN, path: text})
        self.assertEqual(lines, list(expected))
        self.assertEqual(code, 1)

    def test_a_clean_tree_passes(self):
        code, lines = check(CLEAN)
        self.assertEqual(lines, ["rooms: 15 files, every edge is allowed"])
        self.assertEqual(code, 0)

    def test_an_empty_tree_does_not_pass(self):
        code, lines = check({})
        self.assertEqual(code, 2)
        self.assertIn("found no .h or .cc file", lines[0])

    def test_the_table_has_no_cycle(self):
        left = {room: set(MAY_INCLUDE if allowed is ANY else allowed) - {room}
                for room, allowed in MAY_INCLUDE.items()}
        while left:
            free = {room for room, allowed in left.items() if not allowed}
            self.assertTrue(free, f"a cycle among {sorted(left)}")
            left = {room: allowed - free for room, allowed in left.items() if room not in free}

    def test_the_table_keeps_apart_what_must_stay_apart(self):
        simulation = {room for room in MAY_INCLUDE if room.startswith("sim/")}
        for room in ("base", "workloads", "arch"):
            self.assertEqual(MAY_INCLUDE[room], set())
        self.assertEqual(MAY_INCLUDE["mapper"] & simulation, set())
        for room in simulation - {"sim/app"}:
            self.assertNotIn("mapper", MAY_INCLUDE[room])
        self.assertEqual([room for room, allowed in MAY_INCLUDE.items() if allowed is ANY],
                         ["sim/app"])

    def test_every_edge_that_is_not_in_the_table_is_reported(self):
        for room, allowed in MAY_INCLUDE.items():
            for target in MAY_INCLUDE:
                if allowed is ANY or target in allowed | {room, "base"}:
                    continue
                code, lines = check({f"{room}/a.cc": f'\n#include "{target}/b.h"\n'})
                names = ", ".join(sorted(allowed | {room, "base"}))
                self.assertEqual(lines, [f'{room}/a.cc:2: {room} may include {names}; '
                                         f'found "{target}/b.h"'])
                self.assertEqual(code, 1)

    def test_angle_brackets_do_not_hide_an_edge(self):
        self.expect("arch/a.h", "#pragma once\n  #  include <mapper/dense.h>\n",
                    'arch/a.h:2: arch may include arch, base; found "mapper/dense.h"')

    def test_includes_are_written_from_the_root(self):
        self.expect("mapper/a.cc", '#include "dense.h"\n#include <../arch/chip_spec.h>\n',
                    'mapper/a.cc:1: found "dense.h", which names no room; '
                    'write the path from the root of the tree',
                    'mapper/a.cc:2: found "../arch/chip_spec.h", which names no room; '
                    'write the path from the root of the tree')

    def test_a_file_outside_every_room(self):
        for path in ("util/a.cc", "sim/a.cc", "sim/extra/a.h"):
            code, lines = check({path: ""})
            self.assertEqual(code, 1)
            self.assertTrue(lines[0].startswith(f"{path}:1: lies in no room; expected one of base"))

    def test_yaml_cpp_stays_behind_the_config_reader(self):
        where = "yaml-cpp is allowed in base/config_*.cc only; found"
        self.expect("base/units.cc", "#include <yaml-cpp/node/node.h>\n\nYAML::Node n;\n",
                    f'base/units.cc:1: {where} "yaml-cpp/node/node.h"',
                    f'base/units.cc:3: {where} "YAML::"')
        self.expect("base/config_reader.h", '#include "yaml-cpp/yaml.h"\n',
                    'base/config_reader.h:1: found "yaml-cpp/yaml.h", which names no room; '
                    'write the path from the root of the tree',
                    f'base/config_reader.h:1: {where} "yaml-cpp/yaml.h"')

    def test_systemc_stays_in_the_model_and_the_files_that_run_it(self):
        where = "SystemC is allowed in sim/model/*, sim/engine/*.cc only; found"
        for include in ("systemc", "systemc.h", "tlm", "tlm_utils/simple_target_socket.h"):
            self.expect("sim/engine/simulate.h", f"#include <{include}>\n",
                        f'sim/engine/simulate.h:1: {where} "{include}"')
        self.expect("sim/app/run.cc", "sc_core::sc_time t;\nSC_METHOD(go);\n",
                    f'sim/app/run.cc:1: {where} "sc_core"', f'sim/app/run.cc:2: {where} "SC_M"')

    def test_json_and_the_command_line_library_stay_where_they_are_used(self):
        self.expect("sim/engine/a.cc", "#include <nlohmann/json.hpp>\nnlohmann::json j;\n",
                    *(f"sim/engine/a.cc:{line}: nlohmann JSON is allowed in sim/report/*, "
                      f'sim/sweep/*, sim/app/*, workloads/archive/* only; found "{found}"'
                      for line, found in ((1, "nlohmann/json.hpp"), (2, "nlohmann::"))))
        self.expect("sim/report/a.cc", "#include <CLI/CLI.hpp>\nCLI::App app;\n",
                    'sim/report/a.cc:1: CLI11 is allowed in sim/app/* only; found "CLI/CLI.hpp"',
                    'sim/report/a.cc:2: CLI11 is allowed in sim/app/* only; found "CLI::"')

    def test_archives_and_fast_matrix_products_stay_in_their_files(self):
        where = "libzip is allowed in workloads/archive/* only; found"
        self.expect("workloads/npz.cc", "#include <zip.h>\n",
                    f'workloads/npz.cc:1: {where} "zip.h"')
        where = "BLAS is allowed in workloads/operators/gemm.cc only; found"
        self.expect("workloads/operators/matrix.cc", "#include <cblas.h>\n\ncblas_dgemm(a);\n",
                    f'workloads/operators/matrix.cc:1: {where} "cblas.h"',
                    f'workloads/operators/matrix.cc:3: {where} "cblas_"')

    def test_generated_and_wrapped_headers_stay_where_they_are_wrapped(self):
        self.expect("workloads/policy.cc", "#include <onnx/onnx.pb.h>\n",
                    'workloads/policy.cc:1: onnx.pb.h is allowed in workloads/onnx/* only; '
                    'found "onnx/onnx.pb.h"')
        self.expect("arch/a.h", "#include <boost/units/io.hpp>\n",
                    'arch/a.h:1: Boost.Units is allowed in base/units.* only; '
                    'found "boost/units/io.hpp"')

    def test_libraries_neither_print_nor_end_the_process(self):
        for what, calls in {
                "printing": ["std::cout", "std::cerr", "std::clog", "printf(", "fprintf (",
                             "puts(", "fmt::print"],
                "ending the process": ["exit(", "std::exit(", "abort(", "std::abort(",
                                       "std::terminate("]}.items():
            for call in calls:
                with self.subTest(call):
                    found = call.removeprefix("std::") if what.startswith("ending") else call
                    self.expect("mapper/a.cc", f"int a;\n{call} x);\n",
                                f'mapper/a.cc:2: {what} is allowed in sim/app/* only; '
                                f'found "{found}"')
        self.expect("arch/a.cc", "#include <iostream>\n",
                    'arch/a.cc:1: printing is allowed in sim/app/* only; found "iostream"')

    def test_all_problems_of_all_files_are_listed(self):
        code, lines = check({"arch/a.cc": "abort();\nstd::cout;\n", "base/b.cc": "exit(1);\n"})
        self.assertEqual(code, 1)
        self.assertEqual([line.split(": ")[0] for line in lines],
                         ["arch/a.cc:1", "arch/a.cc:2", "base/b.cc:1"])


if __name__ == "__main__":
    unittest.main()
