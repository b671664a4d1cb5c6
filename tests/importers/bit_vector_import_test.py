#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Makes policies from lists and mappings of bits."""

import json
import unittest

import yaml

from support import ROOT, ImporterTest


class BitVectorImport(ImporterTest):
    program = "bit_vector.py"
    options = ("bits.json", "--architecture", "tiny.yaml", "--to", "out/mine.yaml")

    def save(self, entries):
        self.write("bits.json", json.dumps(entries))

    def policy(self, *arguments):
        self.assertEqual(self.imports(*self.options, *arguments), ["written: out/mine.yaml"])
        return yaml.safe_load((self.folder / "out/mine.yaml").read_text())

    def bits(self, *arguments):
        return {name: (entry["weights"], entry["activations"])
                for name, entry in self.policy(*arguments)["layers"].items()}

    def test_a_list_in_the_order_of_the_layers(self):
        self.save([16, 4, 5])
        policy = self.policy("--source", "table 2")
        self.assertEqual(policy, {
            "schema": "pimento/policy/1", "name": "mine", "description": "Bits a layer for tiny.",
            "source": "table 2", "default": {"weights": 16, "activations": 16},
            "layers": {"conv1": {"weights": 16, "activations": 16},
                       "conv2": {"weights": 4, "activations": 4},
                       "fc": {"weights": 5, "activations": 5}}})
        self.assertEqual(self.policy()["source"], "bits.json, read by bit_vector.py")

    def test_activations_of_their_own(self):
        self.save([16, [4, 6], 5])
        self.assertEqual(self.bits("--activations", "8"),
                         {"conv1": (16, 8), "conv2": (4, 6), "fc": (5, 8)})

    def test_a_mapping(self):
        self.save({"fc": 5, "conv1": [16, 8], "conv2": 4})
        self.assertEqual(list(self.bits().items()),
                         [("conv1", (16, 8)), ("conv2", (4, 4)), ("fc", (5, 5))])

    def test_layers_besides(self):
        self.save([4, 5])
        self.assertEqual(self.bits("--besides", "conv1=8/6"),
                         {"conv1": (8, 6), "conv2": (4, 4), "fc": (5, 5)})
        self.save([5])
        self.assertEqual(self.bits("--besides", "conv*=8"),
                         {"conv1": (8, 8), "conv2": (8, 8), "fc": (5, 5)})

    def test_a_shipped_network(self):
        """AD's list for VGG19, as recalled: a value for each of 17 layers."""
        entries = [16, 4, 5, 4, 3, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 16]
        self.save(entries)
        self.imports("bits.json", "--architecture",
                     str(ROOT / "configs/networks/vgg19_cifar.yaml"), "--to", "out/mine.yaml")
        policy = yaml.safe_load((self.folder / "out/mine.yaml").read_text())
        self.assertEqual([entry["weights"] for entry in policy["layers"].values()], entries)

    def test_wrong_numbers_of_entries(self):
        for entries in ([], [8, 8], [8] * 4):
            self.save(entries)
            self.refuses(self.options, f"bits.json: found {len(entries)} entries; expected 3, one "
                         "a layer with weights: conv1, conv2, fc")

    def test_all_mistakes_are_listed(self):
        self.save({"conv1": 0, "conv2": [8], "conv9": 8})
        self.refuses(self.options,
                     'bits.json: layer "conv9": the architecture has no such layer with weights',
                     'bits.json: layer "fc": no bits',
                     'bits.json: layer "conv1": found 0; expected 1 to 32 bits, or [weights, '
                     "activations]",
                     'bits.json: layer "conv2": found [8]; expected 1 to 32 bits, or [weights, '
                     "activations]")

    def test_entries_that_are_no_bits(self):
        for wrong in (33, 4.0, "4", None, True, [4, 0], {"weights": 4}):
            self.save([wrong, 8, 8])
            self.refuses(self.options, f'bits.json: layer "conv1": found {wrong}; expected 1 to 32 '
                         "bits, or [weights, activations]")

    def test_wrong_layers_besides(self):
        self.save([8, 8])
        for option in ("convx=8", "fc=0", "fc=8/8/8", "fc=8/", "fc", "=8"):
            self.refuses((*self.options, "--besides", option),
                         f'--besides "{option}": expected GLOB=BITS or GLOB=WEIGHTS/ACTIVATIONS, 1 '
                         "to 32 bits, and a layer with weights that the glob matches")
        self.save({"conv1": 8, "conv2": 8, "fc": 8})
        self.refuses((*self.options, "--besides", "fc=8"),
                     'bits.json: layer "fc": found in the file and in --besides')

    def test_files_that_are_no_bits(self):
        for text, message in (("8", "expected a list, or a mapping of layers to bits"),
                              ("{", "no JSON: Expecting property name enclosed in double quotes: "
                                    "line 1 column 2 (char 1)"),
                              ('{"fc": 1, "fc": 2}', 'the key "fc" stands there twice'),
                              ("[" * 100_000, "no JSON: maximum recursion depth exceeded while "
                                              "decoding a JSON array from a unicode string")):
            self.write("bits.json", text)
            self.refuses(self.options, f"bits.json: {message}")


class Architectures(ImporterTest):
    """The descriptor whose layers are asked for."""

    program = "bit_vector.py"
    options = BitVectorImport.options

    def refuses_architecture(self, text, *lines):
        self.write("bits.json", "[8]")
        self.write("tiny.yaml", text)
        self.refuses(self.options, *(f"tiny.yaml{line}" for line in lines))

    def with_layers(self, *layers):
        return "schema: pimento/network/1\nname: tiny\ninput: {shape: [2, 4, 4]}\nlayers:\n" + \
            "".join(f"  - {layer}\n" for layer in layers)

    def test_files_that_are_no_descriptors(self):
        expected = ': expected a network descriptor with schema "pimento/network/1", name and ' \
            "layers"
        for text in ("", "[]", "schema: pimento/network/2\nname: x\nlayers: []\n",
                     "schema: pimento/network/1\nlayers: []\n"):
            self.refuses_architecture(text, expected)
        self.refuses_architecture("a: [", ":1:5: expected the node content, but found '<stream "
                                  "end>'")
        self.refuses_architecture("a: 1\na: 2\n", ":2:1: found a as a key; expected names, each "
                                  "once")
        self.refuses_architecture("a: &x 1\nb: *x\n", ":2:4: found an alias")
        self.refuses_architecture("a: !!python/object/apply:os.system [x]\n",
                                  ":1:4: could not determine a constructor for the tag "
                                  "'tag:yaml.org,2002:python/object/apply:os.system'")

    def test_layers_that_do_not_fit(self):
        for layer, message in (
                ("{name: a, op: konv}", 'unknown operation "konv"'),
                ("{name: a, op: conv, out_channels: 2, kernel: 9}",
                 "its window is larger than its input"),
                ("{name: a, op: conv, out_channels: 2, kernel: x}",
                 "found x; expected one whole number or two"),
                ("{name: a, op: conv, out_channels: 3, kernel: 1, groups: 2}",
                 "out_channels or groups do not fit its input"),
                ("{name: a, op: relu, from: b}", 'reads "b", which is no layer above'),
                ("{name: a, op: reshape, shape: [5]}", "2x4x4 cannot be reshaped to [5]"),
                ("{name: a, op: add}", "expected two inputs of one shape")):
            self.refuses_architecture(self.with_layers(layer), f': layer "a": {message}')


if __name__ == "__main__":
    unittest.main()
