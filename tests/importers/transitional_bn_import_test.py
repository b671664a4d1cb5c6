#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Imports a small state_dict with a set of norms for each change of bits."""

import json
import unittest

import numpy as np
import yaml

from support import ARCHITECTURE, ImporterTest, batch_norm
from torch_files import ordered, tensor, zip_file

CONV1 = np.arange(18, dtype="f4").reshape(2, 1, 3, 3)
CONV2 = np.arange(4, dtype="f4").reshape(2, 2, 1, 1)
FC = np.arange(24, dtype="f4").reshape(3, 8)
BITS = (2, 4, 8)


def switched(name, keys):
    """A norm for each key; the first weight of each tells which it is."""
    found = {}
    for number, key in enumerate(keys):
        found.update(batch_norm(f"{name}.bn_dict.{key}", 2, first=100.0 * number))
    return found


THIRD = """\
  - {name: conv3, op: conv, out_channels: 2, kernel: 1}
  - {name: bn3, op: batch_norm}
"""
SINGLE = [str(bits) for bits in BITS]
PAIRS = [f"({before}, {bits})" for before in BITS for bits in BITS]
STATE = {"conv1.weight": CONV1, "conv1.quan_w.scale": np.ones(2, "f4"),
         **switched("bn1", SINGLE), "conv2.weight": CONV2, **switched("bn2", PAIRS),
         "fc.weight": FC, "fc.bias": np.ones(3, "f4")}


class TransitionalBnImport(ImporterTest):
    program = "transitional_bn.py"
    options = ("model.pt", "--architecture", "tiny.yaml", "--to", "out")

    def save(self, state=None):
        self.write("model.pt", zip_file(ordered({
            name: tensor(array) for name, array in (state or STATE).items()})))

    def test_every_transition(self):
        self.save()
        for number, before in enumerate(BITS):
            for index, bits in enumerate(BITS):
                with self.subTest(before=before, bits=bits):
                    printed = self.imports(*self.options, "--bits",
                                           f"conv1={before},conv2={bits},fc=8")
                    self.assertEqual(printed, [
                        f'bn1: set "{before}"', f'bn2: set "({before}, {bits})"',
                        "left out, 1 modules that are neither weights nor norms: conv1.quan_w",
                        "written: out/tiny_tbn.yaml", "written: out/tiny_tbn_policy.yaml"])
                    _, _, values = self.descriptor("tiny_tbn")
                    self.assert_array(values["bn1.weight"], [100 * number, 100 * number + 1],
                                      "float32")
                    place = 100 * (3 * number + index)
                    self.assert_array(values["bn2.weight"], [place, place + 1], "float32")
                    self.assert_array(values["bn2.running_var"], [place + 6, place + 7], "float32")

    def test_bits_come_from_the_norm_before(self):
        self.write("tiny.yaml",
                   ARCHITECTURE.replace("  - {name: pool,", THIRD + "  - {name: pool,"))
        self.save({**STATE, "conv3.weight": CONV2, **switched("bn3", PAIRS)})
        printed = self.imports(*self.options, "--bits", "conv1=8,conv2=4,conv3=2,fc=8")
        self.assertEqual(printed[:3],
                         ['bn1: set "8"', 'bn2: set "(8, 4)"', 'bn3: set "(4, 2)"'])

    def test_weights_stay_real_and_the_bits_become_a_policy(self):
        self.save()
        self.write("bits.json", json.dumps({"conv1": 8, "conv2": 4}))
        self.imports(*self.options, "--bits", "bits.json", "--default", "2")
        _, layers, values = self.descriptor("tiny_tbn")
        self.assert_array(values["conv1.weight"], CONV1, "float32")
        self.assertNotIn("weight_quantization", layers["conv1"])
        self.assertEqual((layers["fc"]["bias"], layers["bn1"]["scale"]), ("fc.bias", "bn1.weight"))
        policy = yaml.safe_load((self.folder / "out/tiny_tbn_policy.yaml").read_text())
        self.assertEqual(policy["schema"], "pimento/policy/1")
        self.assertEqual(policy["name"], "tiny_tbn_policy")
        self.assertEqual(policy["default"], {"weights": 8, "activations": 8})
        self.assertEqual(policy["layers"], {
            "conv1": {"weights": 8, "activations": 8}, "conv2": {"weights": 4, "activations": 4},
            "fc": {"weights": 2, "activations": 2}})

    def test_norms_without_transitions(self):
        state = {name: array for name, array in STATE.items() if not name.startswith("bn")}
        self.save({**state, **switched("bn1", SINGLE), **switched("bn2", SINGLE)})
        self.assertIn('bn2: set "4"', self.imports(*self.options, "--bits", "conv1=8,conv2=4,fc=8"))
        self.save({**state, **switched("bn1", SINGLE), **batch_norm("bn2", 2)})
        self.assertIn("bn2: the only set",
                      self.imports(*self.options, "--bits", "conv1=8,conv2=4,fc=8"))

    def test_bits_the_network_was_not_trained_for(self):
        self.save()
        self.refuses((*self.options, "--bits", "conv1=8,conv2=3,fc=8"),
                     'model.pt: layer "bn2": no bn_dict entry "(8, 3)"; the checkpoint has '
                     + ", ".join(f'"{key}"' for key in PAIRS))
        self.refuses((*self.options, "--bits", "conv1=6,conv2=4,fc=8"),
                     'model.pt: layer "bn1": no bn_dict entry "6"; the checkpoint has "2", "4", '
                     '"8"',
                     'model.pt: layer "bn2": no bn_dict entry "(6, 4)"; the checkpoint has '
                     + ", ".join(f'"{key}"' for key in PAIRS))

    def test_bits_of_layers_that_are_not_there(self):
        self.save()
        self.refuses((*self.options, "--bits", "conv1=8,conv3=4"),
                     'model.pt: layer "conv3": in --bits, but no layer with weights in the '
                     "architecture",
                     'model.pt: layer "conv2": no bits; add them to --bits, or give --default',
                     'model.pt: layer "fc": no bits; add them to --bits, or give --default')

    def test_layers_and_shapes_that_do_not_fit(self):
        state = {name: array for name, array in STATE.items() if not name.startswith("bn1")}
        self.save({**state, "conv2.weight": CONV2[:1], **switched("bn3", SINGLE)})
        self.refuses((*self.options, "--bits", "conv1=8,conv2=4,fc=8"),
                     'model.pt: layer "bn1": a batch normalization in the architecture, none in '
                     'the checkpoint, which has "bn3"',
                     'model.pt: layer "bn3": a batch normalization in the checkpoint, none in the '
                     "architecture",
                     'model.pt: layer "conv2": weight: found 1x2x1x1; expected 2x2x1x1',
                     'model.pt: layer "bn2": no bn_dict entry "4"; the checkpoint has '
                     + ", ".join(f'"{key}"' for key in PAIRS))

    def test_bits_that_are_none(self):
        self.save()
        for text, message in (
                ("conv1=0", '--bits: layer "conv1": found 0; expected 1 to 32 bits'),
                ("conv1=33", '--bits: layer "conv1": found 33; expected 1 to 32 bits'),
                ("conv1=four", '--bits: layer "conv1": found four; expected 1 to 32 bits'),
                ("conv1=-4", '--bits: layer "conv1": found -4; expected 1 to 32 bits'),
                ("conv1=4,conv1=8", 'the key "conv1" stands there twice'),
                ("bits.json", "bits.json: No such file or directory")):
            self.refuses((*self.options, "--bits", text), message)
        self.write("bits.json", "[4, 8]")
        self.refuses((*self.options, "--bits", "bits.json"),
                     "bits.json: expected a mapping of layers to bits")


if __name__ == "__main__":
    unittest.main()
