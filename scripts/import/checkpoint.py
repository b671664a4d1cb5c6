# SPDX-License-Identifier: Apache-2.0
"""Reads what torch.save wrote, the zip form and the older one, without PyTorch and without
running anything the file asks for.

`load(path)` gives the saved containers, with Tensors in place of tensors; `state_dict(root)` the
named arrays in them. What a file may cost is bounded by its own size: a storage is read only when
its bytes are there, and a tensor is a view of its storage.

Why not torch.load(weights_only=True): in the PyTorch of Debian 12 (1.13) it hands a TorchScript
archive to torch.jit.load, unpacks tar files, allocates storages of any size before it reads them,
and later versions mended a way to run code through it (CVE-2025-32434).

Refused by name: every global but tensors, parameters, storages, sizes and numpy scalars; sparse
and quantized tensors; tar files (PyTorch before 0.1.10); TorchScript archives; big-endian files.
"""

import io
import math
import struct
import zipfile
from collections import OrderedDict

import numpy as np

from mistakes import InputError, printable, shape_text
from pickle_reader import Function, PickleReader, Stream

LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
LEGACY_PROTOCOL = 1001
MOST_PICKLE_BYTES = 64 << 20
MOST_FILE_BYTES = 4 << 30
MOST_DIMENSIONS = 8
STORAGE_TYPES = {"Double": "<f8", "Float": "<f4", "Half": "<f2", "BFloat16": "bfloat16",
                 "Long": "<i8", "Int": "<i4", "Short": "<i2", "Char": "|i1", "Byte": "|u1",
                 "Bool": "|b1"}
SCALAR_TYPES = {"f8", "f4", "f2", "i8", "i4", "i2", "i1", "u8", "u4", "u2", "u1", "b1"}


class Storage:
    """A flat array whose values come after the pickle that names it."""

    def __init__(self, type_code, count):
        self.type_code, self.count, self.array = type_code, count, None

    @property
    def item_bytes(self):
        return 2 if self.type_code == "bfloat16" else np.dtype(self.type_code).itemsize

    def fill(self, data):
        if self.type_code == "bfloat16":
            upper = np.frombuffer(data, "<u2").astype("<u4")
            self.array = (upper << 16).view("<f4")
        else:
            self.array = np.frombuffer(data, self.type_code)


class Tensor:
    """A view of a storage; `array` is there once the file is read."""

    def __init__(self, storage, offset, shape, strides):
        self.storage, self.offset, self.shape, self.strides = storage, offset, shape, strides

    @property
    def array(self):
        values = self.storage.array[self.offset:]
        strides = [step * values.itemsize for step in self.strides]
        return np.lib.stride_tricks.as_strided(values, self.shape, strides, writeable=False)


class NumberType:
    """A numpy dtype, by name."""

    def __init__(self, name):
        if name not in SCALAR_TYPES:
            raise InputError(f'a numpy type "{printable(name)}"; expected one of '
                             f"{', '.join(sorted(SCALAR_TYPES))}")
        self.dtype = np.dtype(name).newbyteorder("<")

    def take_state(self, state):
        if not isinstance(state, tuple) or len(state) < 2 or state[1] not in ("<", "|"):
            raise InputError("a numpy type that is not little-endian")


def is_count(value):
    return type(value) is int and 0 <= value < 1 << 62


def rebuild_tensor(storage, offset, shape, strides, *_):
    if not isinstance(storage, Storage):
        raise InputError("a tensor without a storage")
    if not is_count(offset) or not isinstance(shape, tuple) or not isinstance(strides, tuple) or \
            len(shape) != len(strides) or not all(is_count(n) for n in shape + strides):
        raise InputError("a tensor whose shape, strides or offset are no whole numbers from 0")
    if len(shape) > MOST_DIMENSIONS:
        raise InputError(f"a tensor of {len(shape)} dimensions; expected up to {MOST_DIMENSIONS}")
    count = math.prod(shape)
    reach = 1 + sum((extent - 1) * step for extent, step in zip(shape, strides)) if count else 0
    if count > storage.count or offset + reach > storage.count:
        raise InputError(f"a tensor of {shape_text(shape)} at {offset} reaches past its storage "
                         f"of {storage.count} values")
    return Tensor(storage, offset, shape, strides)


def rebuild_parameter(tensor, *_):
    if not isinstance(tensor, Tensor):
        raise InputError("a parameter that is no tensor")
    return tensor


def ordered_dict(pairs=()):
    made = OrderedDict()
    if not isinstance(pairs, (list, tuple)):
        raise InputError("an OrderedDict of what is no list")
    for pair in pairs:
        if not isinstance(pair, (list, tuple)) or len(pair) != 2 or \
                not isinstance(pair[0], (str, int)):
            raise InputError("an OrderedDict of what are no pairs with a name")
        made[pair[0]] = pair[1]
    return made


def size(extents=()):
    if not isinstance(extents, (list, tuple)) or not all(is_count(n) for n in extents):
        raise InputError("a size of what are no whole numbers from 0")
    return tuple(extents)


def numpy_scalar(kind, data):
    if not isinstance(kind, NumberType) or not isinstance(data, bytes) or \
            len(data) != kind.dtype.itemsize:
        raise InputError("a numpy scalar whose bytes do not fit its type")
    return np.frombuffer(data, kind.dtype)[0].item()


def encode_text(text, encoding):
    """How Python 3 writes bytes in pickle protocol 2."""
    if not isinstance(text, str) or encoding != "latin1":
        raise InputError(f'an encoding "{printable(encoding)}"; expected "latin1"')
    return text.encode("latin-1")


CALLS = {
    "torch._utils._rebuild_tensor": rebuild_tensor,
    "torch._utils._rebuild_tensor_v2": rebuild_tensor,
    "torch._utils._rebuild_parameter": rebuild_parameter,
    "torch.Size": size,
    "collections.OrderedDict": ordered_dict,
    "numpy.core.multiarray.scalar": numpy_scalar,
    "numpy._core.multiarray.scalar": numpy_scalar,
    "numpy.dtype": lambda name, *_: NumberType(name),
    "_codecs.encode": encode_text,
}
FUNCTIONS = {name: Function(name, call) for name, call in CALLS.items()}
for module in ("torch", "torch.cuda"):
    for kind, type_code in STORAGE_TYPES.items():
        FUNCTIONS[f"{module}.{kind}Storage"] = Function(type_code)


class Storages:
    """The storages that a pickle names, with a limit on their bytes together."""

    def __init__(self, most_bytes):
        self.most_bytes, self.bytes, self.known = most_bytes, 0, {}

    def get(self, saved_id):
        """What torch.save writes for a storage: "storage", type, key, device, count[, view]."""
        if not isinstance(saved_id, tuple) or len(saved_id) not in (5, 6) or \
                saved_id[0] != "storage":
            raise InputError("a persistent id that is no storage")
        kind, key, _, count = saved_id[1:5]
        if not isinstance(kind, Function) or kind.call is not None:
            raise InputError("a storage of an unknown type")
        if not isinstance(key, str) or not is_count(count):
            raise InputError("a storage without a key or a count")
        if len(saved_id) == 6 and saved_id[5] is not None:
            raise InputError("a storage that is a view of another (PyTorch before 0.4)")
        if key not in self.known:
            self.add(key, Storage(kind.name, count))
        storage = self.known[key]
        if (storage.type_code, storage.count) != (kind.name, count):
            raise InputError(f'storage "{printable(key)}" has two types or sizes')
        return storage

    def add(self, key, storage):
        self.bytes += storage.count * storage.item_bytes
        if self.bytes > self.most_bytes:
            raise InputError(f"storages of {self.bytes} bytes, but the file has "
                             f"{self.most_bytes}")
        self.known[key] = storage


def load_zip(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {member.filename: member for member in archive.infolist()}
        pickles = [name for name in members if name.count("/") == 1 and
                   name.endswith("/data.pkl")]
        if len(pickles) != 1:
            raise InputError("a zip file without one ARCHIVE/data.pkl; expected a file of "
                             "torch.save")
        folder = pickles[0].split("/")[0]
        if f"{folder}/constants.pkl" in members:
            raise InputError("a TorchScript archive; save the model's state_dict() instead")

        def read(name, most_bytes):
            member = members.get(name)
            if member is None:
                raise InputError(f'no "{printable(name)}" in the zip file')
            if member.compress_type != zipfile.ZIP_STORED or member.file_size > most_bytes:
                raise InputError(f'"{printable(name)}" is compressed or larger than '
                                 f"{most_bytes} bytes")
            return archive.read(member)

        order = f"{folder}/byteorder"
        if order in members and read(order, 16) != b"little":
            raise InputError("a file that is not little-endian")
        storages = Storages(len(data))
        root = PickleReader(Stream(read(pickles[0], MOST_PICKLE_BYTES)), FUNCTIONS,
                            storages.get).load()
        for key, storage in storages.known.items():
            expected = storage.count * storage.item_bytes
            values = read(f"{folder}/data/{key}", len(data))
            if len(values) != expected:
                raise InputError(f'storage "{printable(key)}" has {len(values)} bytes; '
                                 f"expected {expected}")
            storage.fill(values)
        return root


def load_legacy(data):
    """A magic number, a version, the system, the saved objects, the storages' keys; then each
    storage's count and values."""
    stream = Stream(data)

    def load_next(persistent=None):
        return PickleReader(stream, FUNCTIONS, persistent).load()

    if load_next() != LEGACY_MAGIC or load_next() != LEGACY_PROTOCOL:
        raise InputError("no file of torch.save")
    system = load_next()
    if not isinstance(system, dict) or system.get("little_endian") is not True:
        raise InputError("a file that is not little-endian")
    storages = Storages(len(data))
    root = load_next(storages.get)
    keys = load_next()
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys) or \
            sorted(keys) != sorted(storages.known):
        raise InputError("the list of storages is not that of the tensors")
    for key in keys:
        storage = storages.known[key]
        count = stream.number("<q")
        if count != storage.count:
            raise InputError(f'storage "{printable(key)}" has {count} values; '
                             f"expected {storage.count}")
        storage.fill(bytes(stream.take(count * storage.item_bytes)))
    return root


def parse(data):
    """The objects in the bytes of a file of torch.save, with Tensors in place of tensors."""
    if data[257:262] == b"ustar":
        raise InputError("a tar file (PyTorch before 0.1.10); load and save it again")
    if data[:1] == b"\x80":
        return load_legacy(data)
    if data[:4] != b"PK\x03\x04":
        raise InputError("no file of torch.save")
    try:
        return load_zip(data)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, OSError, OverflowError,
            RuntimeError, ValueError, struct.error) as error:
        raise InputError(f"a damaged zip file: {printable(error)}") from None


def load(path):
    """The objects in a file of torch.save, with Tensors in place of tensors."""
    with open(path, "rb") as file:
        data = file.read(MOST_FILE_BYTES + 1)
    try:
        if len(data) > MOST_FILE_BYTES:
            raise InputError(f"more than {MOST_FILE_BYTES} bytes")
        return parse(data)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def state_dict(path, root):
    """The named arrays of a checkpoint: of the entry "state_dict" or "model", or of the file
    itself; without the "module." that DataParallel puts before every name."""
    for key in ("state_dict", "model"):
        if isinstance(root, dict) and isinstance(root.get(key), dict):
            root = root[key]
            break
    if not isinstance(root, dict) or not root or \
            not all(isinstance(key, str) and isinstance(value, Tensor)
                    for key, value in root.items()):
        raise InputError(f"{path}: no state_dict; expected names with tensors, in the file or in "
                         'its entry "state_dict"')
    prefix = "module." if all(key.startswith("module.") for key in root) else ""
    return {key[len(prefix):]: value.array for key, value in root.items()}
