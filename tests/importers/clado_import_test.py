#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Imports small state_dicts with MQBench's fake quantizers, mixed as CLADO's decisions say."""

import json
import unittest

import numpy as np

from support import ImporterTest, batch_norm
from torch_files import legacy_file, ordered, tensor, zip_file

import clado  # noqa: E402  found through support

CONV1 = np.array([0.04, 0.05, 0.06, -0.05, -0.15, 0.25, 9, -9, 0, 1, -1, 0.1, 0.2, 0.3, 0.4, 0.5,
                  0.6, 0.7], "f4").reshape(2, 1, 3, 3)
CONV2 = np.array([[0.5, -0.5], [-2.0, 0.24]], "f4").reshape(2, 2, 1, 1)
FC = np.linspace(-1, 1, 24).reshape(3, 8).astype("f4")
BIAS = np.array([0.1, -0.2, 0.3], "f4")


def quantizer(name, scale, zero_point=0, observed=None, **more):
    """What FixedFakeQuantize and its observer put into a state_dict."""
    entries = {f"{name}.fake_quant_enabled": np.ones(1, "u1"),
               f"{name}.observer_enabled": np.zeros(1, "u1"),
               f"{name}.scale": np.atleast_1d(np.array(scale, "f4")),
               f"{name}.zero_point": np.atleast_1d(np.array(zero_point, "i4"))}
    if observed is not None:
        entries[f"{name}.activation_post_process.min_val"] = np.array(observed[0], "f4")
        entries[f"{name}.activation_post_process.max_val"] = np.array(observed[1], "f4")
    entries.update({f"{name}.{key}": value for key, value in more.items()})
    return entries


def model(scale1=0.1, scale2=(0.25, 1.0), **changes):
    """The state_dict of the tiny network; nodes of the graph have names of their own."""
    zeros2 = [0] * np.size(scale2)
    state = {"conv1.weight": CONV1, **quantizer("conv1.weight_fake_quant", scale1),
             **batch_norm("bn1", 2), "conv2.weight": CONV2,
             **quantizer("conv2.weight_fake_quant", scale2, zeros2), **batch_norm("bn2", 2),
             "fc.weight": FC, "fc.bias": BIAS, **quantizer("fc.weight_fake_quant", 0.1),
             **quantizer("x_post_act_fake_quantizer", 0.02, 113),
             **quantizer("relu_post_act_fake_quantizer", 0.5, 0, (0.0, 127.5)),
             **quantizer("flatten_1_post_act_fake_quantizer", 0.25, 3)}
    return {**state, **changes}


def file_of(state, write=zip_file):
    return write(ordered({name: tensor(array) for name, array in state.items()}))


class CladoImport(ImporterTest):
    program = "clado.py"
    common = ("--decisions", "decisions.json", "--architecture", "tiny.yaml", "--to", "out")

    def save(self, decisions=None, **changes):
        self.write("model.pt", file_of(model(**changes)))
        self.write("decisions.json", json.dumps(
            {"conv1": [8, 8], "conv2": [8, 4], "fc": [4, 2]} if decisions is None else decisions))

    def test_integers_scales_and_zero_points(self):
        for write in (zip_file, legacy_file):
            self.save()
            self.write("model.pt", file_of(model(), write))
            printed = self.imports("model.pt", *self.common)
            self.assertEqual(printed, [
                "conv1: weights 8, activations 8", "conv2: weights 4, activations 8",
                "fc: weights 2, activations 4", "written: out/tiny_clado.yaml"])
            fields, layers, values = self.descriptor("tiny_clado")
            # 0.05 / 0.1 and 0.25 / 0.1 are halves in single precision; they go to even.
            self.assert_array(values["conv1.weight"].reshape(-1), [
                0, 0, 1, 0, -2, 2, 90, -90, 0, 10, -10, 1, 2, 3, 4, 5, 6, 7], "int32")
            self.assert_array(values["conv2.weight"].reshape(-1), [2, -2, -2, 0], "int32")
            self.assert_array(values["fc.weight"], np.clip(np.rint(FC * np.float32(10)), -2, 1),
                              "int32")
            self.assert_array(values["fc.bias"], BIAS, "float32")
            self.assert_array(values["conv2.weight_scale"], [0.25, 1.0], "float32")
            form = {"signed": True, "zero_point": 0, "encoding": "twos_complement"}
            self.assertEqual(layers["conv1"]["weight_quantization"], {
                "bits": 8, "scale": float(np.float32(0.1)), **form})
            self.assertEqual(layers["conv2"]["weight_quantization"], {
                "bits": 4, "scale": "conv2.weight_scale", "axis": 0, **form})
            self.assertEqual(
                [layers[name]["input_quantization"] for name in ("conv1", "conv2", "fc")],
                [{"bits": 8, "signed": False, "scale": float(np.float32(0.02)), "zero_point": 113},
                 {"bits": 8, "signed": False, "scale": 0.5, "zero_point": 0},
                 {"bits": 4, "signed": False, "scale": 0.25, "zero_point": 3}])
            self.assertEqual(fields["weights"], {"file": "tiny_clado.npz"})

    def test_integers_are_those_of_pytorch(self):
        try:
            import torch
        except ImportError:
            self.skipTest("python3-torch is not installed")
        generator = np.random.default_rng(1)
        for bits in (2, 4, 8):
            weights = generator.normal(size=5000).astype("f4")
            scale = np.float32(abs(weights).max() / (2**bits - 1) * 2)
            weights[:100] = (np.arange(100) - 50 + 0.5) * scale
            expected = torch.fake_quantize_per_tensor_affine(
                torch.from_numpy(weights), float(scale), 0, -2**(bits - 1), 2**(bits - 1) - 1)
            found = clado.fake_quantized(weights, scale, bits)
            np.testing.assert_array_equal(found.astype("f4") * scale, expected.numpy())

    def test_quantizers_are_mixed_from_a_file_for_each_number_of_bits(self):
        self.save({"conv1": [8, 8], "conv2": [8, 4], "fc": [8, 2]})
        for bits, scale in ((2, 4.0), (4, 2.0), (8, 0.5)):
            self.write(f"{bits}.pt", file_of(model(scale, scale, **quantizer(
                "fc.weight_fake_quant", scale))))
        # Weights and inputs' quantizers of the other files are not taken.
        self.write("4.pt", file_of({**model(2.0, 2.0), "conv2.weight": CONV2 * 0,
                                    **quantizer("relu_post_act_fake_quantizer", 9.0)}))
        self.imports("8=8.pt", "4=4.pt", "2=2.pt", *self.common)
        _, layers, values = self.descriptor("tiny_clado")
        self.assertEqual([layers[name]["weight_quantization"]["scale"]
                          for name in ("conv1", "conv2", "fc")], [0.5, 2.0, 4.0])
        self.assert_array(values["conv2.weight"].reshape(-1), [0, 0, -1, 0], "int32")
        self.assertEqual(layers["conv2"]["input_quantization"]["scale"], 0.5)

    def test_quantizers_are_found_by_name_before_order(self):
        names = {"input_post_act_fake_quantizer": 1.0, "flatten_post_act_fake_quantizer": 2.0,
                 "relu1_post_act_fake_quantizer": 3.0}
        state = {name: array for name, array in model().items() if "post_act" not in name}
        for name, scale in names.items():
            state.update(quantizer(name, scale))
        self.save()
        self.write("model.pt", file_of(state))
        self.imports("model.pt", *self.common)
        _, layers, _ = self.descriptor("tiny_clado")
        self.assertEqual([layers[name]["input_quantization"]["scale"]
                          for name in ("conv1", "conv2", "fc")], [1.0, 3.0, 2.0])

    def test_adaround(self):
        """Tuned weights lie on the grid; untuned ones go down or, by alpha, up."""
        alpha = np.array([[1.0, -1.0], [-1.0, 0.0]], "f4").reshape(2, 2, 1, 1)
        for weights, expected in ((CONV2, [3, -2, -2, 1]),
                                  (np.array([0.25, -0.5, -2, 1], "f4").reshape(2, 2, 1, 1),
                                   [1, -2, -2, 1])):
            self.save(**{"conv2.weight": weights, "conv2.weight_fake_quant.alpha": alpha})
            self.imports("model.pt", *self.common)
            _, _, values = self.descriptor("tiny_clado")
            self.assert_array(values["conv2.weight"].reshape(-1), expected, "int32")

    def test_layers_outside_the_search(self):
        self.save({"conv2": [8, 4]})
        self.imports("model.pt", *self.common, "--default", "8,8")
        _, layers, _ = self.descriptor("tiny_clado")
        self.assertEqual(layers["fc"]["weight_quantization"]["bits"], 8)
        self.imports("model.pt", *self.common, "--default", "float")
        _, layers, values = self.descriptor("tiny_clado")
        self.assertEqual(set(layers["conv1"]), {"name", "op", "out_channels", "kernel", "pad",
                                                "weight"})
        self.assert_array(values["conv1.weight"], CONV1, "float32")

    def test_null_leaves_a_side_unquantized(self):
        self.save({"conv1": [None, 8], "conv2": [8, None], "fc": [None, None]})
        self.imports("model.pt", *self.common)
        _, layers, _ = self.descriptor("tiny_clado")
        self.assertEqual(["input_quantization" in layers[name] for name in ("conv1", "conv2")],
                         [False, True])
        self.assertEqual(["weight_quantization" in layers[name] for name in ("conv1", "conv2")],
                         [True, False])


class Mistakes(ImporterTest):
    program = "clado.py"
    common = CladoImport.common
    save = CladoImport.save

    def test_decisions_and_layers_that_do_not_meet(self):
        self.save({"conv2": [8, 4], "conv9": [8, 4]}, **{"conv3.weight": CONV2})
        self.refuses(
            ("model.pt", *self.common),
            'model.pt: layer "conv3": weights in the checkpoint, none in the architecture',
            'model.pt: layer "conv9": a decision, but no layer with weights in the architecture',
            'model.pt: layer "conv1": no decision; add one, or --default',
            'model.pt: layer "fc": no decision; add one, or --default')

    def test_a_layer_without_weights(self):
        self.save()
        state = {name: array for name, array in model().items() if name != "fc.weight"}
        self.write("model.pt", file_of(state))
        self.refuses(("model.pt", *self.common),
                     'model.pt: layer "fc": no weight in the checkpoint')

    def test_folded_norms(self):
        self.save()
        state = {name.replace("bn1.", "conv1.bn."): array for name, array in model().items()}
        self.write("model.pt", file_of(state))
        self.refuses(
            ("model.pt", *self.common),
            'model.pt: layer "bn1": a batch normalization in the architecture, none in the '
            "checkpoint",
            'model.pt: layer "conv1.bn": a batch normalization in the checkpoint, none in the '
            "architecture")

    def test_scales_of_other_bits(self):
        """The observer's range tells that a scale was made for 8 bits."""
        self.save({"conv1": [8, 4], "conv2": [4, 4], "fc": [4, 2]}, **quantizer(
            "conv1.weight_fake_quant", 18 / 255, 0, (-9.0, 5.0)))
        self.refuses(
            ("model.pt", *self.common),
            'model.pt: layer "conv1": conv1.weight_fake_quant: its scale is that of 8 bits, but it '
            "is to have 4",
            'model.pt: layer "conv2": relu_post_act_fake_quantizer: its scale is that of 8 bits, '
            "but it is to have 4")

    def test_wrong_scales_and_zero_points(self):
        self.save(None, **quantizer("conv1.weight_fake_quant", 0.1, 3),
                  **quantizer("conv2.weight_fake_quant", [1.0] * 3, [0] * 3),
                  **quantizer("fc.weight_fake_quant", -1.0),
                  **quantizer("relu_post_act_fake_quantizer", [1.0, 2.0], [0, 0]),
                  **quantizer("flatten_1_post_act_fake_quantizer", 1.0, 16))
        self.refuses(
            ("model.pt", *self.common),
            'model.pt: layer "conv1": conv1.weight_fake_quant.zero_point: found 3; expected 0, as '
            "CLADO quantizes weights symmetrically",
            'model.pt: layer "conv2": conv2.weight_fake_quant.scale: found 3 values; expected 1 or '
            "2, finite",
            'model.pt: layer "conv2": relu_post_act_fake_quantizer.scale: found 2 values; expected '
            "1, finite",
            'model.pt: layer "fc": fc.weight_fake_quant.scale: found -1.0; expected more than 0',
            'model.pt: layer "fc": flatten_1_post_act_fake_quantizer.zero_point: found 16; '
            "expected 0 to 15")

    def test_a_number_of_quantizers_that_fits_no_order(self):
        self.save()
        state = {name: array for name, array in model().items() if not name.startswith("relu_")}
        self.write("model.pt", file_of(state))
        self.refuses(("model.pt", *self.common),
                     "model.pt: found 2 quantizers of activations; expected 3, one for each tensor "
                     "that layers with weights read: input, relu1, flatten")

    def test_bits_without_a_file(self):
        self.save()
        self.refuses(("8=model.pt", "2=model.pt", *self.common),
                     'model.pt: layer "conv2": is to have 4 bits; expected a file for them, '
                     "4=STATE_DICT",
                     'model.pt: layer "fc": is to have 4 bits; expected a file for them, '
                     "4=STATE_DICT")

    def test_decisions_that_are_none(self):
        self.save()
        expected = "expected [activation bits, weight bits], each 2 to 16 or null"
        for text, message in (
                ("[", "decisions.json: no JSON: Expecting value: line 1 column 2 (char 1)"),
                ("[]", "decisions.json: expected a mapping of layers to [activation bits, weight "
                       "bits]"),
                ('{"fc": 8}', f'decisions.json: layer "fc": found 8; {expected}'),
                ('{"fc": [8, 1]}', f'decisions.json: layer "fc": found [8, 1]; {expected}'),
                ('{"fc": [8, true]}', f'decisions.json: layer "fc": found [8, True]; {expected}'),
                ('{"fc": [8, 8], "fc": [4, 4]}',
                 'decisions.json: the key "fc" stands there twice')):
            self.write("decisions.json", text)
            self.refuses(("model.pt", *self.common), message)

    def test_files_that_contradict_each_other(self):
        self.save()
        for files in (("8=model.pt", "8=model.pt"), ("model.pt", "8=model.pt")):
            result = self.run_program(*files, *self.common)
            self.assertEqual(result.returncode, 2)
            self.assertIn("expected one STATE_DICT, or several with bits of their own",
                          result.stderr)


if __name__ == "__main__":
    unittest.main()
