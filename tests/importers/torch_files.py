# SPDX-License-Identifier: Apache-2.0
"""Writes files as torch.save does, in both forms, without PyTorch; and wrong ones.

A Global stands for any name a pickle may ask for, so that hostile pickles are as easy to write as
good ones. checkpoint_test.py holds these files against PyTorch's own, where it is installed.
"""

import io
import pickle
import struct
import zipfile
from collections import OrderedDict

import numpy as np

KINDS = {"float32": "Float", "float64": "Double", "float16": "Half", "int64": "Long",
         "int32": "Int", "int16": "Short", "int8": "Char", "uint8": "Byte", "bool": "Bool"}
MAGIC = 0x1950A86A20F9469CFC6C
SYSTEM = {"protocol_version": 1001, "little_endian": True, "type_sizes": {"int": 4}}


class Global:
    """module.name, as a pickle names it."""

    def __init__(self, module, name):
        self.module, self.name = module, name

    def __call__(self, *arguments):
        return Call(self, arguments)


class Call:
    """What a Global returns for these arguments."""

    def __init__(self, function, arguments):
        self.function, self.arguments = function, arguments

    def __reduce__(self):
        return self.function, self.arguments


class Storage:
    def __init__(self, key, array, count=None):
        self.key, self.array = key, array
        self.count = array.size if count is None else count


REBUILD = Global("torch._utils", "_rebuild_tensor_v2")


def tensor(array, **changes):
    """A tensor in a file; `changes` make it a wrong one."""
    return Tensor(np.asarray(array, order="C"), changes)


class Tensor:
    def __init__(self, array, changes):
        self.array, self.changes = array, changes


class Pickler(pickle._Pickler):  # the one in Python, which can be taught to write Globals
    def __init__(self, file, storages, legacy, protocol=2):
        super().__init__(file, protocol)
        self.storages, self.legacy = storages, legacy

    def save(self, obj, save_persistent_id=True):
        if isinstance(obj, Global):
            self.write(f"c{obj.module}\n{obj.name}\n".encode())
        elif isinstance(obj, Tensor):
            self.save(self.as_call(obj))
        else:
            super().save(obj, save_persistent_id)

    def as_call(self, made):
        array, changes = made.array, made.changes
        for storage in self.storages:
            if storage.array is array:
                break
        else:
            storage = Storage(changes.get("key", str(len(self.storages))), array,
                              changes.get("count"))
            self.storages.append(storage)
        strides = tuple(step // array.itemsize for step in array.strides)
        return REBUILD(storage, changes.get("offset", 0), changes.get("shape", array.shape),
                       changes.get("strides", strides), False, Call(Global(
                           "collections", "OrderedDict"), ()))

    def persistent_id(self, obj):
        if not isinstance(obj, Storage):
            return None
        kind = Global("torch", KINDS[obj.array.dtype.name] + "Storage")
        found = ("storage", kind, obj.key, "cpu", obj.count)
        return (*found, None) if self.legacy else found


def pickled(obj, storages=None, legacy=False, protocol=2):
    file = io.BytesIO()
    Pickler(file, [] if storages is None else storages, legacy, protocol).dump(obj)
    return file.getvalue()


def ordered(state):
    """A state_dict as PyTorch has it: ordered, with an attribute besides the entries."""
    made = OrderedDict(state)
    made._metadata = OrderedDict([("", {"version": 1})])
    return made


def legacy_file(obj, system=None, count=None):
    """The form of PyTorch before 1.6, and of _use_new_zipfile_serialization=False."""
    storages = []
    parts = [pickled(MAGIC), pickled(1001), pickled(system or SYSTEM),
             pickled(obj, storages, legacy=True)]
    parts.append(pickled([storage.key for storage in storages]))
    for storage in storages:
        values = storage.array.tobytes()
        parts.append(struct.pack("<q", storage.array.size if count is None else count) + values)
    return b"".join(parts)


def zip_file(obj, compression=zipfile.ZIP_STORED, leave_out=(), extra=None, raw_pickle=None):
    storages, file = [], io.BytesIO()
    data = pickled(obj, storages) if raw_pickle is None else raw_pickle
    members = {"archive/data.pkl": data, "archive/version": b"3\n", **(extra or {})}
    members.update({f"archive/data/{storage.key}": storage.array.tobytes()
                    for storage in storages})
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in members.items():
            if name not in leave_out:
                archive.writestr(name, content)
    return file.getvalue()
