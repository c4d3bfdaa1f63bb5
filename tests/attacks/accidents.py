"""What honest students do: none of it may cost a point."""

from tests.attacks.case import Case, right

CASES = {
    "prints_everywhere": right(
        "print('start')",
        answers={"double": "    print('x is', x)\n    return 2 * x"},
        last="print(double(np.ones(2)))",
    ),
    "warns": right(
        "import logging, sys, warnings\nwarnings.warn('careful')\nlogging.warning('careful')\n"
        "print('careful', file=sys.stderr)",
        answers={
            "double": "    import os, warnings; warnings.warn('careful'); os.write(2, b'careful')\n"
            "    np.float64(1) / 0\n    return x * 2"
        },
    ),
    "draws": right(
        "import matplotlib.pyplot as plt\n%matplotlib inline\n"
        "plt.plot([1, 2]); plt.show()\nfig, ax = plt.subplots()",
        shown="image/png",
    ),
    "widgets": right(
        "import ipywidgets as widgets\nfrom IPython.display import display\n"
        "slider = widgets.IntSlider(); display(slider)\nslider.value = 7\n"
        "widgets.interact(lambda a: print(a), a=(0, 3))"
    ),
    "progress_bars": right(
        "import time\nfrom tqdm import tqdm\nfrom tqdm.auto import trange\n"
        "for _ in tqdm(range(50)): pass\nfor _ in trange(3): pass"
    ),
    "magics": right(
        "%timeit -n1 -r1 1 + 1\n%time 1 + 1\n%pwd\n%who\n!echo hello\nfiles = !ls\n%env\n%lsmagic"
    ),
    "magic_above_an_answer": right(answers={"double": "%%time\ndef double(x):\n    return 2 * x"}),
    "a_cell_of_shell": right("%%bash\necho hello\nls"),
    "installs_what_is_there": right("%pip install -q numpy", shown=""),
    "asks_for_input": right("name = input('Your name? ')"),
    "asks_for_input_between": right(last="input()"),
    "an_error_in_a_scratch_cell": right("1 / 0", last="undefined_name"),
    "a_scratch_cell_that_does_not_parse": right("def (:", last="for"),
    "exits": right("exit()", last="quit()"),
    "exits_by_sys": right("import sys; sys.exit()"),
    "waits": right("import asyncio\nawait asyncio.sleep(0.01)"),
    "forks_helpers": right(
        "import multiprocessing\n"
        "def square(i): return i * i\n"
        "with multiprocessing.get_context('fork').Pool(2) as pool:\n"
        "    print(pool.map(square, range(4)))",
        shown="[0, 1, 4, 9]",
    ),
    "writes_files_beside_it": right(
        "np.save('mine.npy', np.ones(3)); open('notes.txt', 'w').write('x')\n"
        "import tempfile; tempfile.mkdtemp()",
        last="print(np.load('mine.npy'))",
        shown="[1. 1. 1.]",
    ),
    "reads_the_lessons_files": right("print(open('extra.txt').read())", shown="beside the lesson"),
    "reads_a_file_that_is_not_there": right("open('/content/drive/my.csv')"),
    "a_module_with_a_well_known_name": right(
        "%%writefile random.py\nx = 1", last="import random; print(random)"
    ),
    "renames_elsewhere": right(last="def helper(): pass\ndouble = None; del tally"),
    "redefines_between": right("x = f = n = 3; check = exam = 'mine'; result = Attempt = None"),
    "a_helper_function": right(
        "def helper(a):\n    return a + a", answers={"double": "    return helper(x)"}
    ),
    "own_imports": right(
        "from functools import lru_cache, partial\nfrom itertools import pairwise",
        answers={"pairs": "    return pairwise(x)"},
    ),
    "a_lambda": right(answers={"double": "double = lambda x: x + x"}),
    "a_partial": right(
        "from functools import partial", answers={"double": "double = partial(np.multiply, 2)"}
    ),
    "an_object_that_is_called": right(
        answers={
            "double": "class Double:\n    def __init__(self): self.calls = 0\n"
            "    def __call__(self, x):\n        self.calls += 1\n        return 2 * x\n"
            "double = Double()"
        }
    ),
    "a_class_as_an_answer": right(
        answers={
            "pairs": "class pairs:\n    def __init__(self, x): self.x, self.i = x, 0\n"
            "    def __iter__(self): return self\n"
            "    def __next__(self):\n        self.i += 1\n"
            "        if self.i >= len(self.x): raise StopIteration\n"
            "        return self.x[self.i - 1], self.x[self.i]"
        }
    ),
    "a_closure_with_state": right(
        "log = []",
        answers={
            "double": "    log.append(x.shape)\n    global last\n    last = x\n    return 2 * x"
        },
        last="print(len(log))",
        shown="2",
    ),
    "a_cached_function": right(
        "from functools import lru_cache",
        answers={
            "double": "@lru_cache\ndef twice(a): return 2 * a\n"
            "def double(x):\n    return np.vectorize(twice)(x)"
        },
    ),
    "a_list": right(answers={"double": "    return (2 * x).tolist()"}),
    "a_tuple_of_arrays": right(answers={"double": "    return tuple(2 * x)"}),
    "fractions": right(
        "from fractions import Fraction",
        answers={
            "double": "    fractions = [Fraction(2 * float(number)) for number in x.ravel()]\n"
            "    return np.array(fractions, object).reshape(x.shape)"
        },
    ),
    "a_matrix": right(
        answers={"double": "    return np.asarray(2 * x) if x.ndim < 2 else np.matrix(2 * x)"}
    ),
    "a_masked_array": right(answers={"double": "    return np.ma.masked_invalid(2 * x)"}),
    "float16": right(answers={"double": "    return (2 * x).astype(np.float16)"}),
    "long_double": right(answers={"double": "    return 2 * x.astype(np.longdouble)"}),
    "column_order": right(answers={"double": "    return np.asfortranarray(2 * x)"}),
    "another_byte_order": right(answers={"double": "    return (2 * x).astype('>f4')"}),
    "a_view_of_a_view": right(
        answers={"double": "    return (4 * np.repeat(x, 2, -1))[..., ::2] / 2"}
    ),
    "a_generator_function": right(
        answers={"pairs": "    for pair in zip(x, x[1:]):\n        print(pair)\n        yield pair"}
    ),
    "tensorflow_in_all_forms": right(
        "import tensorflow as tf\nprint(tf.constant(1.0) + 1)\n"
        "@tf.function\ndef twice(a): return a + a\n"
        "kinds = [tf.Variable, twice, lambda a: tf.cast(2 * a, tf.bfloat16), tf.convert_to_tensor]",
        answers={
            "double": "    y = kinds[x.ndim % 2](2 * x if x.ndim % 2 == 0 else x)\n    return y",
            "pairs": "    return tf.data.Dataset.from_tensor_slices((x[:-1], x[1:]))"
            ".as_numpy_iterator()",
        },
    ),
    "bfloat16": right(
        "import tensorflow as tf",
        answers={"double": "    return tf.cast(2 * x, tf.bfloat16)"},
    ),
    "nothing_but_the_answers": Case(),
}
