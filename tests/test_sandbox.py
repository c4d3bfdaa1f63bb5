"""The walls, the wire between the two processes, and what becomes of processes when one ends."""

import contextlib
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import time
import types
import warnings

import nbformat
import numpy as np
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder.sandbox import Limits, Sandbox
from autograder.sandbox.inside import shell, values
from autograder.sandbox.outside import memory_use, server_handle
from autograder.sandbox.protocol import wire
from tests.conftest import ROOT, missing_walls
from tests.tiny_course import test_cell as graded_cell
from tests.waiting import until

pytestmark = pytest.mark.xdist_group("sandbox")


# The wire -----------------------------------------------------------------------------------------


def refer(value):
    return wire.Reference("student", 1, frozenset({"callable"}), type(value).__name__, "x", "")


def there_and_back(value):
    return wire.decode(wire.encode(value, refer), lambda reference: reference)


RNG = np.random.default_rng(1)
VALUES = [
    *(None, True, False, 0, -1, 2**63, -(2**200), 0.5, float("inf"), 1 + 2j, "é\U0001f600\x00"),
    *(b"\x00\xff", [], (), {}, [1, "a", None, [2.5]], (1, (2,)), {"a": 1, 2: [3], None: b""}),
    *([1.5, 2.5], [1, 2**62], [True, 1], {"a": {"b": {"c": (1,)}}}),
]
ARRAYS = [
    *(np.float32(1.5), np.int8(-3), np.bool_(True), np.longdouble(1) / 3, np.array(7)),
    *(RNG.normal(size=shape).astype("f4") for shape in [(0,), (3,), (2, 0, 3), (2, 3, 4)]),
    *(np.asfortranarray(RNG.normal(size=(3, 4))), np.arange(10)[::2], np.array([True, False])),
    *(np.array([[1, 2]], ">i4"), np.array([None, 1, "a"], object), np.zeros((2, 2), "c8")),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: repr(value)[:30])
def test_plain_data_comes_back_as_it_was(value):
    back = there_and_back(value)
    assert back == value
    assert type(back) is type(value)


@pytest.mark.parametrize("value", ARRAYS, ids=lambda value: f"{value.dtype} {value.shape}")
def test_arrays_come_back_as_they_were(value):
    back = there_and_back(value)
    assert type(back) is type(value)
    np.testing.assert_array_equal(back, value)
    assert back.dtype == value.dtype.newbyteorder("=")
    assert back.flags.f_contiguous == value.flags.f_contiguous or not value.flags.forc


@pytest.mark.parametrize("kind", ["PCG64", "MT19937", "Philox", "SFC64", "PCG64DXSM"])
def test_a_random_generator_goes_on_where_it_was(kind):
    rng = np.random.Generator(getattr(np.random, kind)(5))
    rng.random(13)
    copy = there_and_back(rng)
    assert copy.random(5).tolist() == rng.random(5).tolist()
    assert copy.spawn(1)[0].random() == rng.spawn(1)[0].random()


class Keys(dict):
    """Says that its keys are plain."""

    def __iter__(self):
        return iter("ab")


NEARLY_PLAIN = [
    *({np.datetime64("2020"): 1}, {np.complex64(1j): 1}, {np.clongdouble(1): 1}),
    *({np.timedelta64(1, "s"): 1}, Keys({(1, 2): 1}), np.ones((2**41, 0))),
    np.random.Generator(np.random.PCG64(np.random.SeedSequence(1, pool_size=100))),
]


@pytest.mark.parametrize("value", NEARLY_PLAIN, ids=lambda value: str(value)[:30])
def test_what_is_only_nearly_plain_stays_where_it_is(value):
    assert isinstance(there_and_back(value), wire.Reference)


def test_damaged_messages_are_malformed_and_nothing_else():
    """Thousands of them: bytes changed, cut off, put in, and nothing but noise."""
    noise = random.Random(20)
    messages = [wire.encode(value, refer) for value in (*VALUES, *ARRAYS, np.random.default_rng(1))]
    messages.append(wire.encode((7, "value", {"a": [np.ones(3), refer]}, {0: (1, 2)}), refer))
    refused = 0
    for _ in range(6_000):
        data = bytearray(noise.choice(messages))
        for _ in range(noise.randint(1, 4)):
            place = noise.randrange(len(data) + 1)
            how = noise.randrange(4)
            if how == 0:
                data[place : place + 1] = noise.randbytes(1)
            elif how == 1:
                del data[place : place + noise.randint(1, 8)]
            elif how == 2:
                data[place:place] = noise.randbytes(noise.randint(1, 8))
            else:
                data[place : place + 8] = noise.choice([b"\xff" * 8, bytes(8), b"l\x01\0\0\0" * 2])
        try:
            wire.decode(bytes(data), lambda reference: reference)
        except (wire.Malformed, MemoryError):
            refused += 1
    assert refused > 3_000


@pytest.mark.slow
def test_what_is_too_large_or_deep_is_said_to_be_so():
    deep = []
    for _ in range(50):
        deep = [deep]
    endless = []
    endless.append(endless)
    numbers = dict.fromkeys(range(20_000))
    for value in (deep, endless, 10**2_000, "x" * 3_000_000, [None] * 2_000_000, numbers):
        with pytest.raises(wire.MessageTooLarge):
            wire.encode(value, refer)


def test_changed_arguments_are_changed_in_place():
    array, rng, nested = np.zeros(4), np.random.default_rng(3), {"a": [np.ones(2), 1]}
    inner = nested["a"][0]
    wire.write_back(array, np.arange(4.0))
    with warnings.catch_warnings(action="error"):  # NumPy 2.5 deprecates that
        wire.write_back(inner, np.zeros((2, 1)))
    assert inner.shape == (2, 1)
    wire.write_back(rng, np.random.default_rng(9))
    wire.write_back(nested, {"a": [np.full(2, 7.0), 2], "b": 3})
    assert array.tolist() == [0, 1, 2, 3]
    assert rng.random() == np.random.default_rng(9).random()
    assert inner.tolist() == [7, 7]
    assert nested["b"] == 3


def test_an_argument_never_gets_another_size_or_loses_its_protection():
    """Somebody else may look at the same memory."""
    array = np.zeros(4)
    with pytest.raises(ValueError, match="reshape"):
        wire.write_back(array, np.zeros(4_000))
    fixed = np.broadcast_to(np.zeros(1), 3)
    with pytest.raises(ValueError, match="read-only"):
        wire.write_back(fixed, np.ones(3))


# Submissions --------------------------------------------------------------------------------------


def notebook(*cells):
    """Cells of a student's; a pair is a test cell: its name and text."""
    return new_notebook(
        cells=[
            new_code_cell(cell) if isinstance(cell, str) else graded_cell(*cell, points=1)
            for cell in cells
        ]
    )


@pytest.fixture(scope="module")
def sandbox():
    missing_walls()
    with Sandbox(limits=Limits(memory=900_000_000, grace=1.0)) as sandbox:
        yield sandbox


def run(sandbox, *cells, seconds=60, files=None):
    return sandbox.run(notebook(*cells), files, cell_timeout=seconds, timeout=120)


def printed(outcome, index=0):
    return "".join(output.get("text", "") for output in outcome.cells[index].outputs)


LEAVE = """
import os, pathlib, tempfile, subprocess, numpy
places = [pathlib.Path.home(), pathlib.Path(tempfile.gettempdir()), pathlib.Path.cwd(),
          pathlib.Path("/dev/shm"), pathlib.Path("/tmp")]
print([(p / "left").exists() for p in places], hasattr(numpy, "left"), os.environ.get("LEFT"))
for p in places: (p / "left").write_text("x")
numpy.left = os.environ["LEFT"] = "x"
"""


@pytest.mark.slow
def test_submissions_share_nothing(sandbox):
    for _ in range(2):
        outcome = run(sandbox, LEAVE)
        assert outcome.end == "done"
        assert printed(outcome) == f"{[False] * 5} False None\n"


def test_files_beside_the_notebook_are_a_copy(sandbox, tmp_path):
    (tmp_path / "lesson").mkdir()
    (tmp_path / "lesson" / "data.txt").write_text("1 2 3")
    other = new_notebook(cells=[new_code_cell("four = 4")])
    nbformat.write(other, tmp_path / "lesson" / "utils.ipynb")
    cell = (
        "%run utils.ipynb\n"
        "print(open('data.txt').read(), four); open('data.txt', 'w').write('changed')"
    )
    assert printed(run(sandbox, cell, files=tmp_path / "lesson")) == "1 2 3 4\n"
    assert (tmp_path / "lesson" / "data.txt").read_text() == "1 2 3"


ONE_BY_ONE = """
from course.check.references.lesson_02_gradient_descent import minibatches as own
class Lazy:
    def __init__(self, *given): self.given = given
    def __iter__(self): return own(*self.given)
def minibatches(*given): yield from own(*given)
"""


def test_the_courses_own_function_is_no_answer_one_value_at_a_time_either(sandbox):
    test = "minibatches", "from course import check\ncheck.minibatches(minibatches)"
    outcome = run(sandbox, ONE_BY_ONE, test, "minibatches = Lazy", test)
    assert all("must be your own" in outcome.cells[place].error_text for place in (1, 3))


FILES = """
import pathlib
def path(number):
    file = pathlib.Path(f"{number}.txt")
    file.write_text(str(number))
    return file
"""


def test_each_test_may_look_at_some_files(sandbox):
    look = "for number in range({}): assert path(number).read_text() == str(number)"
    outcome = run(sandbox, FILES, *((str(count), look.format(count)) for count in (15, 15, 99)))
    assert [outcome.cells[place].status for place in (1, 2, 3)] == ["ok", "ok", "error"]
    assert "too many files" in outcome.cells[3].error_text


def test_what_a_cell_shows_is_cut_off_by_the_limits():
    record = shell.Record(Limits(output=100, outputs=2))
    record.text("stdout", "x" * 300)
    assert record.taken() == [{"output_type": "stream", "name": "stdout", "text": "x" * 100}]
    for number in range(9):
        record.add({"output_type": "display_data", "data": {"text/plain": str(number)}})
    assert len(record.taken()) == 1  # one more would be too long
    for number in range(9):
        record.add({"data": number})
    assert len(record.taken()) == 2


class Odd(str):
    """A text with methods of the student's."""

    def stop(self, *_arguments):
        raise SystemExit

    __len__ = __getitem__ = __format__ = __bool__ = strip = splitlines = stop


class Shown:
    """An object whose text is such a one."""

    def __init__(self, text):
        self.text = text

    def __str__(self):
        return Odd(self.text)


@pytest.mark.parametrize("length", [5, 50_000])
def test_the_text_of_an_object_is_a_string_of_pythons_own(length):
    text = shell.safe_text(Shown("x" * length))
    assert type(text) is str
    assert text.startswith("xxxxx")
    assert len(text) <= 10_000


def traced(**facts):
    line = {"filename": "a.py", "lineno": 1, "function_name": "f", "code": " return x"}
    return types.SimpleNamespace(**line | facts)


def frames_of(stack):
    error = ValueError()
    error.ag_error_metadata = types.SimpleNamespace(translated_stack=stack)
    return values.frames(error)


def exits():
    raise SystemExit
    yield


def test_forged_lines_of_a_traced_function_stop_nothing():
    """TensorFlow keeps them with an error, from the inside outwards."""
    true = [traced(function_name=None), traced(lineno=2)]
    outer, inner = ("a.py", 2, "f", "return x", {}), ("a.py", 1, "<lambda>", "return x", {})
    assert frames_of(true) == [outer, inner]
    assert len(frames_of(itertools.repeat(traced()))) == 10
    assert frames_of(exits()) == frames_of(3) == []
    odd = [traced(filename=Shown("b.py"), function_name=Shown("g"), code=Shown("x" * 999))]
    ((file, _number, name, line, _kinds),) = frames_of(odd)
    assert (type(file), type(name), type(line)) == (str, str, str)
    assert (file, name, len(line)) == ("b.py", "g", 300)


def test_what_fork_servers_parsed_is_kept_for_the_next(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    parsed = tmp_path / "parsed"
    for name in ("digits", "fonts"):  # the first one needed no picture
        (parsed / name).mkdir(parents=True)
        (parsed / name / "list").write_text(name)
        server_handle.keep_caches(parsed)
    kept = server_handle.cache_folder()
    assert {path.parent.name: path.read_text() for path in kept.rglob("list")} == {
        "digits": "digits",
        "fonts": "fonts",
    }
    assert len([path for path in kept.parent.rglob("*") if path.is_file()]) == 2
    (kept / "digits" / "list").write_text("damaged")
    os.utime(kept / "digits" / "list", (1, 1))
    server_handle.keep_caches(parsed)
    assert (kept / "digits" / "list").read_text() == "digits"


SAVE = """
import keras, zipfile, json
def honest():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    model.save("honest.keras")
    return "honest.keras"
def own_code():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Lambda(lambda x: x)])
    model.save("lambda.keras")
    return "lambda.keras"
def no_model():
    open("none.keras", "wb").write(b"\\x80\\x04cos\\nsystem\\n")
    return "none.keras"
def function_as_layer():
    honest()
    with zipfile.ZipFile("honest.keras") as old, zipfile.ZipFile("evil.keras", "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "config.json":
                config = json.loads(data)
                config["config"]["layers"][-1] |= {
                    "module": "os", "class_name": "system", "registered_name": None,
                    "config": {"command": "touch /tmp/evil"}}
                data = json.dumps(config)
            new.writestr(name, data)
    return "evil.keras"
def bomb():
    honest()
    with zipfile.ZipFile("honest.keras", "a", zipfile.ZIP_DEFLATED) as archive:
        for number in range(40):
            archive.writestr(f"assets/{number}", bytes(20_000_000))
    return "honest.keras"
"""
LOAD = (
    "model = keras.models.load_model({}())\n"
    "assert model.count_params() == 6\n"
    "assert model(np.ones((3, 2), 'f4')).shape == (3, 2)"
)


@pytest.mark.slow
def test_saved_models_are_loaded_in_a_fresh_sandbox(sandbox):
    names = ["honest", "own_code", "no_model", "function_as_layer", "bomb"]
    tests = [(name, LOAD.format(name)) for name in names]
    outcome = run(sandbox, SAVE, *tests)
    assert outcome.end == "done", outcome
    statuses = [outcome.cells[place].status for place in range(1, 6)]
    # The bomb's model is right; what is packed with it is never kept.
    assert statuses == ["ok", "error", "error", "error", statuses[4]], outcome
    assert "Lambda" in outcome.cells[2].error_text


LOAD_SEVERAL = """
from course.check.engine import environment
def load(): return environment.load_model(honest())
models = [load() for _ in range(5)]
assert [model.count_params() for model in models[-2:]] == [6, 6]
models[0].count_params()
"""


@pytest.mark.slow
def test_what_loads_models_counts_with_the_submission_and_there_are_few_of_it(sandbox, monkeypatch):
    together = []

    def noted(processes, *others, takes_more=memory_use.takes_more):
        together.append([one for one in processes if psutil.pid_exists(one)])
        return takes_more(processes, *others)

    monkeypatch.setattr(memory_use, "takes_more", noted)
    outcome = run(sandbox, SAVE, ("check", LOAD_SEVERAL))
    assert outcome.cells[1].error_name == "ModelError", outcome
    assert max(map(len, together)) == 3  # the student's own, and two
    assert not outcome.was_killed  # but from here


@pytest.mark.slow
def test_what_loads_a_model_and_is_killed_from_outside_is_told(sandbox, monkeypatch):
    """So the submission is run once more: its answer is not to blame."""

    def killed(processes, *_others):
        for loader in processes[1:]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(loader, signal.SIGKILL)

    monkeypatch.setattr(memory_use, "takes_more", killed)
    load = "from course.check.engine import environment\nmodel = environment.load_model(honest())"
    wait = "import time\ntime.sleep(2)\nmodel.count_params()"
    outcome = run(sandbox, SAVE, ("check", f"{load}\n{wait}"))
    assert (outcome.end, outcome.cells[1].status) == ("done", "error"), outcome
    assert outcome.was_killed


YIELD = "def pairs():\n    import numpy as np\n    while True: yield np.ones(7_000_000)"


@pytest.mark.slow
def test_what_the_examiner_takes_is_limited_too(sandbox):
    taken = "from itertools import islice\ntaken = list(islice(pairs(), 500))"
    outcome = run(sandbox, YIELD, ("check", taken))
    assert outcome.cells[1].status == "out_of_memory", outcome


TAKE = "taken = b'x' * 10**9"
WAIT = "import time\ntime.sleep(50)"


@pytest.mark.parametrize(
    ("cells", "culprit"),
    [(("1 + 1", f"{TAKE}\n{WAIT}", "1"), 1), ((TAKE, WAIT, "1"), 0)],
    ids=["the next cell", "the cell before"],
)
@pytest.mark.slow
def test_memory_is_laid_to_the_cell_that_took_it_even_if_the_grader_looks_late(
    sandbox, monkeypatch, cells, culprit
):
    def looks_late(*arguments, takes_more=memory_use.takes_more):
        for _ in range(20):
            if takes_more(*arguments):
                time.sleep(1)
                return True
            time.sleep(0.1)
        return False

    monkeypatch.setattr(memory_use, "takes_more", looks_late)
    outcome = run(sandbox, *cells)
    statuses = [cell.status for _place, cell in sorted(outcome.cells.items())]
    assert statuses == ["ok"] * culprit + ["out_of_memory"]


# Who ends whom ------------------------------------------------------------------------------------

GRADE = """
import json, sys
import tests.quick_start
from autograder.sandbox import Limits, Sandbox
from tests.test_sandbox import notebook

sandbox = Sandbox(limits=Limits(memory=600_000_000, grace=1.0))

def run(*cells):
    outcome = sandbox.run(notebook(*cells), None, cell_timeout=60, timeout=60)
    return outcome.end, [[e.status, e.error_text, e.outputs] for e in outcome.cells.values()]

print(json.dumps([
    run("def double(x): return 2 * x", ("check", "assert double(4) == 8")),
    run("import numpy as np\\nparts = []\\nwhile True: parts.append(np.ones(2_000_000))"),
    run("import ctypes; ctypes.CDLL(None).ptrace(16, 1, 0, 0)"),
    run("import os; print(os.getuid()); os.readlink('/proc/1/fd/0')"),
]), flush=True)
run("import subprocess, time\\n"
    "subprocess.Popen(['sleep', '98764'], start_new_session=True); time.sleep(600)")
"""


def start_grader(unprivileged):
    """A grader in a process of its own; as root can, with the rights of a plain user."""

    def become_somebody():
        from autograder.sandbox.inside import linux

        user, group = os.geteuid(), os.getegid()
        linux.unshare(linux.NEW_USER)
        for name, text in (
            ("setgroups", "deny"),
            ("uid_map", f"4321 {user} 1"),
            ("gid_map", f"4321 {group} 1"),
        ):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)

    return subprocess.Popen(
        [sys.executable, "-c", GRADE],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=become_somebody if unprivileged and os.geteuid() == 0 else None,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )


def processes(command):
    return [one for one in psutil.process_iter(["cmdline"]) if one.info["cmdline"] == command]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_plain_user_can_grade_and_a_killed_grader_leaves_nothing():
    missing_walls()
    grader = start_grader(unprivileged=True)
    try:
        right, memory, ptrace, look = json.loads(grader.stdout.readline())
        assert right[0] == "done", right
        assert [status for status, *_ in right[1]] == ["ok", "ok"], right
        assert memory[0] == "out_of_memory", memory
        assert ptrace[0] == "tampered", ptrace
        status, message, (shown, _) = look[1][0]
        assert (status, shown["text"]) == ("error", "1000\n")
        assert "Permission denied" in message  # not even the first process can be looked at
        until(lambda: processes(["sleep", "98764"]))
        family = psutil.Process(grader.pid).children(recursive=True)
        assert len(family) >= 4
    finally:
        grader.kill()
        grader.wait()
        grader.stdout.close()
    until(lambda: not processes(["sleep", "98764"]))
    until(lambda: not any(alive(one) for one in family))


def alive(process):
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
