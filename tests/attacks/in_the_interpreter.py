"""Tricks inside of the student's own interpreter: none reaches the verdict."""

from tests.attacks.case import NO_POINTS, right, wrong

_ANYTHING = NO_POINTS | {"passed"}  # the trick spoils the student's own process, at worst

ALWAYS_EQUAL = """
class Always:
    dtype, shape, size, ndim = np.dtype("float32"), (2,), 2, 1
    def __eq__(self, other): return True
    __ne__ = __lt__ = __gt__ = lambda self, other: False
    __le__ = __ge__ = __contains__ = __eq__
    __sub__ = __rsub__ = __abs__ = __getitem__ = __call__ = lambda self, *_: self
    def __bool__(self): return True
    def __len__(self): return 2
    def __iter__(self): return iter([self, self])
    def all(self, *_): return True
"""

CASES = {
    "all_modules_forgotten": right(
        "import sys\nsys.modules.clear()",
        expected={"others": _ANYTHING - {"tampered"}},
        status="failed",
    ),
    "always_equal_object": wrong("    return Always()", ALWAYS_EQUAL),
    "always_equal_array": wrong(
        "    return np.zeros(x.shape, x.dtype).view(Same)",
        "class Same(np.ndarray):\n"
        "    __eq__ = __le__ = lambda self, other: np.True_\n"
        "    def __array_function__(self, *_): return np.True_\n"
        "    def __array_ufunc__(self, *_, **__): return np.zeros(1)\n",
    ),
    "array_protocol_lies": wrong(
        "    return Lies()",
        "class Lies:\n"
        "    shape, dtype, n = (2,), np.dtype('float32'), 0\n"
        "    def __array__(self, *_, **__):\n"
        "        self.n += 1\n        return np.zeros(self.n)\n"
        "    def numpy(self): raise MemoryError\n",
    ),
    "number_that_equals_all": wrong(
        "    return Number()",
        "class Number(float):\n"
        "    __eq__ = lambda self, other: True\n    __hash__ = float.__hash__\n"
        "    __float__ = lambda self: 5.0\n",
    ),
    "so_short_a_type_that_rounding_excuses_all": wrong(
        "    return (2.2 * x).astype(ml_dtypes.float8_e4m3fn)", "import ml_dtypes"
    ),
    "replaced_builtins": wrong(
        "    return np.zeros_like(x)",
        "import builtins\n"
        "builtins.all = builtins.any = lambda *_: True\n"
        "builtins.AssertionError = builtins.Exception = KeyboardInterrupt\n"
        "builtins.abs = lambda *_: 0\n",
        others=_ANYTHING,
    ),
    "numpy_replaced": wrong(
        "    return zeros(x.shape)",
        "zeros = np.zeros\n"
        "np.allclose = np.array_equal = np.isfinite = lambda *_, **__: True\n"
        "np.abs = np.absolute = lambda *_: zeros(1)\n"
        "np.testing.assert_allclose = np.testing.assert_array_equal = lambda *_, **__: None\n",
    ),
    "checks_replaced": wrong(
        "    return 0 * x",
        "from course.check.engine import attempt, environment\n"
        "attempt.Result.equals = attempt.Result.fail = lambda *_, **__: None\n"
        "attempt.Attempt.call = lambda *_, **__: attempt.Result(None, {})\n"
        "environment.use(None)\n"
        "import course.check; course.check.softmax = lambda *_: None\n",
    ),
    "another_check_under_its_name": wrong(
        "    return 0 * x",
        "class Attempt:\n    __init__ = __call__ = __getattr__ = lambda self, *_, **__: self\n"
        "np = Attempt(); examine = exam = check = lambda *_: None\n",
        others=_ANYTHING,
    ),
    "tracing": wrong(
        "    return 0 * x",
        "import sys, threading\n"
        "def trace(frame, event, value):\n"
        "    if 'result' in frame.f_locals: frame.f_locals['result'] = None\n"
        "    frame.f_trace_lines = False\n    return trace\n"
        "sys.settrace(trace); threading.settrace(trace)\n",
    ),
    "displayhook_and_transformers": wrong(
        "    return 0 * x",
        "import ast, sys\n"
        "class Empty(ast.NodeTransformer):\n"
        "    def visit_Assert(self, node): return ast.Pass()\n"
        "get_ipython().ast_transformers.append(Empty())\n"
        "get_ipython().input_transformers_cleanup.append(lambda lines: lines)\n"
        "get_ipython().do_execute = lambda *_, **__: {'status': 'ok'}\n"
        "sys.displayhook = lambda *_: None; sys.excepthook = lambda *_: None\n",
    ),
    "run_cell_replaced": wrong(
        "    return 0 * x",
        "from autograder.sandbox.inside import shell\n"
        "shell.run_cell = lambda *_, **__: (None, 1, [])\n"
        "print('run_cell is replaced')",
        others=_ANYTHING,
        shown="run_cell is replaced",
    ),
    "frames_walked_for_the_solution": wrong(
        "    import sys\n    frame = sys._getframe()\n    while frame:\n"
        "        for name in ('expected', 'result', 'solution', 'given'):\n"
        "            if name in frame.f_locals: return frame.f_locals[name]\n"
        "        frame = frame.f_back\n    return 0 * x",
    ),
    "heap_walked_for_the_solution": wrong(
        "    import gc\n"
        "    for thing in gc.get_objects():\n"
        "        kind = type(thing).__name__\n"
        "        if kind in ('_Examiner', 'Link', '_ForkServer', 'LessonToGrade'):\n"
        "            print('found it'); return thing\n"
        "        if type(thing) is np.ndarray and x.any() and np.array_equal(thing, 2.0 * x):\n"
        "            return None\n"
        "    return 0 * x",
        last="print(MARK_FOUND if 'MARK_FOUND' in dir() else 'nothing')",
    ),
    "memory_read_for_the_tests": right(
        "import re\n"
        "hidden = re.compile(rb'examine[(][[][[]0, -7')\n"
        "found = 0\n"
        "with open('/proc/self/maps') as maps, open('/proc/self/mem', 'rb', 0) as memory:\n"
        "    for line in maps.read().splitlines():\n"
        "        span, rights, *_ = line.split()\n"
        "        start, end = (int(n, 16) for n in span.split('-'))\n"
        "        if rights[:2] != 'rw' or end - start > 2**28: continue\n"
        "        try: memory.seek(start); data = memory.read(end - start)\n"
        "        except (OSError, ValueError, OverflowError): continue\n"
        "        found += len(hidden.findall(data))\n"
        "print('searched', found)",
        shown="searched 0",
    ),
    "exam_imported": right(
        "import importlib, sys\n"
        "for name in ('autograder.exam', 'autograder.grading.class_grading', 'tests',\n"
        "             'autograder.grading.gradebook',\n"
        "             'autograder.exam.lesson_02_gradient_descent'):\n"
        "    try: print('imported', importlib.import_module(name))\n"
        "    except ImportError as error: print(type(error).__name__)\n",
        shown="ModuleNotFoundError",
        hidden="imported",
    ),
    "learns_from_visible_arguments": wrong(
        "    known = {2: [2, 5]}\n    return np.array(known.get(x.size, [0]))", double_is="failed"
    ),
    "seeds_predicted": wrong(
        "    np.random.seed(0); np.random.default_rng = lambda *_: None\n    return 0 * x",
        "np.random.seed(0)",
        double_is="failed",
    ),
    "argument_overwritten": wrong("    x *= 2\n    return x", double_is="failed"),
    "argument_made_another_type": wrong(
        "    x.dtype = np.int32\n    return x", double_is=NO_POINTS
    ),
    "argument_resized": wrong("    x.resize(40, refcheck=False)\n    return x"),
    "argument_reshaped": wrong("    x.shape = (1, -1)\n    return [2, 5]"),
    "nothing_returned": wrong("    pass", double_is="failed"),
    "structured_dtype": wrong("    return np.zeros(2, [('a', 'f4'), ('b', 'O')])"),
    "objects_in_an_array": wrong("    return np.array([object(), print], object)"),
    "array_of_itself": wrong("    a = np.empty(1, object); a[0] = a\n    return a"),
    "list_in_itself": wrong("    a = []; a.append(a)\n    return a"),
    "texts_and_dates": wrong("    return np.array(['2', '5'])"),
    "nan_and_infinity": wrong("    return x * np.nan", double_is="failed"),
    "many_axes": wrong("    return np.zeros([1] * 40)"),
    "a_giant_that_takes_no_memory": wrong("    return np.broadcast_to(0.0, [2**20, 2**20])"),
    "a_dict_of_numbers_that_collide": wrong(
        "    return {i * (2**61 - 1): 0 for i in range(11_000)}", seconds=20
    ),
    "an_int_of_a_million_digits": wrong("    return 10 ** 1_000_000"),
    "a_long_text": wrong("    return 'x' * 50_000_000"),
    "a_list_that_never_ends": wrong(
        "    return Endless([1])",
        "class Endless(list):\n    def __iter__(self):\n        while True: yield 0\n",
        others=_ANYTHING,
        seconds=1,
    ),
    "a_dict_that_lies": wrong(
        "    return Lies(a=1)",
        "class Lies(dict):\n"
        "    def __len__(self): return 10**9\n    def items(self): return [(1, 2)] * 10\n"
        "    def __iter__(self): return iter(['a'] * 5)\n",
    ),
    "class_changed_under_way": wrong(
        "    return T()",
        "class M(type):\n    def __instancecheck__(self, other): raise SystemExit\n"
        "    __name__ = property(lambda self: 1 / 0)\n"
        "class T(metaclass=M):\n    __class__ = property(lambda self: 1 / 0)\n",
    ),
}

_RAISED = {
    "system_exit": "raise SystemExit(0)",
    "keyboard_interrupt": "raise KeyboardInterrupt",
    "generator_exit": "raise GeneratorExit",
    "stop_iteration": "raise StopIteration",
    "base_exception": "raise BaseException",
    "hostile_text": "raise Hostile",
    "endless_text": "raise Endless",
    "giant_text": "raise ValueError('x' * 50_000_000)",
    "control_characters": r"raise ValueError('\x1b[2J\x00\ud800\u202e<script>')",
    "the_examiners_own": "raise type('Broken', (BaseException,), {})('passed')",
    "a_check_failed": "from course.check import Unsolved; raise Unsolved('double', '')",
    "odd_arguments": "raise UnicodeDecodeError('utf-8', b'', 0, 1, 'odd')",
    "exception_group": "raise ExceptionGroup('many', [ValueError(i) for i in range(1000)])",
    "deep_recursion": "return double(x)",
    "long_chain": "raise ValueError from RuntimeError()",
}
HOSTILE = """
class Hostile(Exception):
    def __str__(self): raise KeyboardInterrupt
    __repr__ = __str__
    args = property(lambda self: 1 / 0)
class Endless(Exception):
    def __str__(self):
        while True: pass
"""
CASES |= {
    f"raises_{name}": wrong(f"    {line}", HOSTILE, others=_ANYTHING, seconds=2)
    if name == "endless_text"
    else wrong(f"    {line}", HOSTILE)
    for name, line in _RAISED.items()
}
