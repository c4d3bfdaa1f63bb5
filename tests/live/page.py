"""What a page holds of a view: the messages put together as its page side does it."""

import numpy as np

_TYPES = {"f4": np.float32, "i4": np.int32, "u1": np.uint8}


class Page:
    """Takes messages one after another; `tables` are float32 (rows, columns) by name."""

    def __init__(self):
        self.tables, self.arrays, self.content = {}, {}, {}
        self.bytes = 0

    def take(self, message):
        """Put one message to the others, and return what it holds by itself."""
        content, buffers = message
        arrays = {}
        for told, buffer in zip(content["arrays"], buffers, strict=True):
            array = np.frombuffer(buffer, _TYPES[told["type"]])
            arrays[told["name"]] = array.reshape(told["shape"])
        for name, start in content.get("starts", {}).items():
            rows = arrays[name].T
            before = self.tables.get(name, rows[:0])
            assert start <= len(before)
            self.tables[name] = np.concatenate([before[:start], rows])
        if "batch_images" in arrays:
            self.arrays.pop("batch_predictions", None)
        if "tested_order" in arrays:
            self.arrays.pop("tested_predictions", None)
        self.arrays |= arrays
        self.content |= content
        self.bytes = sum(memoryview(buffer).nbytes for buffer in buffers)
        return arrays
