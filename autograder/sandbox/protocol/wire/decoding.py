"""Read plain data from bytes that may be hostile."""

import math
import struct
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.sandbox.protocol.wire.plain_data import (
    ARRAY_TYPES,
    BIT_GENERATORS,
    MAX_AXES,
    MAX_AXIS,
    MAX_DEPTH,
    MAX_INTEGER_BYTES,
    MAX_NUMBER_KEYS,
    MAX_VALUES,
    Malformed,
    Reference,
    plain_text,
)

Resolve = Callable[[Reference], object]


def decode(data: bytes, resolve: Resolve) -> object:
    """Return the value in some bytes; `resolve(Reference)` returns its object on this side.

    Raises Malformed, or MemoryError.
    """
    reader = _Reader(data, resolve)
    try:
        value = reader.read(0)
    except (Malformed, MemoryError):
        raise
    except Exception as error:  # NumPy refuses with many kinds of exception
        raise Malformed(f"{type(error).__name__}: {error}") from error
    if reader.place != len(data):
        raise Malformed("more bytes than the value has")
    return value


class _Reader:
    def __init__(self, data: bytes, resolve: Resolve):
        self.data = memoryview(data)
        self.place = 0
        self.count = 0
        self.resolve = resolve

    def take(self, size: int) -> memoryview:
        start = self.place
        if size < 0 or start + size > len(self.data):
            raise Malformed("fewer bytes than the value should have")
        self.place += size
        return self.data[start : self.place]

    def unpack(self, form: str) -> tuple[Any, ...]:
        return struct.unpack(form, self.take(struct.calcsize(form)))

    def read_length(self, item_bytes: int = 1) -> int:
        """Read the number of items that follow, each of at least `item_bytes`."""
        (length,) = self.unpack("<I")
        if length * item_bytes > len(self.data) - self.place:
            raise Malformed("fewer bytes than the value should have")
        return length

    def read(self, depth: int) -> Any:
        self.count += 1
        if self.count > MAX_VALUES + 1_000 or depth > 2 * MAX_DEPTH:
            raise Malformed("too many values, or nested too deep")
        tag = bytes(self.take(1))
        read = _READERS.get(tag)
        if read is None:
            raise Malformed(f"unknown kind {tag!r}")
        return read(self, depth)

    def read_text(self) -> str:
        return str(self.take(self.read_length()), "utf-8")

    def read_integer(self, depth: int) -> int:
        size = self.read_length()
        if size > MAX_INTEGER_BYTES:
            raise Malformed("a whole number with thousands of digits")
        return int.from_bytes(self.take(size), "little", signed=True)

    def read_packed(self, kind: str) -> list:
        length = self.read_length(8)
        return list(self.unpack(f"<{length}{kind}"))

    def read_items(self, depth: int) -> list:
        return [self.read(depth + 1) for _ in range(self.read_length())]

    def read_dict(self, depth: int) -> dict:
        found = {}
        number_keys = 0
        for _ in range(self.read_length(2)):
            key = self.read(depth + 1)
            if key is not None and type(key) not in (str, int, float, bool, bytes):
                raise Malformed("a key that is not plain")
            number_keys += isinstance(key, int | float)
            if number_keys > MAX_NUMBER_KEYS:
                raise Malformed("too many numbers as keys")
            found[key] = self.read(depth + 1)
        return found

    def read_array_head(self) -> tuple[np.dtype, tuple[int, ...]]:
        (size,) = self.unpack("<B")
        name = str(self.take(size), "ascii")
        dtype = ARRAY_TYPES.get(name)
        if dtype is None:
            raise Malformed(f"an array of type {name[:20]!r}")
        return dtype, self.read_shape()

    def read_shape(self) -> tuple[int, ...]:
        (axes,) = self.unpack("<B")
        if axes > MAX_AXES:
            raise Malformed("too many axes")
        shape = self.unpack(f"<{axes}Q")
        if any(size > MAX_AXIS for size in shape):
            raise Malformed("an axis too long")
        return shape

    def read_array(self, depth: int) -> np.ndarray:
        order = bytes(self.take(1))
        if order not in (b"C", b"F"):
            raise Malformed("unknown order of an array")
        dtype, shape = self.read_array_head()
        data = self.take(math.prod(shape) * dtype.itemsize)
        return _numbers(data, dtype).reshape(shape, order="C" if order == b"C" else "F")

    def read_scalar(self, depth: int) -> np.generic:
        dtype, shape = self.read_array_head()
        if shape:
            raise Malformed("a scalar with axes")
        return _numbers(self.take(dtype.itemsize), dtype)[0]

    def read_objects(self, depth: int) -> np.ndarray:
        shape = self.read_shape()
        size = math.prod(shape)
        if size > min(len(self.data) - self.place, MAX_VALUES):
            raise Malformed("fewer bytes than the value should have")
        array = np.empty(size, object)
        for place in range(size):
            array[place] = self.read(depth + 1)
        return array.reshape(shape)

    def read_generator(self, depth: int) -> np.random.Generator:
        name, state, entropy, spawn_key, pool_size, children = self.read(depth + 1)
        if name not in BIT_GENERATORS or not 1 <= pool_size <= 64:
            raise Malformed("unknown random generator")
        seeds = np.random.SeedSequence(
            entropy, spawn_key=spawn_key, pool_size=pool_size, n_children_spawned=children
        )
        # NumPy does not check that these positions lie within its tables.
        place, last = {
            "MT19937": lambda: (state["state"]["pos"], 624),
            "Philox": lambda: (state["buffer_pos"], 4),
        }.get(name, lambda: (0, 0))()
        if not 0 <= place <= last:
            raise Malformed("the state of a random generator")
        bits = getattr(np.random, name)(seeds)
        bits.state = state
        return np.random.Generator(bits)

    def read_reference(self, depth: int) -> object:
        side = {b"S": "student", b"E": "examiner"}.get(bytes(self.take(1)))
        if side is None:
            raise Malformed("a reference to an unknown side")
        (number,) = self.unpack("<I")
        kinds, type_name, text, name = (self.read_text() for _ in range(4))
        reference = Reference(
            side,
            number,
            frozenset(kinds.split()),
            plain_text(type_name, 100),
            plain_text(text),
            plain_text(name, 100),
        )
        return self.resolve(reference)


def _numbers(data: memoryview, dtype: np.dtype) -> np.ndarray:
    if dtype.kind == "b":  # any byte but 0 means True
        return np.frombuffer(data, np.uint8) != 0
    return np.frombuffer(data, dtype).copy()


_READERS: dict[bytes, Callable[[_Reader, int], object]] = {
    b"N": lambda reader, depth: None,
    b"T": lambda reader, depth: True,
    b"F": lambda reader, depth: False,
    b"i": lambda reader, depth: reader.unpack("<q")[0],
    b"I": _Reader.read_integer,
    b"d": lambda reader, depth: reader.unpack("<d")[0],
    b"c": lambda reader, depth: complex(*reader.unpack("<dd")),
    b"s": lambda reader, depth: reader.read_text(),
    b"b": lambda reader, depth: bytes(reader.take(reader.read_length())),
    b"D": lambda reader, depth: reader.read_packed("d"),
    b"Q": lambda reader, depth: reader.read_packed("q"),
    b"a": _Reader.read_array,
    b"g": _Reader.read_scalar,
    b"o": _Reader.read_objects,
    b"l": _Reader.read_items,
    b"t": lambda reader, depth: tuple(reader.read_items(depth)),
    b"m": _Reader.read_dict,
    b"r": _Reader.read_generator,
    b"H": _Reader.read_reference,
}
