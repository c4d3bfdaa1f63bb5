"""Write plain data as bytes."""

import numbers
import struct
from collections.abc import Callable, Sequence, Sized
from typing import Any, NoReturn

import numpy as np

from autograder.sandbox.protocol.wire.decoding import decode
from autograder.sandbox.protocol.wire.plain_data import (
    ARRAY_TYPES,
    MAX_AXES,
    MAX_AXIS,
    MAX_CHARACTERS,
    MAX_DEPTH,
    MAX_INTEGER_BYTES,
    MAX_MESSAGE_BYTES,
    MAX_NUMBER_KEYS,
    MAX_VALUES,
    MessageTooLarge,
    Reference,
)

Refer = Callable[[Any], object]


def encode(value: object, refer: Refer) -> bytes:
    """Return the value as bytes.

    `refer(object)` returns the Reference of an object that is not plain data, or the plain data
    that it stands for. Raises MessageTooLarge, or any exception of the object itself.
    """
    writer = _Writer(refer)
    writer.write(value, 0)
    return b"".join(writer.parts)


class _Writer:
    def __init__(self, refer: Refer):
        self.refer = refer
        self.parts: list[bytes] = []
        self.size = 0
        self.count = 0

    def put(self, *parts: bytes) -> None:
        for part in parts:
            self.parts.append(part)
            self.size += len(part)
        if self.size > MAX_MESSAGE_BYTES:
            raise MessageTooLarge(f"more than {MAX_MESSAGE_BYTES // 1_000_000} MB")

    def write(self, value: object, depth: int) -> None:
        self.count += 1
        if self.count > MAX_VALUES:
            raise MessageTooLarge(f"more than {MAX_VALUES:,} values")
        if depth > MAX_DEPTH:
            raise MessageTooLarge(f"nested more than {MAX_DEPTH} deep")
        for kind, write in _WRITERS:
            if isinstance(value, kind):
                write(self, value, depth)
                return
        self.write_reference(value, depth)

    def write_none(self, value: None, depth: int) -> None:
        self.put(b"N")

    def write_bool(self, value: bool, depth: int) -> None:
        self.put(b"T" if value else b"F")

    def write_integer(self, value: int, depth: int) -> None:
        value = int.__index__(value)
        if -(2**63) <= value < 2**63:
            self.put(b"i", struct.pack("<q", value))
            return
        size = value.bit_length() // 8 + 1
        if size > MAX_INTEGER_BYTES:
            raise MessageTooLarge("a whole number with thousands of digits")
        self.put(b"I", struct.pack("<I", size), value.to_bytes(size, "little", signed=True))

    def write_float(self, value: float, depth: int) -> None:
        self.put(b"d", struct.pack("<d", float.__float__(value)))

    def write_complex(self, value: complex, depth: int) -> None:
        self.put(b"c", struct.pack("<dd", value.real, value.imag))

    def write_bytes(self, value: bytes, depth: int) -> None:
        data = memoryview(value).tobytes()  # a subclass may say otherwise
        self.put(b"b", _length(data), data)

    def write_string(self, value: str, depth: int) -> None:
        self.put_text(b"s", str.__str__(value))

    def put_text(self, tag: bytes, text: str) -> None:
        if len(text) > MAX_CHARACTERS:
            raise MessageTooLarge(f"a text of {len(text):,} characters")
        data = text.encode("utf-8", "replace")
        self.put(tag, _length(data), data)

    def write_list(self, value: list, depth: int) -> None:
        """Write a list; one of only floats or only ints, as loops make them, is packed."""
        items = list(value)
        kinds = set(map(type, items))
        if kinds == {float}:
            self.put(b"D", _length(items), struct.pack(f"<{len(items)}d", *items))
        elif kinds == {int} and min(items) >= -(2**63) and max(items) < 2**63:
            self.put(b"Q", _length(items), struct.pack(f"<{len(items)}q", *items))
        else:
            self.put_items(b"l", items, depth)

    def write_tuple(self, value: tuple, depth: int) -> None:
        self.put_items(b"t", tuple(value), depth)

    def put_items(self, tag: bytes, items: Sequence, depth: int) -> None:
        self.put(tag, _length(items))
        for item in items:
            self.write(item, depth + 1)

    def write_dict(self, value: dict, depth: int) -> None:
        items = {_plain_key(key): item for key, item in dict.items(value)}
        if not all(key is None or isinstance(key, str | bytes | int | float) for key in items):
            self.write_reference(value, depth)
            return
        if sum(isinstance(key, int | float) for key in items) > MAX_NUMBER_KEYS:
            raise MessageTooLarge(f"a dict with more than {MAX_NUMBER_KEYS:,} numbers as keys")
        self.put(b"m", _length(items))
        for key, item in items.items():
            self.write(key, depth + 1)
            self.write(item, depth + 1)

    def write_array(self, value: np.ndarray, depth: int) -> None:
        array = np.array(value, copy=None, subok=False)
        if array.dtype.kind == "O":
            self.write_objects(array, depth)
            return
        array = array.astype(array.dtype.newbyteorder("="), copy=False)
        if array.dtype.isbuiltin == 2 and _type_name(array.dtype) not in ARRAY_TYPES:
            array = array.astype(np.float32)  # TensorFlow's other number types
        is_known = _type_name(array.dtype) in ARRAY_TYPES
        if not is_known or array.ndim > MAX_AXES or max(array.shape, default=0) > MAX_AXIS:
            self.write_reference(value, depth)
            return
        if array.nbytes > MAX_MESSAGE_BYTES:
            raise MessageTooLarge(f"an array of {array.nbytes:,} bytes")
        is_fortran = array.flags.f_contiguous and not array.flags.c_contiguous
        self.put(b"a", b"F" if is_fortran else b"C", _array_head(array.dtype, array.shape))
        self.put(array.tobytes("F" if is_fortran else "C"))

    def write_objects(self, array: np.ndarray, depth: int) -> None:
        """Write an array of Python objects, one by one."""
        if array.ndim > MAX_AXES or max(array.shape, default=0) > MAX_AXIS:
            raise MessageTooLarge("an array with too many axes, or too long ones")
        self.put(b"o", struct.pack("<B", array.ndim), struct.pack(f"<{array.ndim}Q", *array.shape))
        for item in array.ravel().tolist() if array.size <= MAX_VALUES else [None] * MAX_VALUES:
            self.write(item, depth + 1)

    def write_scalar(self, value: np.generic, depth: int) -> None:
        dtype = np.asarray(value).dtype
        if _type_name(dtype) in ARRAY_TYPES:
            self.put(b"g", _array_head(dtype, ()), np.asarray(value).tobytes())
        elif dtype.isbuiltin == 2:
            self.write(np.float32(value), depth)
        else:
            self.write_reference(value, depth)

    def write_number(self, value: Any, depth: int) -> None:
        """Write a fraction or a decimal as the float that NumPy and the checks take it for."""
        try:
            number = None if _is_symbolic(value) else struct.pack("<d", float(value))
        except (TypeError, ValueError, OverflowError):
            number = None
        if number is None:
            self.write_reference(value, depth)
        else:
            self.put(b"d", number)

    def write_generator(self, rng: np.random.Generator, depth: int) -> None:
        bits = rng.bit_generator
        try:
            seeds: Any = bits.seed_seq
            parts = (
                type(bits).__name__,
                bits.state,
                seeds.entropy,
                tuple(seeds.spawn_key),
                seeds.pool_size,
                seeds.n_children_spawned,
            )
            decode(b"r" + encode(parts, _refuse), _refuse)
        except (AttributeError, TypeError, ValueError):  # it cannot be made again from these
            self.write_reference(rng, depth)
            return
        self.put(b"r")
        self.write(parts, depth + 1)

    def write_reference(self, value: object, depth: int) -> None:
        reference = value if isinstance(value, Reference) else self.refer(value)
        if not isinstance(reference, Reference):  # it is plain data after all
            self.write(reference, depth + 1)
            return
        self.put(b"H", b"S" if reference.side == "student" else b"E")
        self.put(struct.pack("<I", reference.number))
        self.put_text(b"", " ".join(sorted(reference.kinds)))
        self.put_text(b"", reference.type_name[:100])
        self.put_text(b"", reference.text[:2_000])
        self.put_text(b"", reference.name[:100])


# The first match counts: NumPy's texts are texts, and its numbers are not Python's.
_WRITERS: tuple[tuple[type, Callable[[_Writer, Any, int], None]], ...] = (
    (type(None), _Writer.write_none),
    (bool, _Writer.write_bool),
    (np.ndarray, _Writer.write_array),
    (str, _Writer.write_string),
    (np.generic, _Writer.write_scalar),
    (int, _Writer.write_integer),
    (float, _Writer.write_float),
    (complex, _Writer.write_complex),
    (bytes, _Writer.write_bytes),
    (list, _Writer.write_list),
    (tuple, _Writer.write_tuple),
    (dict, _Writer.write_dict),
    (np.random.Generator, _Writer.write_generator),
    (numbers.Number, _Writer.write_number),
)


def _length(items: Sized) -> bytes:
    return struct.pack("<I", len(items))


def _type_name(dtype: np.dtype) -> str:
    return dtype.name if dtype.kind == "V" and dtype.names is None else dtype.str


def _array_head(dtype: np.dtype, shape: tuple[int, ...]) -> bytes:
    name = _type_name(dtype).encode()
    return struct.pack(f"<B{len(name)}sB{len(shape)}Q", len(name), name, len(shape), *shape)


def _plain_key(key: Any) -> Any:
    """A key as Python's own: enumerations, and NumPy's texts and numbers, are converted."""
    if isinstance(key, np.generic):
        key = key.item()
    if isinstance(key, str):
        return str.__str__(key)
    if isinstance(key, int) and not isinstance(key, bool):
        return int.__index__(key)
    return float(key) if isinstance(key, np.longdouble) else key


def _refuse(value: object) -> NoReturn:
    raise TypeError(f"a part that is not plain data: a {type(value).__name__}")


def _is_symbolic(value: object) -> bool:
    return hasattr(value, "numpy") or hasattr(value, "__array__")
