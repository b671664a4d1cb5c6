#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Imports small BSQ checkpoints, written here in each of its forms, and holds every integer."""

import unittest

import numpy as np

from support import ARCHITECTURE, ImporterTest, batch_norm
from torch_files import Global, legacy_file, ordered, tensor, zip_file

CONV1 = np.array([[[[3, -2, 0], [1, -1, 0], [0, 0, 7]]],
                  [[[-7, 2, 2], [0, 0, 0], [4, -4, 5]]]])
CONV2 = np.array([2, -2, 0, 2]).reshape(2, 2, 1, 1)
FC = np.arange(-12, 12).reshape(3, 8)
BIAS = np.array([1, -2, 3])


def planes(integers, bits):
    """BSQ's pweight and nweight: planes of the positive and negative part, largest first."""
    powers = 1 << np.arange(bits - 1, -1, -1)
    split = [np.maximum(sign * integers[..., None], 0) & powers for sign in (1, -1)]
    return [(part > 0).astype(np.float32) for part in split]


def bit_form(name, integers, bits, scale, what="weight", scale_name="scale"):
    positive, negative = planes(integers, bits)
    return {f"{name}.p{what}": positive, f"{name}.n{what}": negative,
            f"{name}.{scale_name}": np.array(scale, np.float32)}


def checkpoint(state, bits, prefix="module."):
    return {"Nbit_dict": bits, "epoch": 3, "acc": 91.5, "best_acc": 91.5, "optimizer": {},
            "state_dict": ordered({prefix + name: tensor(array)
                                   for name, array in state.items()})}


NORMS = {**batch_norm("bn1", 2), **batch_norm("bn2", 2, first=100.0)}
STATE = {**bit_form("conv1", CONV1, 3, 0.7), **bit_form("conv2", CONV2, 2, [1.5]),
         **bit_form("fc", FC, 4, 30.0),
         **bit_form("fc", BIAS, 2, 0.75, "bias", "biasscale"), **NORMS}
BITS = {"conv1": [3, 0], "conv2": [2, 0], "fc": [4, 2]}
SIGN_MAGNITUDE = {"signed": True, "zero_point": 0, "encoding": "sign_magnitude"}


class BsqImport(ImporterTest):
    program = "bsq.py"
    options = ("model.pt", "--architecture", "tiny.yaml", "--to", "out")

    def save(self, state=None, bits=None, write=legacy_file, **options):
        self.write("model.pt", write(checkpoint(STATE if state is None else state,
                                                BITS if bits is None else bits, **options)))

    def check_tiny(self, name="tiny_bsq"):
        fields, layers, values = self.descriptor(name)
        self.assert_array(values["conv1.weight"], CONV1, "int32")
        self.assert_array(values["conv2.weight"], CONV2, "int32")
        self.assert_array(values["fc.weight"], FC, "int32")
        self.assert_array(values["fc.bias"], BIAS * 0.25, "float32")
        self.assertEqual(layers["conv1"]["weight_quantization"], {
            "bits": 3, "scale": float(np.float32(0.7)) / 7, "planes": [0, 1, 2],
            **SIGN_MAGNITUDE})
        self.assertEqual(layers["conv2"]["weight_quantization"], {
            "bits": 2, "scale": 0.5, "planes": [1], **SIGN_MAGNITUDE})
        self.assertEqual(layers["fc"]["weight_quantization"], {
            "bits": 4, "scale": 2.0, "planes": [0, 1, 2, 3], **SIGN_MAGNITUDE})
        return fields, layers, values

    def test_bit_planes_in_both_forms_of_file(self):
        for write in (legacy_file, zip_file):
            for prefix in ("module.", ""):
                with self.subTest(write=write.__name__, prefix=prefix):
                    self.save(write=write, prefix=prefix)
                    printed = self.imports(*self.options)
                    self.assertEqual(printed, [
                        "conv1: 3 bits", "conv2: 2 bits, 1 of their planes filled", "fc: 4 bits",
                        "conv2: input not quantized", "written: out/tiny_bsq.yaml"])
                    self.check_tiny()

    def test_the_whole_descriptor(self):
        self.save()
        self.imports(*self.options, "--act", "3", "--activations", "all",
                     "--image-scale", "0.0625", "--name", "mine")
        fields, layers, values = self.check_tiny("mine")
        self.assertEqual({key: fields[key] for key in fields if key not in ("layers", "source")}, {
            "schema": "pimento/network/1", "name": "mine",
            "description": "tiny with the weights and scales of a BSQ checkpoint, activations of "
                           "3 bits.",
            "input": {"shape": [1, 4, 4], "bits": 5}, "weights": {"file": "mine.npz"}})
        self.assertRegex(fields["source"],
                         "^model.pt, a checkpoint of BSQ; SHA-256 [0-9a-f]{64}$")
        self.assertEqual([layer["name"] for layer in fields["layers"]], list(layers))
        self.assertEqual(list(layers), ["conv1", "bn1", "relu1", "conv2", "bn2", "relu2", "pool",
                                        "flatten", "fc"])
        image = {"bits": 5, "signed": False, "scale": 0.0625, "zero_point": 0}
        hidden = {"bits": 3, "signed": False, "scale": "max_abs", "zero_point": 0}
        self.assertEqual([layers[name].get("input_quantization")
                          for name in ("conv1", "conv2", "fc")], [image, hidden, hidden])
        self.assertEqual(layers["relu2"], {"name": "relu2", "op": "relu"})
        self.assertEqual(layers["conv1"]["out_channels"], 2)
        self.assertEqual((layers["conv1"]["weight"], layers["fc"]["bias"]),
                         ("conv1.weight", "fc.bias"))
        self.assertNotIn("bias", layers["conv1"])
        self.assertEqual(layers["bn2"], {
            "name": "bn2", "op": "batch_norm", "epsilon": 0.001, "scale": "bn2.weight",
            "shift": "bn2.bias", "mean": "bn2.running_mean", "variance": "bn2.running_var"})
        self.assert_array(values["bn2.running_var"], [106, 107], "float32")
        self.assert_array(values["bn1.bias"], [2, 3], "float32")
        self.assertEqual(len(values), 4 + 8)

    def test_the_same_input_gives_the_same_bytes(self):
        self.save()
        written = []
        for _ in range(2):
            self.imports(*self.options)
            written.append([(self.folder / f"out/tiny_bsq.{ending}").read_bytes()
                            for ending in ("yaml", "npz")])
        self.assertEqual(*written)

    def test_planes_in_mid_training_are_rounded_as_the_forward_pass_does(self):
        """Halves to even, and within the largest integer."""
        positive = np.zeros((2, 2, 1, 1, 2), np.float32)
        positive[:, :, 0, 0] = [[[0.25, 0], [0.75, 0]], [[1.5, 1.75], [2, 0.4]]]
        negative = np.zeros_like(positive)
        negative[1, 1, 0, 0] = [0, 2.0]
        self.save({**STATE, "conv2.pweight": positive, "conv2.nweight": negative})
        self.imports(*self.options)
        _, _, values = self.descriptor("tiny_bsq")
        self.assertEqual(values["conv2.weight"].reshape(-1).tolist(), [0, 2, 3, 2])

    def test_a_negative_scale_turns_the_signs(self):
        self.save({**STATE, **bit_form("conv2", CONV2, 2, -1.5)})
        self.imports(*self.options, "--source", "ours")
        fields, layers, values = self.descriptor("tiny_bsq")
        self.assertEqual(values["conv2.weight"].reshape(-1).tolist(), [-2, 2, 0, -2])
        self.assertEqual(layers["conv2"]["weight_quantization"]["scale"], 0.5)
        self.assertEqual(fields["source"], "ours")

    def test_layers_of_zeros(self):
        for bits in (0, 1):
            with self.subTest(bits):
                state = {**STATE, **bit_form("conv2", CONV2 * 0, 1, 0.0)}
                self.save(state, {**BITS, "conv2": [bits, 0]})
                printed = self.imports(*self.options)
                self.assertEqual(printed[1], "conv2: 1 bit, all zero" if bits else
                                 "conv2: 0 bits, all zero; written as 1 bit")
                _, layers, values = self.descriptor("tiny_bsq")
                self.assert_array(values["conv2.weight"], CONV2 * 0, "int32")
                self.assertEqual(layers["conv2"]["weight_quantization"], {
                    "bits": 1, "scale": 1.0, "planes": [], **SIGN_MAGNITUDE})

    def finetune_state(self):
        return {"conv1.weight": (CONV1 / 7).astype("f4"), "conv1.scale": np.array(0.7, "f4"),
                "conv2.weight": (CONV2 / 3 + 0.16).astype("f4"), "conv2.scale": np.array(1.5, "f4"),
                "fc.weight": (FC / 15).astype("f4"), "fc.scale": np.array(30.0, "f4"),
                "fc.bias": (BIAS / 3).astype("f4"), "fc.biasscale": np.array(0.75, "f4"), **NORMS}

    def test_the_form_for_finetuning(self):
        self.save(self.finetune_state())
        self.imports(*self.options)
        self.check_tiny()

    def test_finetuned_weights_beyond_the_range_are_cut(self):
        state = self.finetune_state()
        state["conv2.weight"] = np.array([1.7, -9, 0.49, 0.51], "f4").reshape(2, 2, 1, 1)
        self.save(state)
        self.imports(*self.options)
        _, _, values = self.descriptor("tiny_bsq")
        self.assertEqual(values["conv2.weight"].reshape(-1).tolist(), [3, -3, 1, 2])

    def test_a_layer_without_bits_in_the_form_for_finetuning(self):
        self.save({**self.finetune_state(), "conv2.weight": (CONV2 * 0.0).astype("f4")},
                  {**BITS, "conv2": [0, 0]})
        self.assertIn("conv2: 0 bits, all zero; written as 1 bit", self.imports(*self.options))

    def test_the_real_form_is_put_on_the_coarsest_grid(self):
        self.save({"conv1.weight": (CONV1 * 0.1).astype("f4"),
                   "conv2.weight": (CONV2 * 0.5).astype("f4"),
                   "fc.weight": (FC * 2.0).astype("f4"), "fc.bias": (BIAS * 0.25).astype("f4"),
                   **NORMS})
        self.imports(*self.options)
        _, layers, values = self.descriptor("tiny_bsq")
        for name, integers, step, bits in (("conv1", CONV1, 0.1, 3), ("conv2", CONV2 // 2, 1.0, 2),
                                           ("fc", FC, 2.0, 4)):
            self.assert_array(values[f"{name}.weight"], integers, "int32")
            self.assertEqual(layers[name]["weight_quantization"]["bits"], bits)
            self.assertAlmostEqual(layers[name]["weight_quantization"]["scale"], step, places=6)
        self.assert_array(values["fc.bias"], BIAS * 0.25, "float32")

    def test_real_weights_without_bits_stay_real(self):
        real = np.linspace(-1, 1, 4).reshape(2, 2, 1, 1).astype("f4")
        state = {name: array for name, array in STATE.items() if not name.startswith("conv2")}
        self.save({**state, "conv2.weight": real}, {"conv1": [3, 0], "fc": [4, 2]})
        self.assertIn("conv2: not quantized", self.imports(*self.options))
        _, layers, values = self.descriptor("tiny_bsq")
        self.assert_array(values["conv2.weight"], real, "float32")
        self.assertNotIn("weight_quantization", layers["conv2"])

    def test_real_weights_on_no_grid(self):
        real = np.array([1.0, 0.77, 0.31, 0.11], "f4").reshape(2, 2, 1, 1)
        state = {name: array for name, array in STATE.items() if not name.startswith("conv2")}
        self.save({**state, "conv2.weight": real})
        self.refuses(self.options, 'model.pt: layer "conv2": real weights that lie on no grid of '
                     "2 bits, which Nbit_dict gives the layer")


RESIDUAL = """\
schema: pimento/network/1
name: residual
input: {shape: [1, 4, 4]}
layers:
  - {name: conv1, op: conv, out_channels: 1, kernel: 1}
  - {name: relu, op: relu}
  - {name: a.conv1, op: conv, out_channels: 1, kernel: 1}
  - {name: a.relu1, op: relu}
  - {name: a.conv2, op: conv, out_channels: 1, kernel: 1}
  - {name: a.add, op: add, from: [a.conv2, relu]}
  - {name: a.relu2, op: relu}
  - {name: b.conv1, op: conv, out_channels: 1, kernel: 1}
  - {name: b.relu1, op: relu}
  - {name: avgpool, op: global_average_pool}
  - {name: flatten, op: flatten}
  - {name: fc, op: linear, out_features: 1}
"""


class Activations(ImporterTest):
    """Which inputs BSQ's ResNets quantize, and which ReLUs they limit."""

    program = "bsq.py"
    options = ("model.pt", "--architecture", "residual.yaml", "--to", "out")
    layers = ("conv1", "a.conv1", "a.conv2", "b.conv1")

    def save(self, extra=None):
        self.write("residual.yaml", RESIDUAL)
        state = {f"{name}.weight": np.ones((1, 1, 1, 1), "f4") for name in self.layers}
        state["fc.weight"] = np.ones((1, 1), "f4")
        self.write("model.pt", legacy_file(checkpoint({**state, **(extra or {})}, {})))

    def test_four_bits_use_relu6(self):
        self.save()
        printed = self.imports(*self.options)
        self.assertIn("a.conv1: input not quantized", printed)
        self.assertIn("fc: input not quantized", printed)
        _, layers, _ = self.descriptor("residual_bsq")
        quantized = {name for name, fields in layers.items() if "input_quantization" in fields}
        self.assertEqual(quantized, {"a.conv2", "b.conv1"})
        self.assertEqual(layers["relu"], {"name": "relu", "op": "relu"})
        for name in ("a.relu1", "a.relu2", "b.relu1"):
            self.assertEqual(layers[name], {"name": name, "op": "clip", "min": 0.0, "max": 6.0})

    def test_three_bits_use_the_learned_limits(self):
        limits = {name: np.array(limit, "f4") for name, limit in
                  (("a.relu1.alpha", 2.5), ("a.relu2.alpha", 3.5), ("b.relu1.alpha", 4.5))}
        self.save(limits)
        self.imports(*self.options, "--act", "3")
        _, layers, _ = self.descriptor("residual_bsq")
        self.assertEqual([layers[name]["max"] for name in ("a.relu1", "a.relu2", "b.relu1")],
                         [2.5, 3.5, 4.5])

    def test_three_bits_without_learned_limits(self):
        self.save()
        self.refuses((*self.options, "--act", "2"),
                     *(f'model.pt: layer "{name}": alpha: found none; expected one number'
                       for name in ("a.relu1", "a.relu2", "b.relu1")))

    def test_all_cannot_quantize_averages(self):
        self.save()
        self.refuses((*self.options, "--activations", "all"),
                     'model.pt: layer "fc": reads "avgpool", whose values may be negative or are '
                     "averages; --activations all quantizes what comes from a relu")


class Mistakes(ImporterTest):
    program = "bsq.py"
    options = BsqImport.options

    def refuses_state(self, changes, *lines, bits=None, leave_out=()):
        state = {name: array for name, array in {**STATE, **changes}.items()
                 if not name.startswith(tuple(leave_out))}
        self.write("model.pt", legacy_file(checkpoint(state, bits or BITS)))
        self.refuses(self.options, *(f"model.pt: {line}" for line in lines))

    def test_layers_on_one_side_only_are_all_listed(self):
        self.refuses_state(
            {"conv3.weight": np.ones((1, 1, 1, 1), "f4"), **batch_norm("bn3", 2),
             "scalar.gain": np.ones(1, "f4")},
            'layer "scalar": found gain; expected the parameters of a convolution, a linear layer '
            "or a batch normalization of the architecture",
            'layer "conv1": weights in the architecture, none in the checkpoint, which has "conv3"',
            'layer "conv3": weights in the checkpoint, none in the architecture',
            'layer "bn2": a batch normalization in the architecture, none in the checkpoint, which '
            'has "bn3"',
            'layer "bn3": a batch normalization in the checkpoint, none in the architecture',
            leave_out=("conv1.", "bn2."))

    def test_other_shapes(self):
        self.refuses_state(
            {**bit_form("conv1", CONV1[:1], 3, 1.0), **bit_form("fc", FC[:, :4], 4, 1.0),
             "bn1.bias": np.ones(3, "f4"), "conv2.scale": np.ones(2, "f4")},
            'layer "conv1": pweight: found 1x1x3x3x3; expected 2x1x3x3x3',
            'layer "conv1": nweight: found 1x1x3x3x3; expected 2x1x3x3x3',
            'layer "conv2": scale: found 2 values; expected one number',
            'layer "fc": pweight: found 3x4x4; expected 3x8x4',
            'layer "fc": nweight: found 3x4x4; expected 3x8x4',
            'layer "bn1": bias: found 3; expected 2')

    def test_biases_on_one_side_only(self):
        self.write("tiny.yaml", ARCHITECTURE.replace(", bias: true", "")
                   .replace("kernel: 1", "kernel: 1, bias: true"))
        self.refuses_state(
            {}, 'layer "conv2": a bias in the architecture, none in the checkpoint',
            'layer "fc": a bias in the checkpoint, none in the architecture')

    def test_bits_that_do_not_fit_the_planes(self):
        self.refuses_state(
            {}, 'layer "conv1": weights of 3 bit planes, but 2 bits in Nbit_dict',
            'layer "fc": bias of 2 bit planes, but 1 bit in Nbit_dict',
            bits={"conv1": [2, 0], "conv2": [2, 0], "fc": [4, 1]})

    def test_bits_that_are_no_bits(self):
        for wrong in ([3], [3, -1], [17, 0], [3.0, 0], 3, "3", [True, 0]):
            with self.subTest(wrong):
                self.refuses_state(
                    {}, 'layer "conv1": Nbit_dict: expected two whole numbers from 0 to 16',
                    bits={**BITS, "conv1": wrong})

    def test_values_that_are_no_numbers(self):
        planes_of_nan = np.full((2, 2, 1, 1, 2), np.nan, "f4")
        self.refuses_state(
            {"conv2.pweight": planes_of_nan, "conv1.scale": np.array(np.inf, "f4"),
             "bn1.running_var": np.array([1, -1], "f4"), "fc.scale": np.array(0, "f4")},
            'layer "conv1": scale: found inf; expected a finite number',
            'layer "conv2": pweight: found NaN or infinite values',
            'layer "fc": scale: found 0 for weights that are not all zero',
            'layer "bn1": running_var: found -1.0; expected 0 or more')

    def test_parts_that_are_missing(self):
        self.refuses_state(
            {}, 'layer "conv2": expected pweight and nweight',
            'layer "fc": biasscale: found none; expected one number',
            'layer "bn1": no running_var in the checkpoint',
            leave_out=("conv2.nweight", "fc.biasscale", "bn1.running_var"))

    def test_a_hostile_checkpoint(self):
        self.write("model.pt", legacy_file({"state_dict": Global("os", "system")("touch fooled")}))
        self.refuses(self.options,
                     'model.pt: the pickle asks for "os.system", which is not called here; '
                     "expected tensors, numbers, text and containers of these")
        self.assertFalse((self.folder / "fooled").exists())

    def test_files_and_options(self):
        self.write("model.pt", legacy_file(checkpoint(STATE, BITS)))
        options = list(self.options)
        self.refuses(["none.pt", *options[1:]], "none.pt: No such file or directory")
        self.refuses([*options, "--name", "../x"],
                     '--name "../x": expected the name of a file, without folder')
        for wrong in (["--act", "0"], ["--image-scale", "0"], ["--image-scale", "nan"]):
            result = self.run_program(*options, *wrong)
            self.assertEqual(result.returncode, 2)
            self.assertIn(f"error: {'argument ' if wrong[0] == '--act' else ''}{wrong[0]}: ",
                          result.stderr)


if __name__ == "__main__":
    unittest.main()
