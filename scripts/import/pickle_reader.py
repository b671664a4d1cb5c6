# SPDX-License-Identifier: Apache-2.0
"""Reads pickles as data, without running anything they ask for.

A pickle is a program for a small stack machine, and Python's own machine calls any function the
program names. This one knows the instructions that build numbers, text and containers, and calls
nothing but the functions it is given by name. It never hashes or compares what it has not judged,
never recurses, and keeps its memo in a dict, so that neither depth nor large indices hurt.
"""

import struct
from collections import OrderedDict

from mistakes import InputError, printable

MOST_STEPS = 2_000_000
MARK = object()
PLAIN = {b"N": None, b"\x88": True, b"\x89": False}
# Instructions with a fixed-size number behind them: how it is packed.
NUMBERS = {b"J": "<i", b"K": "<B", b"M": "<H", b"G": ">d"}
# Instructions with counted bytes behind them: how the count is packed, and what the bytes are.
COUNTED = {b"\x8c": ("<B", "utf-8"), b"X": ("<I", "utf-8"), b"\x8d": ("<Q", "utf-8"),
           b"U": ("<B", "latin-1"), b"T": ("<i", "latin-1"),
           b"C": ("<B", None), b"B": ("<I", None), b"\x8e": ("<Q", None),
           b"\x8a": ("<B", int), b"\x8b": ("<i", int)}
GETS = {b"h": "<B", b"j": "<I"}
PUTS = {b"q": "<B", b"r": "<I"}
TUPLES = {b"\x85": 1, b"\x86": 2, b"\x87": 3}
LARGEST_INTEGER = 32  # bytes


class Function:
    """A global that a pickle may name. `call` gets the arguments; `build` a state to take on."""

    def __init__(self, name, call=None, build=None):
        self.name, self.call, self.build = name, call, build


class Stream:
    """Bytes, read forwards, never past their end."""

    def __init__(self, data, position=0):
        self.data, self.position = memoryview(data), position

    def take(self, count):
        if count < 0 or count > len(self.data) - self.position:
            raise InputError(f"ends early: {count} bytes wanted at byte {self.position} of "
                             f"{len(self.data)}")
        self.position += count
        return self.data[self.position - count:self.position]

    def number(self, packing):
        return struct.unpack(packing, self.take(struct.calcsize(packing)))[0]

    def line(self):
        end = bytes(self.data[self.position:self.position + 1000]).find(b"\n")
        if end < 0:
            raise InputError(f"a line without end at byte {self.position}")
        return bytes(self.take(end + 1)[:-1]).decode("utf-8", "replace")


class PickleReader:
    """One pickle after another out of a stream.

    `functions` maps "module.name" to Functions; `persistent` is called with persistent ids.
    """

    def __init__(self, stream, functions, persistent=None):
        self.stream, self.functions, self.persistent = stream, functions, persistent

    def load(self):
        self.stack, self.memo, self.steps = [], {}, 0
        while True:
            self.steps += 1
            if self.steps > MOST_STEPS:
                raise InputError(f"a pickle of more than {MOST_STEPS} instructions")
            code = bytes(self.stream.take(1))
            if code == b".":
                return self.pop()
            self.step(code)

    def step(self, code):
        if code in PLAIN:
            self.stack.append(PLAIN[code])
        elif code in NUMBERS:
            self.stack.append(self.stream.number(NUMBERS[code]))
        elif code in COUNTED:
            self.stack.append(self.counted(*COUNTED[code]))
        elif code in GETS:
            index = self.stream.number(GETS[code])
            if index not in self.memo:
                raise InputError(f"memo {index} is read before it is written")
            self.stack.append(self.memo[index])
        elif code in PUTS:
            self.memo[self.stream.number(PUTS[code])] = self.top()
        elif code in TUPLES:
            self.stack.append(tuple(reversed([self.pop() for _ in range(TUPLES[code])])))
        elif code in ACTIONS:
            ACTIONS[code](self)
        else:
            raise InputError(f"pickle instruction {code!r} is not read")

    def counted(self, packing, kind):
        data = bytes(self.stream.take(self.stream.number(packing)))
        if kind is int:
            if len(data) > LARGEST_INTEGER:
                raise InputError(f"an integer of {len(data)} bytes")
            return int.from_bytes(data, "little", signed=True)
        if kind is None:
            return data
        try:
            return data.decode(kind)
        except UnicodeDecodeError:
            raise InputError("text that is not UTF-8") from None

    def top(self):
        if not self.stack or self.stack[-1] is MARK:
            raise InputError("a pickle that takes from an empty stack")
        return self.stack[-1]

    def pop(self):
        value = self.top()
        self.stack.pop()
        return value

    def pop_to_mark(self):
        for index in range(len(self.stack) - 1, -1, -1):
            if self.stack[index] is MARK:
                values = self.stack[index + 1:]
                del self.stack[index:]
                return values
        raise InputError("a pickle without the mark it goes back to")

    def protocol(self):
        version = self.stream.number("<B")
        if not 2 <= version <= 4:
            raise InputError(f"pickle protocol {version}; expected 2 to 4")

    def frame(self):
        self.stream.number("<Q")  # a hint for reading ahead

    def memoize(self):
        self.memo[len(self.memo)] = self.top()

    def append(self, values):
        if not isinstance(self.top(), list):
            raise InputError("a pickle that appends to what is no list")
        self.top().extend(values)

    def set_items(self, values):
        if len(values) % 2:
            raise InputError("a key without a value")
        if not isinstance(self.top(), dict):
            raise InputError("a pickle that puts a key into what is no dict")
        for key, value in zip(values[::2], values[1::2]):
            if not isinstance(key, (str, int)):
                raise InputError(f"a dict key of type {type(key).__name__}; "
                                 "expected text or a whole number")
            self.top()[key] = value

    def new_dict(self):
        values = self.pop_to_mark()
        self.stack.append({})
        self.set_items(values)

    def set_item(self):
        value, key = self.pop(), self.pop()
        self.set_items([key, value])

    def find(self, module, name):
        if not isinstance(module, str) or not isinstance(name, str):
            raise InputError("a global whose name is no text")
        full = f"{module}.{name}"
        if full not in self.functions:
            raise InputError(f'the pickle asks for "{printable(full)}", which is not called here; '
                             "expected tensors, numbers, text and containers of these")
        self.stack.append(self.functions[full])

    def find_on_stack(self):
        name, module = self.pop(), self.pop()
        self.find(module, name)

    def call(self):
        arguments, function = self.pop(), self.pop()
        if not isinstance(function, Function) or function.call is None:
            raise InputError("a pickle that calls what is no function")
        if not isinstance(arguments, tuple):
            raise InputError(f'"{function.name}" is called with what is no tuple')
        try:
            self.stack.append(function.call(*arguments))
        except (TypeError, ValueError, OverflowError) as error:
            raise InputError(f'"{function.name}" is called with arguments that do not fit: '
                             f"{printable(error)}") from None

    def build(self):
        state = self.pop()
        if isinstance(self.top(), OrderedDict):
            return  # attributes, such as the versions that PyTorch notes down
        if not hasattr(self.top(), "take_state"):
            raise InputError(f"a state for a {type(self.top()).__name__}, which takes none")
        self.top().take_state(state)

    def persistent_id(self):
        if self.persistent is None:
            raise InputError("a persistent id where none is expected")
        self.stack.append(self.persistent(self.pop()))


ACTIONS = {
    b"\x80": PickleReader.protocol,
    b"\x95": PickleReader.frame,
    b"\x94": PickleReader.memoize,
    b"(": lambda reader: reader.stack.append(MARK),
    b"0": PickleReader.pop,
    b"1": PickleReader.pop_to_mark,
    b"]": lambda reader: reader.stack.append([]),
    b"}": lambda reader: reader.stack.append({}),
    b")": lambda reader: reader.stack.append(()),
    b"a": lambda reader: reader.append([reader.pop()]),
    b"e": lambda reader: reader.append(reader.pop_to_mark()),
    b"l": lambda reader: reader.stack.append(reader.pop_to_mark()),
    b"t": lambda reader: reader.stack.append(tuple(reader.pop_to_mark())),
    b"d": PickleReader.new_dict,
    b"s": PickleReader.set_item,
    b"u": lambda reader: reader.set_items(reader.pop_to_mark()),
    b"c": lambda reader: reader.find(reader.stream.line(), reader.stream.line()),
    b"\x93": PickleReader.find_on_stack,
    b"R": PickleReader.call,
    b"b": PickleReader.build,
    b"Q": PickleReader.persistent_id,
}
