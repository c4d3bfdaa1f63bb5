"""Plain data as bytes and back: all that ever crosses between a student's process and the examiner.

Both directions have the same small set of values: None, bool, int, float, complex, str, bytes,
arrays of numbers, tuples, lists, dicts, random generators, and numbered references to what cannot
cross. Nothing that arrives is executed, and each size, number and depth has a limit.
"""

import math
import numbers
import struct
from dataclasses import dataclass

import ml_dtypes
import numpy as np

LARGEST_MESSAGE = 64_000_000  # bytes
MOST_VALUES = 1_000_000  # in one message, counted one by one
DEEPEST = 30
LONGEST_TEXT = 2_000_000  # characters
_LONGEST_INTEGER = 512  # bytes; Python itself refuses to print far longer ones
# Texts as keys are hashed with a secret; numbers can be chosen so that all of them collide.
_MOST_NUMBERS_AS_KEYS = 10_000
_MOST_AXES = 16

_ARRAY_TYPES = {
    np.dtype(name).str: np.dtype(name)
    for name in (
        *("?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16"),
        *("g", "G"),
    )
}
# TensorFlow's short floats; the checks allow for their coarse steps, so they stay what they are.
_ARRAY_TYPES |= {
    name: np.dtype(getattr(ml_dtypes, name))
    for name in ("bfloat16", "float8_e4m3fn", "float8_e5m2")
}
_BIT_GENERATORS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")


class Malformed(ValueError):
    """Bytes that no honest partner sends."""


class TooLarge(ValueError):
    """A value that is larger or deeper than may cross."""


@dataclass
class Reference:
    """What cannot cross, by its number: the side that holds it, its kind, its type and text."""

    side: str  # "student" or "examiner"
    number: int
    kinds: frozenset  # of "callable", "iterable", "iterator", "model", "layer", "path"
    type_name: str
    text: str
    name: str = ""  # of a function


def plain_text(text, most=2_000) -> str:
    """Text of a student's without control characters, and cut to `most` characters."""
    text = str(text)
    cut = text[:most]
    if len(text) > most:
        cut += "…"
    return "".join(c if c in "\n\t" or (c.isprintable() or c == " ") else "\ufffd" for c in cut)


# Writing ------------------------------------------------------------------------------------------


def encode(value, refer) -> bytes:
    """The value as bytes; `refer(object)` gives the Reference for what is not plain data."""
    writer = _Writer(refer)
    writer.write(value, 0)
    return b"".join(writer.parts)


class _Writer:
    def __init__(self, refer):
        self.refer = refer
        self.parts = []
        self.size = 0
        self.count = 0

    def put(self, *parts):
        for part in parts:
            self.parts.append(part)
            self.size += len(part)
        if self.size > LARGEST_MESSAGE:
            raise TooLarge(f"more than {LARGEST_MESSAGE // 1_000_000} MB")

    def write(self, value, depth):
        self.count += 1
        if self.count > MOST_VALUES:
            raise TooLarge(f"more than {MOST_VALUES:,} values")
        if depth > DEEPEST:
            raise TooLarge(f"nested more than {DEEPEST} deep")
        if value is None:
            self.put(b"N")
        elif value is True or value is False:
            self.put(b"T" if value else b"F")
        elif isinstance(value, np.ndarray):
            self.array(value, depth)
        elif isinstance(value, str):
            self.text(b"s", str.__str__(value))
        elif isinstance(value, np.generic):
            self.scalar(value, depth)
        elif isinstance(value, int):
            self.integer(int.__index__(value))
        elif isinstance(value, float):
            self.put(b"d", struct.pack("<d", float.__float__(value)))
        elif isinstance(value, complex):
            self.put(b"c", struct.pack("<dd", value.real, value.imag))
        elif isinstance(value, bytes):
            self.put(b"b", _length(value), bytes(value))
        elif isinstance(value, list):
            self.list(list(value), depth)
        elif isinstance(value, tuple):
            self.items(b"t", tuple(value), depth)
        elif isinstance(value, dict) and all(map(_is_plain_key, value)):
            items = list({_plain_key(key): item for key, item in dict.items(value)}.items())
            if sum(isinstance(key, int | float) for key, _ in items) > _MOST_NUMBERS_AS_KEYS:
                raise TooLarge(f"a dict with more than {_MOST_NUMBERS_AS_KEYS:,} numbers as keys")
            self.put(b"m", _length(items))
            for key, item in items:
                self.write(key, depth + 1)
                self.write(item, depth + 1)
        elif isinstance(value, np.random.Generator) and _is_known_generator(value):
            self.generator(value, depth)
        elif isinstance(value, numbers.Number) and not _is_symbolic(value):
            self.number(value, depth)
        else:
            self.other(value, depth)

    def integer(self, value):
        if -(2**63) <= value < 2**63:
            self.put(b"i", struct.pack("<q", value))
            return
        size = value.bit_length() // 8 + 1
        if size > _LONGEST_INTEGER:
            raise TooLarge("a whole number with thousands of digits")
        self.put(b"I", struct.pack("<I", size), value.to_bytes(size, "little", signed=True))

    def text(self, tag, text):
        if len(text) > LONGEST_TEXT:
            raise TooLarge(f"a text of {len(text):,} characters")
        data = text.encode("utf-8", "replace")
        self.put(tag, _length(data), data)

    def items(self, tag, items, depth):
        self.put(tag, _length(items))
        for item in items:
            self.write(item, depth + 1)

    def list(self, items, depth):
        """A list; one of nothing but floats or ints, as loops make them, is packed."""
        kinds = set(map(type, items))
        if kinds == {float}:
            self.put(b"D", _length(items), struct.pack(f"<{len(items)}d", *items))
        elif kinds == {int} and min(items) >= -(2**63) and max(items) < 2**63:
            self.put(b"Q", _length(items), struct.pack(f"<{len(items)}q", *items))
        else:
            self.items(b"l", items, depth)

    def array(self, value, depth):
        array = np.array(value, copy=None, subok=False)
        if array.dtype.kind == "O":
            self.objects(array, depth)
            return
        array = array.astype(array.dtype.newbyteorder("="), copy=False)
        if array.dtype.kind == "V" and _name(array.dtype) not in _ARRAY_TYPES:
            # Other number types of TensorFlow's; raw memory and records cannot be converted.
            try:
                array = array.astype(np.float32)
            except (TypeError, ValueError):
                self.other(value, depth)
                return
        if _name(array.dtype) not in _ARRAY_TYPES or array.ndim > _MOST_AXES:
            self.other(value, depth)
            return
        if array.nbytes > LARGEST_MESSAGE:
            raise TooLarge(f"an array of {array.nbytes:,} bytes")
        order = "F" if array.flags.f_contiguous and not array.flags.c_contiguous else "C"
        self.put(b"a", order.encode(), _array_head(array.dtype, array.shape))
        self.put(array.tobytes(order))

    def objects(self, array, depth):
        """An array of Python objects: each as what it is."""
        if array.ndim > _MOST_AXES:
            raise TooLarge("an array with too many axes")
        self.put(b"o", struct.pack("<B", array.ndim), struct.pack(f"<{array.ndim}Q", *array.shape))
        for item in array.ravel().tolist() if array.size <= MOST_VALUES else [None] * MOST_VALUES:
            self.write(item, depth + 1)

    def scalar(self, value, depth):
        dtype = np.asarray(value).dtype
        if _name(dtype) in _ARRAY_TYPES:
            self.put(b"g", _array_head(dtype, ()), np.asarray(value).tobytes())
        elif dtype.kind == "V" and dtype.names is None:
            self.write(np.float32(value), depth)
        else:
            self.other(value, depth)

    def number(self, value, depth):
        """Fractions, decimals: NumPy and the checks take them for the float that they mean."""
        try:
            self.put(b"d", struct.pack("<d", float(value)))
        except (TypeError, ValueError, OverflowError):
            self.other(value, depth)

    def generator(self, rng, depth):
        bits = rng.bit_generator
        seeds = bits.seed_seq
        self.put(b"r")
        self.write(
            (
                type(bits).__name__,
                bits.state,
                seeds.entropy,
                tuple(seeds.spawn_key),
                seeds.pool_size,
                seeds.n_children_spawned,
            ),
            depth + 1,
        )

    def other(self, value, depth):
        reference = value if isinstance(value, Reference) else self.refer(value)
        if not isinstance(reference, Reference):  # it is plain data after all
            self.write(reference, depth + 1)
            return
        self.put(b"H", b"S" if reference.side == "student" else b"E")
        self.put(struct.pack("<I", reference.number))
        self.text(b"", " ".join(sorted(reference.kinds)))
        self.text(b"", reference.type_name[:100])
        self.text(b"", reference.text[:2_000])
        self.text(b"", reference.name[:100])


def _length(items):
    return struct.pack("<I", len(items))


def _name(dtype):
    return dtype.name if dtype.kind == "V" and dtype.names is None else dtype.str


def _array_head(dtype, shape):
    name = _name(dtype).encode()
    return struct.pack(f"<B{len(name)}sB{len(shape)}Q", len(name), name, len(shape), *shape)


def _is_plain_key(key):
    return key is None or isinstance(key, str | bytes | int | float | np.generic)


def _plain_key(key):
    """A key as what it means: NumPy's texts and numbers, and enumerations, as Python's own."""
    if isinstance(key, np.generic):
        key = key.item()
    if isinstance(key, str):
        return str.__str__(key)
    if isinstance(key, int) and not isinstance(key, bool):
        return int.__index__(key)
    return float(key) if isinstance(key, np.longdouble) else key


def _is_known_generator(rng):
    seeds = getattr(rng.bit_generator, "seed_seq", None)
    known = type(rng.bit_generator).__name__ in _BIT_GENERATORS
    return known and isinstance(seeds, np.random.SeedSequence)


def _is_symbolic(value):
    return hasattr(value, "numpy") or hasattr(value, "__array__")


# Reading ------------------------------------------------------------------------------------------


def decode(data: bytes, resolve):
    """The value; `resolve(Reference)` gives what stands for it on this side.

    Raises Malformed, or MemoryError.
    """
    reader = _Reader(data, resolve)
    try:
        value = reader.read(0)
    except (Malformed, MemoryError):
        raise
    except Exception as error:  # NumPy's own refusals come as many kinds of exception
        raise Malformed(f"{type(error).__name__}: {error}") from error
    if reader.place != len(data):
        raise Malformed("more bytes than the value has")
    return value


class _Reader:
    def __init__(self, data, resolve):
        self.data = memoryview(data)
        self.place = 0
        self.count = 0
        self.resolve = resolve

    def take(self, size):
        start = self.place
        if size < 0 or start + size > len(self.data):
            raise Malformed("fewer bytes than the value should have")
        self.place += size
        return self.data[start : self.place]

    def unpack(self, form):
        return struct.unpack(form, self.take(struct.calcsize(form)))

    def length(self, least=1):
        """How many items follow, each of at least so many bytes."""
        (length,) = self.unpack("<I")
        if length * least > len(self.data) - self.place:
            raise Malformed("fewer bytes than the value should have")
        return length

    def read(self, depth):
        self.count += 1
        if self.count > MOST_VALUES + 1_000 or depth > 2 * DEEPEST:
            raise Malformed("too many values, or nested too deep")
        tag = bytes(self.take(1))
        read = _READERS.get(tag)
        if read is None:
            raise Malformed(f"unknown kind {tag!r}")
        return read(self, depth)

    def text(self):
        return str(self.take(self.length()), "utf-8")

    def integer(self, depth):
        size = self.length()
        if size > _LONGEST_INTEGER:
            raise Malformed("a whole number with thousands of digits")
        return int.from_bytes(self.take(size), "little", signed=True)

    def packed(self, kind):
        length = self.length(8)
        return list(self.unpack(f"<{length}{kind}"))

    def items(self, depth):
        return [self.read(depth + 1) for _ in range(self.length())]

    def dict(self, depth):
        found = {}
        numbers_as_keys = 0
        for _ in range(self.length(2)):
            key = self.read(depth + 1)
            if key is not None and type(key) not in (str, int, float, bool, bytes):
                raise Malformed("a key that is not plain")
            numbers_as_keys += isinstance(key, int | float)
            if numbers_as_keys > _MOST_NUMBERS_AS_KEYS:
                raise Malformed("too many numbers as keys")
            found[key] = self.read(depth + 1)
        return found

    def head(self):
        (size,) = self.unpack("<B")
        name = str(self.take(size), "ascii")
        dtype = _ARRAY_TYPES.get(name)
        if dtype is None:
            raise Malformed(f"arrays of {name[:20]!r} do not cross")
        return dtype, self.shape()

    def shape(self):
        (axes,) = self.unpack("<B")
        if axes > _MOST_AXES:
            raise Malformed("too many axes")
        shape = self.unpack(f"<{axes}Q")
        if any(size > 2**40 for size in shape):
            raise Malformed("an axis too long")
        return shape

    def array(self, depth):
        order = str(self.take(1), "ascii")
        if order not in "CF":
            raise Malformed("unknown order of an array")
        dtype, shape = self.head()
        data = self.take(math.prod(shape) * dtype.itemsize)
        return _numbers(data, dtype).reshape(shape, order=order)

    def scalar(self, depth):
        dtype, shape = self.head()
        if shape:
            raise Malformed("a scalar with axes")
        return _numbers(self.take(dtype.itemsize), dtype)[0]

    def objects(self, depth):
        shape = self.shape()
        size = math.prod(shape)
        if size > min(len(self.data) - self.place, MOST_VALUES):
            raise Malformed("fewer bytes than the value should have")
        array = np.empty(size, object)
        for place in range(size):
            array[place] = self.read(depth + 1)
        return array.reshape(shape)

    def generator(self, depth):
        name, state, entropy, spawn_key, pool_size, children = self.read(depth + 1)
        if name not in _BIT_GENERATORS or not 1 <= pool_size <= 64:
            raise Malformed("unknown random generator")
        seeds = np.random.SeedSequence(
            entropy, spawn_key=spawn_key, pool_size=pool_size, n_children_spawned=children
        )
        # NumPy does not look whether these places lie inside of its tables.
        place, most = {
            "MT19937": lambda: (state["state"]["pos"], 624),
            "Philox": lambda: (state["buffer_pos"], 4),
        }.get(name, lambda: (0, 0))()
        if not 0 <= place <= most:
            raise Malformed("the state of a random generator")
        bits = getattr(np.random, name)(seeds)
        bits.state = state
        return np.random.Generator(bits)

    def reference(self, depth):
        side = {b"S": "student", b"E": "examiner"}.get(bytes(self.take(1)))
        if side is None:
            raise Malformed("a reference to nobody's object")
        (number,) = self.unpack("<I")
        kinds, type_name, text, name = self.text(), self.text(), self.text(), self.text()
        reference = Reference(
            side,
            number,
            frozenset(kinds.split()),
            plain_text(type_name, 100),
            plain_text(text),
            plain_text(name, 100),
        )
        return self.resolve(reference)


def _numbers(data, dtype):
    if dtype.kind == "b":  # any byte but 0 means True
        return np.frombuffer(data, np.uint8) != 0
    return np.frombuffer(data, dtype).copy()


_READERS = {
    b"N": lambda reader, depth: None,
    b"T": lambda reader, depth: True,
    b"F": lambda reader, depth: False,
    b"i": lambda reader, depth: reader.unpack("<q")[0],
    b"I": _Reader.integer,
    b"d": lambda reader, depth: reader.unpack("<d")[0],
    b"c": lambda reader, depth: complex(*reader.unpack("<dd")),
    b"s": lambda reader, depth: reader.text(),
    b"b": lambda reader, depth: bytes(reader.take(reader.length())),
    b"D": lambda reader, depth: reader.packed("d"),
    b"Q": lambda reader, depth: reader.packed("q"),
    b"a": _Reader.array,
    b"g": _Reader.scalar,
    b"o": _Reader.objects,
    b"l": _Reader.items,
    b"t": lambda reader, depth: tuple(reader.items(depth)),
    b"m": _Reader.dict,
    b"r": _Reader.generator,
    b"H": _Reader.reference,
}


# Changed arguments --------------------------------------------------------------------------------


def write_back(old, new):
    """Make a mutable argument what the answer made of it; return what stands in its place.

    Raises ValueError if it cannot be made so: a read-only array, or one of another size.
    """
    if isinstance(old, np.ndarray) and isinstance(new, np.ndarray) and old.dtype == new.dtype:
        if old.shape != new.shape:
            old.shape = new.shape  # never of another size: others may look at the same memory
        old[...] = new
        return old
    if isinstance(old, np.random.Generator) and isinstance(new, np.random.Generator):
        bits, changed = old.bit_generator, new.bit_generator
        if type(bits) is type(changed):
            bits.state = changed.state
            more = changed.seed_seq.n_children_spawned - bits.seed_seq.n_children_spawned
            bits.seed_seq.spawn(min(max(more, 0), 10_000))
        return old
    if isinstance(old, dict) and isinstance(new, dict):
        kept = {
            key: write_back(old[key], item) if key in old else item for key, item in new.items()
        }
        old.clear()
        old.update(kept)
        return old
    if isinstance(old, list) and isinstance(new, list):
        before = list(old)
        old[:] = [
            write_back(before[place], item) if place < len(before) else item
            for place, item in enumerate(new)
        ]
        return old
    return new
