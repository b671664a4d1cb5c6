# SPDX-License-Identifier: Apache-2.0
"""What the tests of the importers share: running one, and reading what it wrote."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np
import yaml

ROOT = Path(__file__).resolve().parents[2]
IMPORTERS = ROOT / "scripts/import"
sys.path.insert(0, str(IMPORTERS))
sys.dont_write_bytecode = True

ARCHITECTURE = """\
schema: pimento/network/1
name: tiny
input: {shape: [1, 4, 4], bits: 5}
weights: {distribution: gaussian, seed: 1}
layers:
  - {name: conv1, op: conv, out_channels: 2, kernel: 3, pad: 1}
  - {name: bn1, op: batch_norm}
  - {name: relu1, op: relu}
  - {name: conv2, op: conv, out_channels: 2, kernel: 1}
  - {name: bn2, op: batch_norm, epsilon: 0.001}
  - {name: relu2, op: relu}
  - {name: pool, op: max_pool, kernel: 2}
  - {name: flatten, op: flatten}
  - {name: fc, op: linear, out_features: 3, bias: true}
"""


def batch_norm(name, channels, first=0.0):
    """The entries of a norm in a state_dict; values that tell where they went."""
    values = first + np.arange(4 * channels, dtype=np.float32).reshape(4, channels)
    return {f"{name}.weight": values[0], f"{name}.bias": values[1],
            f"{name}.running_mean": values[2], f"{name}.running_var": values[3],
            f"{name}.num_batches_tracked": np.array(7, np.int64)}


class ImporterTest(unittest.TestCase):
    """Runs a program of scripts/import in a folder of its own."""

    program = None

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        self.write("tiny.yaml", ARCHITECTURE)

    def write(self, name, content):
        data = content if isinstance(content, bytes) else content.encode()
        (self.folder / name).write_bytes(data)

    def run_program(self, *arguments):
        return subprocess.run([sys.executable, "-B", str(IMPORTERS / self.program), *arguments],
                              cwd=self.folder, capture_output=True, text=True, check=False)

    def imports(self, *arguments):
        """What the program prints; it must succeed."""
        result = self.run_program(*arguments)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return result.stdout.splitlines()

    def refuses(self, arguments, *lines):
        """The program ends with code 2, exactly these lines, and nothing written."""
        result = self.run_program(*arguments)
        self.assertEqual(result.stderr.removeprefix("error: ").splitlines(), list(lines))
        self.assertEqual((result.returncode, result.stdout), (2, ""))
        self.assertFalse((self.folder / "out").exists())

    def descriptor(self, name):
        """Fields, layers by name and values of out/NAME."""
        fields = yaml.safe_load((self.folder / f"out/{name}.yaml").read_text())
        with np.load(self.folder / f"out/{name}.npz") as data:
            values = {key: data[key] for key in data.files}
        return fields, {layer["name"]: layer for layer in fields["layers"]}, values

    def assert_array(self, found, expected, dtype):
        self.assertEqual(found.dtype, np.dtype(dtype))
        np.testing.assert_array_equal(found, np.asarray(expected, dtype))
