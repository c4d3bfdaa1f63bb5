"""Settings of Keras's that hold for the whole process, and what the lessons expect them to be."""

DEFAULTS = {
    "floatx": "float32",
    "dtype_policy": "float32",
    "image_data_format": "channels_last",
    "epsilon": 1e-7,
}
