#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Reads files of torch.save that this writes itself, good and hostile ones."""

import io
import os
import pickle
import sys
import tempfile
import unittest
import zipfile
from collections import OrderedDict
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts/import"))
import checkpoint  # noqa: E402
import pickle_reader  # noqa: E402
from mistakes import InputError  # noqa: E402
from torch_files import Global, legacy_file, ordered, pickled, tensor, zip_file  # noqa: E402

FORMS = {"legacy": legacy_file, "zip": zip_file}
LONG = 1 << 40


def load(data):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.pt"
        path.write_bytes(data)
        try:
            return checkpoint.load(path)
        except InputError as error:
            raise InputError(str(error).replace(str(path), "file.pt")) from None


class GoodFiles(unittest.TestCase):
    def test_every_type_of_value_in_both_forms(self):
        arrays = [np.arange(6).reshape(2, 3).astype(kind) for kind in
                  ("f8", "f4", "f2", "i8", "i4", "i2", "i1", "u1", "b1")]
        for form, write in FORMS.items():
            for array in arrays:
                with self.subTest(form=form, kind=array.dtype.name):
                    found = load(write({"a": tensor(array)}))["a"].array
                    self.assertEqual(found.dtype, array.dtype)
                    np.testing.assert_array_equal(found, array)

    def test_shapes_of_no_and_many_dimensions(self):
        for form, write in FORMS.items():
            for shape in ((), (1,), (0,), (2, 0, 3), (2, 1, 3, 1, 2)):
                with self.subTest(form=form, shape=shape):
                    array = np.arange(np.prod(shape, dtype=int), dtype="f4").reshape(shape)
                    found = load(write([tensor(array)]))[0].array
                    self.assertEqual(found.shape, shape)
                    np.testing.assert_array_equal(found, array)

    def test_views_of_one_storage(self):
        array = np.arange(12, dtype="f4")
        views = {"all": tensor(array), "row": tensor(array, offset=4, shape=(4,), strides=(1,)),
                 "turned": tensor(array, shape=(4, 3), strides=(1, 4))}
        for form, write in FORMS.items():
            with self.subTest(form):
                found = load(write(views))
                np.testing.assert_array_equal(found["all"].array, array)
                np.testing.assert_array_equal(found["row"].array, array[4:8])
                np.testing.assert_array_equal(found["turned"].array, array.reshape(3, 4).T)

    def test_numbers_text_and_containers(self):
        root = {"epoch": 343, "acc": 92.55, "none": None, "flags": [True, False], "big": 2**70,
                "small": -3, "text": "gr\u00fcn", "bytes": b"\xff\x00", 5: (1, 2, 3, (4,)),
                "empty": [(), [], {}],
                "bits": {"layer2.0.conv1": [3, 0]}, "ordered": OrderedDict([("b", 1), ("a", 2)])}
        for protocol in (2, 3, 4):
            with self.subTest(protocol):
                data = zip_file(None, raw_pickle=pickled(root, protocol=protocol))
                self.assertEqual(load(data), root)

    def test_numpy_scalars(self):
        kind = Global("numpy", "dtype")
        for type_code, value in (("f8", 92.55), ("i8", -7), ("f4", 0.5), ("u1", 200)):
            scalar = Global("numpy.core.multiarray", "scalar")(
                kind(type_code, False, True), np.array(value, type_code).tobytes())
            self.assertEqual(load(legacy_file({"acc": scalar})), {"acc": value})

    def test_a_bfloat16_storage_becomes_float32(self):
        array = np.array([1.0, -2.5, 3.0], "f4")
        halves = (array.view("u4") >> 16).astype("i2")
        with zipfile.ZipFile(io.BytesIO(zip_file({"a": tensor(halves)}))) as archive:
            content = archive.read("archive/data.pkl").replace(b"ShortStorage", b"BFloat16Storage")
            data = zip_file(None, raw_pickle=content,
                            extra={"archive/data/0": archive.read("archive/data/0")})
        found = load(data)["a"].array
        self.assertEqual(found.dtype, np.float32)
        np.testing.assert_array_equal(found, array)

    def test_where_a_state_dict_may_lie(self):
        array = tensor(np.ones(2, "f4"))
        for root in ({"conv.weight": array}, {"state_dict": ordered({"module.conv.weight": array})},
                     {"model": {"conv.weight": array}, "epoch": 3}):
            found = checkpoint.state_dict("file.pt", load(zip_file(root)))
            self.assertEqual(list(found), ["conv.weight"])

    def test_no_state_dict(self):
        for root in ({}, [], {"epoch": 3}, {"state_dict": {}}, {"state_dict": {"a": 3}}):
            with self.assertRaises(InputError) as caught:
                checkpoint.state_dict("file.pt", load(zip_file(root)))
            self.assertEqual(str(caught.exception),
                             "file.pt: no state_dict; expected names with tensors, in the file or "
                             'in its entry "state_dict"')


class RefusedFiles(unittest.TestCase):
    def refuses(self, data, message):
        with self.assertRaises(InputError) as caught:
            load(data)
        self.assertEqual(str(caught.exception), f"file.pt: {message}")

    def refuses_object(self, obj, message):
        for form, write in FORMS.items():
            with self.subTest(form):
                self.refuses(write(obj), message)

    def test_hostile_pickles_are_refused_by_name_and_not_run(self):
        marker = Path(tempfile.gettempdir()) / f"pimento_importer_was_fooled_{os.getpid()}"
        self.addCleanup(lambda: marker.unlink(missing_ok=True))
        command = f"touch {marker}"
        for module, name, arguments in (
                ("os", "system", (command,)), ("posix", "system", (command,)),
                ("builtins", "eval", (f"open({str(marker)!r}, 'w')",)),
                ("builtins", "exec", (f"open({str(marker)!r}, 'w')",)),
                ("__builtin__", "eval", ("1",)), ("builtins", "getattr", ("a", "b")),
                ("subprocess", "Popen", (command,)), ("nt", "system", (command,)),
                ("torch.serialization", "load", ("x",)), ("torch.jit", "load", ("x",)),
                ("torch._utils", "_rebuild_sparse_tensor", ()), ("operator", "attrgetter", ("x",)),
                ("numpy.core.multiarray", "_reconstruct", ()), ("torch", "nothing", ())):
            obj = {"state_dict": Global(module, name)(*arguments)}
            self.refuses_object(
                obj, f'the pickle asks for "{module}.{name}", which is not called here; expected '
                     "tensors, numbers, text and containers of these")
        self.assertFalse(marker.exists())

    def test_pythons_own_reduce_is_refused(self):
        class Evil:
            def __reduce__(self):
                return os.system, ("false",)
        self.refuses(zip_file(None, raw_pickle=pickle.dumps({"a": Evil()}, 2)),
                     'the pickle asks for "posix.system", which is not called here; expected '
                     "tensors, numbers, text and containers of these")
        for protocol in (4,):  # by STACK_GLOBAL
            self.refuses(zip_file(None, raw_pickle=pickle.dumps(Evil(), protocol)),
                         'the pickle asks for "posix.system", which is not called here; expected '
                         "tensors, numbers, text and containers of these")

    def test_names_that_would_be_found_by_parts(self):
        self.refuses(zip_file(None, raw_pickle=b"\x80\x04\x8c\x05torch\x8c\x0fFloatStorage.os"
                              b"\x93."),
                     'the pickle asks for "torch.FloatStorage.os", which is not called here; '
                     "expected tensors, numbers, text and containers of these")

    def test_the_hostile_part_of_a_legacy_file_may_be_any_pickle(self):
        good = legacy_file({"a": tensor(np.ones(2, "f4"))})
        hostile = pickled(Global("os", "system")("false"))
        for position in (0, len(pickled(0x1950A86A20F9469CFC6C))):
            self.refuses(good[:position] + hostile + good[position:],
                         'the pickle asks for "os.system", which is not called here; expected '
                         "tensors, numbers, text and containers of these")

    def test_instructions_beyond_data(self):
        for code, content in (("b'i'", b"ios\nsystem\n"), ("b'o'", b"(o"), ("b'\\x81'", b"\x81"),
                              ("b'\\x92'", b"\x92"), ("b'\\x82'", b"\x82\x01"), ("b'P'", b"P1\n"),
                              ("b'\\x97'", b"\x97"), ("b'I'", b"I1\n")):
            self.refuses(zip_file(None, raw_pickle=b"\x80\x02" + content + b"."),
                         f"pickle instruction {code} is not read")

    def test_states_are_taken_by_what_has_one_only(self):
        self.refuses_object([Stated()], "a state for a Tensor, which takes none")

    def test_dict_keys_are_names(self):
        self.refuses_object({(1, 2): 3}, "a dict key of type tuple; expected text or a whole "
                            "number")

    def test_depth_does_not_matter(self):
        depth = 500_000
        root = load(zip_file(None, raw_pickle=b"\x80\x02)" + b"\x85" * depth + b"."))
        for _ in range(depth):
            root, = root
        self.assertEqual(root, ())

    def test_pickle_bombs(self):
        self.refuses(zip_file(None, raw_pickle=b"\x80\x02" + b"N0" * 1_000_001 + b"N."),
                     f"a pickle of more than {pickle_reader.MOST_STEPS} instructions")
        self.refuses(zip_file(None, raw_pickle=b"\x80\x02X\xff\xff\xff\xff."),
                     "ends early: 4294967295 bytes wanted at byte 7 of 8")
        self.refuses(zip_file(None, raw_pickle=b"\x80\x02\x8e" + b"\xff" * 8 + b"."),
                     "ends early: 18446744073709551615 bytes wanted at byte 11 of 12")
        self.refuses(zip_file(None, raw_pickle=b"\x80\x02\x8b\x21\x00\x00\x00" + b"\x01" * 33
                              + b"."), "an integer of 33 bytes")
        # A memo index of four billion costs nothing.
        self.assertIs(load(zip_file(None, raw_pickle=b"\x80\x02Nr\xff\xff\xff\xff.")), None)
        # Ten lists of ten lists of ten ... are few objects, and nobody walks through them.
        laughs = b"\x80\x02]q\x00"
        for level in range(50):
            laughs += b"](" + b"h" + bytes([level]) + (b"h" + bytes([level])) * 9 + b"eq" + \
                bytes([level + 1])
        load(zip_file(None, raw_pickle=laughs + b"."))

    def test_damaged_pickles(self):
        for content, message in ((b"\x80\x02", "ends early: 1 bytes wanted at byte 2 of 2"),
                                 (b"\x80\x05N.", "pickle protocol 5; expected 2 to 4"),
                                 (b"\x80\x02.", "a pickle that takes from an empty stack"),
                                 (b"\x80\x02t.", "a pickle without the mark it goes back to"),
                                 (b"\x80\x02Na.", "a pickle that takes from an empty stack"),
                                 (b"\x80\x02NNa.", "a pickle that appends to what is no list"),
                                 (b"\x80\x02NX\x01\0\0\0aNs.",
                                  "a pickle that puts a key into what is no dict"),
                                 (b"\x80\x02}(Nu.", "a key without a value"),
                                 (b"\x80\x02N)R.", "a pickle that calls what is no function"),
                                 (b"\x80\x02h\x05.", "memo 5 is read before it is written"),
                                 (b"\x80\x02X\x01\0\0\0\xff.", "text that is not UTF-8"),
                                 (b"\x80\x02c" + b"a" * 2000, "a line without end at byte 3"),
                                 (b"\x80\x02NQ.", "a persistent id that is no storage")):
            with self.subTest(content[:20]):
                self.refuses(zip_file(None, raw_pickle=content), message)

    def test_storages_that_promise_more_than_there_is(self):
        array = np.ones(4, "f4")
        many = {"a": tensor(array, count=LONG, shape=(2,), strides=(1,))}
        for form, write in FORMS.items():
            data = write(many)
            self.refuses(data, f"storages of {4 * LONG} bytes, but the file has {len(data)}")
        self.refuses(zip_file({"a": tensor(array, count=5)}),
                     'storage "0" has 16 bytes; expected 20')
        self.refuses(legacy_file({"a": tensor(array, count=5)}),
                     'storage "0" has 4 values; expected 5')
        data = legacy_file({"a": tensor(array)}, count=-1)
        self.refuses(data, 'storage "0" has -1 values; expected 4')
        data = legacy_file({"a": tensor(array)})
        self.refuses(data[:-1], f"ends early: 16 bytes wanted at byte {len(data) - 16} of "
                     f"{len(data) - 1}")

    def test_tensors_that_reach_past_their_storage(self):
        array = np.ones(4, "f4")
        for changes, message in (
                ({"offset": 1}, "a tensor of 4 at 1 reaches past its storage of 4 values"),
                ({"offset": -1}, "a tensor whose shape, strides or offset are no whole numbers "
                                 "from 0"),
                ({"shape": (LONG,), "strides": (0,)},
                 f"a tensor of {LONG} at 0 reaches past its storage of 4 values"),
                ({"shape": (2, 2), "strides": (2, 2)},
                 "a tensor of 2x2 at 0 reaches past its storage of 4 values"),
                ({"shape": (2,), "strides": (-1,)}, "a tensor whose shape, strides or offset are "
                                                    "no whole numbers from 0"),
                ({"shape": (2,), "strides": (1, 1)}, "a tensor whose shape, strides or offset are "
                                                     "no whole numbers from 0"),
                ({"shape": (True,), "strides": (1,)}, "a tensor whose shape, strides or offset "
                                                      "are no whole numbers from 0"),
                ({"shape": (1,) * 9, "strides": (1,) * 9},
                 "a tensor of 9 dimensions; expected up to 8")):
            with self.subTest(changes):
                self.refuses_object({"a": tensor(array, **changes)}, message)

    def test_calls_with_arguments_that_do_not_fit(self):
        rebuild = Global("torch._utils", "_rebuild_tensor_v2")
        for obj, message in (
                (rebuild(1, 0, (), ()), "a tensor without a storage"),
                (rebuild(), '"torch._utils._rebuild_tensor_v2" is called with arguments that do '
                            "not fit: rebuild_tensor() missing 4 required positional arguments: "
                            "'storage', 'offset', 'shape', and 'strides'"),
                (Global("torch", "FloatStorage")(), "a pickle that calls what is no function"),
                (Global("numpy", "dtype")("O8", False, True),
                 'a numpy type "O8"; expected one of b1, f2, f4, f8, i1, i2, i4, i8, u1, u2, u4, '
                 "u8"),
                (Global("_codecs", "encode")("x", "rot13"),
                 'an encoding "rot13"; expected "latin1"'),
                (Global("torch", "Size")((-1,)), "a size of what are no whole numbers from 0"),
                (Global("collections", "OrderedDict")([[(1,), 2]]),
                 "an OrderedDict of what are no pairs with a name")):
            self.refuses_object([obj], message)

    def test_zip_files_that_are_no_checkpoints(self):
        obj = {"a": tensor(np.zeros(1000, "f4"))}
        self.refuses(zip_file(obj, compression=zipfile.ZIP_DEFLATED),
                     f'"archive/data.pkl" is compressed or larger than '
                     f"{checkpoint.MOST_PICKLE_BYTES} bytes")
        self.refuses(zip_file(obj, leave_out=["archive/data.pkl"]),
                     "a zip file without one ARCHIVE/data.pkl; expected a file of torch.save")
        self.refuses(zip_file(obj, leave_out=["archive/data/0"],
                              extra={"archive/filler": bytes(4000)}),
                     'no "archive/data/0" in the zip file')
        self.refuses(zip_file(obj, extra={"archive/constants.pkl": b""}),
                     "a TorchScript archive; save the model's state_dict() instead")
        self.refuses(zip_file(obj, extra={"archive/byteorder": b"big"}),
                     "a file that is not little-endian")
        self.refuses(b"PK\x03\x04", "a damaged zip file: File is not a zip file")

    def test_legacy_files_that_are_no_checkpoints(self):
        self.refuses(legacy_file({}, system={"little_endian": False}),
                     "a file that is not little-endian")
        self.refuses(pickled(1) + pickled(1001), "no file of torch.save")
        self.refuses(b"", "no file of torch.save")
        self.refuses(b"hello", "no file of torch.save")
        self.refuses(b"\0" * 257 + b"ustar", "a tar file (PyTorch before 0.1.10); load and save it "
                     "again")

    def test_every_cut_file_is_refused(self):
        """And every flipped byte gives an array or a message, but nothing else."""
        for form, write in FORMS.items():
            data = write({"state_dict": ordered({"a.weight": tensor(np.ones((2, 3), "f4"))})})
            for length in range(len(data)):
                with self.assertRaises(InputError):
                    checkpoint.parse(data[:length])
            for position in range(len(data)):
                for flip in (0x01, 0x80, 0xFF):
                    changed = bytearray(data)
                    changed[position] ^= flip
                    try:
                        checkpoint.parse(bytes(changed))
                    except InputError:
                        pass


class Stated:
    """A tensor that is given a state."""

    def __reduce__(self):
        return Global("torch._utils", "_rebuild_parameter"), (
            tensor(np.ones(1, "f4")), True, None), {"__setstate__": 1}


class AgainstPyTorch(unittest.TestCase):
    """Only where PyTorch is installed."""

    def setUp(self):
        try:
            import torch
        except ImportError:
            self.skipTest("python3-torch is not installed")
        self.torch = torch

    def model(self):
        torch = self.torch
        torch.manual_seed(1)
        return torch.nn.Sequential(torch.nn.Conv2d(2, 3, 3), torch.nn.BatchNorm2d(3))

    def test_reads_what_it_writes(self):
        torch = self.torch
        model = self.model()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
        model(torch.ones(1, 2, 5, 5)).sum().backward()
        optimizer.step()
        saved = {"Nbit_dict": {"0": [3, 0]}, "epoch": 3, "state_dict": model.state_dict(),
                 "acc": np.float64(91.5), "best": torch.tensor(2.5), "shape": torch.Size([1, 2]),
                 "optimizer": optimizer.state_dict(), "parameter": model[0].weight,
                 "turned": model[0].weight.data.permute(3, 2, 1, 0),
                 "half": torch.ones(3).bfloat16()}
        for zipped in (False, True):
            file = io.BytesIO()
            torch.save(saved, file, _use_new_zipfile_serialization=zipped)
            found = load(file.getvalue())
            for key, value in model.state_dict().items():
                np.testing.assert_array_equal(found["state_dict"][key].array, value.numpy())
            np.testing.assert_array_equal(found["turned"].array, saved["turned"].numpy())
            np.testing.assert_array_equal(found["half"].array, np.ones(3, "f4"))
            self.assertEqual((found["acc"], found["shape"], found["best"].array),
                             (91.5, (1, 2), 2.5))

    def test_it_reads_what_the_tests_write(self):
        array = np.arange(6, dtype="f4").reshape(2, 3)
        for form, write in FORMS.items():
            found = self.torch.load(io.BytesIO(write({"a": tensor(array), "n": 3})))
            np.testing.assert_array_equal(found["a"].numpy(), array)
            self.assertEqual(found["n"], 3)


if __name__ == "__main__":
    unittest.main()
