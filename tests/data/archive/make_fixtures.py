#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the .npy and .npz files beside this script, as NumPy itself writes them.

    tests/data/archive/make_fixtures.py

The tests hold write_npy() against the bytes of *.npy, as made by the NumPy of Debian 12 (1.24).
"""

import io
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent

INTEGERS = ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"]
FLOATS = {"float16": 65504.0, "float32": 3.4028234663852886e38, "float64": 1.7976931348623157e308}


def arrays():
    """Of each type the edges of its range, 2x3."""
    result = {}
    for name in INTEGERS:
        info = np.iinfo(name)
        result[name] = np.array([[info.min, 0, 1], [2, 3, info.max]], name)
    for name, largest in FLOATS.items():
        result[name] = np.array([[-largest, -0.0, 0.1], [np.inf, -np.inf, 1.5]], name)
    result["bool"] = np.array([[True, False, False], [False, True, True]])
    result["scalar"] = np.array(-2.5, "float32")
    result["empty"] = np.zeros((0, 3), "int64")
    result["vector"] = np.arange(12, dtype="int16")
    return result


def refused():
    """What NumPy saves and Pimento does not read."""
    return {
        "big_endian": np.arange(3, dtype=">f4"),
        "complex": np.array([1 + 2j], "complex64"),
        "objects": np.array([{"a": 1}, None], object),
        "strings": np.array(["conv", "relu"]),
        "bytes": np.array([b"conv", b"relu"]),
        "dates": np.array(["2000-01-01"], "datetime64[D]"),
        "structured": np.array([(1, 2.0)], [("a", "i4"), ("b", "f4")]),
        "raw": np.zeros(2, "V2"),
        "long_double": np.zeros(2, np.longdouble),
    }


class Pipe(io.RawIOBase):
    """A file that cannot be sought, so that zipfile puts sizes behind the data."""

    def __init__(self):
        self.content = b""

    def writable(self):
        return True

    def write(self, piece):
        self.content += bytes(piece)
        return len(piece)


def main():
    (HERE / "refused").mkdir(exist_ok=True)
    for name, array in arrays().items():
        np.save(HERE / f"{name}.npy", array)
    for name, array in refused().items():
        np.save(HERE / "refused" / f"{name}.npy", array)
    cube = np.arange(24, dtype="int16").reshape(2, 3, 4)
    np.save(HERE / "fortran.npy", np.asfortranarray(cube))
    for version in (2, 3):
        with open(HERE / f"version{version}.npy", "wb") as file:
            np.lib.format.write_array(file, cube, version=(version, 0))

    weights = {"fc.weight": np.arange(6, dtype="float32").reshape(2, 3),
               "conv/größe": np.array([-8, 7], "int8"), "step": np.array(3, "int64")}
    np.savez(HERE / "stored.npz", **weights)
    np.savez_compressed(HERE / "compressed.npz", **weights)
    np.savez(HERE / "no_arrays.npz")
    pipe = Pipe()
    np.savez_compressed(pipe, **weights)
    (HERE / "streamed.npz").write_bytes(pipe.content)


if __name__ == "__main__":
    main()
