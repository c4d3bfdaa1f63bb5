"""Settings that hold for the whole process, and what the lessons expect them to be."""

OF_KERAS = {
    "floatx": "float32",
    "dtype_policy": "float32",
    "image_data_format": "channels_last",
    "epsilon": 1e-7,
}
OF_TENSORFLOW = {"check_numerics": False, "op_determinism": False, "type_promotion": "off"}
DEFAULTS = OF_KERAS | OF_TENSORFLOW
