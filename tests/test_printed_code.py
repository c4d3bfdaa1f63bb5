"""The code that is printed for learners to type: its names exist, and it works once they are right.

It stands in fenced blocks and `spans` of the lessons' texts, in fold-outs, and in messages.
"""

import ast
import builtins
import itertools
import re
from functools import cache
from pathlib import Path

import keras
import nbformat
import numpy as np
import pytest
import tensorflow as tf

from course import digits
from tests.banks import lesson_03_multiple_layers as five_bank
from tests.banks import lesson_06_convolution as convnet_bank
from tests.conftest import tried

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "source").rglob("*.ipynb"))
LIBRARIES = {"np": np, "tf": tf, "keras": keras, "layers": keras.layers}
FENCED = re.compile(r"```python\n(.*?)```", re.DOTALL)
SPAN = re.compile(r"`([^`]+)`")
TABLE = re.compile(r"^\|.*", re.MULTILINE)

every_notebook = pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)


@cache
def cells(path):
    return nbformat.read(path, as_version=4).cells


def parsed(code):
    """The syntax tree of code, in which … may stand for anything; an empty one of what is none."""
    try:
        return ast.parse(code.replace("…", "..."))
    except SyntaxError:
        return ast.parse("")


def defined(tree):
    """The names that code defines for what follows it."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
    return found


def texts(path):
    """Each text of a notebook, with the names that are defined above it."""
    known = {*dir(builtins), "keras"}  # the library's full name, on pages that run none of it
    for cell in cells(path):
        if cell.cell_type == "code":
            known |= defined(ast.parse(cell.source))
        else:
            yield cell, known


def task_names(path, text):
    """The names in the code below a text, up to the next text: functions, their arguments …"""
    below = cells(path)[cells(path).index(text) + 1 :]
    below = itertools.dropwhile(lambda cell: cell.cell_type != "code", below)
    found = set()
    for cell in itertools.takewhile(lambda cell: cell.cell_type == "code", below):
        tree = ast.parse(cell.source)
        found |= defined(tree) | {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    return found


@every_notebook
def test_printed_blocks_use_names_that_exist(path):
    for cell, known in texts(path):
        for block in FENCED.findall(cell.source):
            tree = ast.parse(block)
            loaded = {
                node.id
                for node in ast.walk(tree)
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
            }
            arguments = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
            missing = loaded - known - defined(tree) - arguments
            assert not missing, f"{cell.id} prints {missing}"


# In a table there is no room for the module of each.
KERAS_CLASSES = {
    *(*dir(keras.layers), *dir(keras.callbacks), *dir(keras.optimizers)),
    *(*dir(keras.optimizers.schedules), *dir(keras.regularizers)),
}


@every_notebook
def test_printed_calls_are_of_functions_that_exist(path):
    for cell, known in texts(path):
        prose = FENCED.sub("", cell.source)
        tables = "\n".join(TABLE.findall(prose))
        spans = [(parsed(span), True) for span in SPAN.findall(tables)]
        spans += [(parsed(span), False) for span in SPAN.findall(TABLE.sub("", prose))]
        printed = [ast.parse(block) for block in FENCED.findall(cell.source)]
        printed += [tree for tree, _ in spans]
        known = known | task_names(path, cell) | set().union(*map(defined, printed))
        for tree, is_in_table in spans:
            for call in ast.walk(tree):
                root = call.func if isinstance(call, ast.Call) else None
                while isinstance(root, ast.Attribute):
                    root = root.value
                if isinstance(root, ast.Name) and not (is_in_table and root.id in KERAS_CLASSES):
                    assert root.id in known, f"{cell.id} prints {ast.unparse(call)}"


@every_notebook
def test_printed_names_of_modules_exist(path):
    imports = [
        node
        for cell in cells(path)
        if cell.cell_type == "code"
        for node in ast.parse(cell.source).body
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    modules = {"keras": keras}
    exec(compile(ast.Module(imports, []), str(path), "exec"), modules)
    for cell, _known in texts(path):
        local = task_names(path, cell)
        for tree in (parsed(span) for span in SPAN.findall(cell.source)):
            for node in ast.walk(tree):
                if isinstance(node, ast.Attribute) and ast.unparse(node).split(".")[0] not in local:
                    assert exists(ast.unparse(node), modules), f"{cell.id}: {ast.unparse(node)}"


@pytest.mark.slow
def test_messages_name_functions_of_libraries_that_exist():
    """In every text of the course's code: hints, docstrings, what playgrounds say."""
    dotted = re.compile(r"\b(?:np|tf|keras|layers)(?:\.[A-Za-z_]\w*)+")
    found = set()
    for path in (ROOT / "course").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found |= set(dotted.findall(node.value))
    assert len(found) > 10
    assert not [name for name in found if not exists(name, LIBRARIES)]


def exists(name, modules):
    """Whether a dotted name leads somewhere, as far as it starts at one of the modules."""
    root, *parts = name.split(".")
    if root not in modules or not all(part.isidentifier() for part in parts):
        return True
    value = modules[root]
    for part in parts:
        if not hasattr(value, part):
            return False
        value = getattr(value, part)
    return True


def test_no_loss_goes_by_its_mere_name():
    """As a text, it takes probabilities, whatever the network ends in, and there is no error."""
    paths = [*SOURCES, *(ROOT / "docs").glob("*.md"), ROOT / "README.md"]
    for folder in ("course", "scripts", "autograder"):
        paths += (ROOT / folder).rglob("*.py")
    by_name = re.compile(r"compile\([^)]*categorical_crossentropy")
    for path in paths:
        assert not by_name.search(path.read_text(encoding="utf-8")), path


# The Keras code that an exercise prints, to be changed --------------------------------------------


def to_change(lesson, task):
    """The function that this task of a lesson prints."""
    (path,) = (ROOT / "source" / lesson).glob("*.ipynb")
    (text,) = (cell.source for cell, _ in texts(path) if f": `{task}`\n" in cell.source)
    before, _, _ = text.split(f": `{task}`\n")[1].partition("\nChange it so that ")
    (block,) = FENCED.findall(before)
    names = dict(LIBRARIES)
    exec(block, names)
    return names[ast.parse(block).body[0].name]


def network(*last):
    return keras.Sequential([keras.Input((28, 28)), keras.layers.Flatten(), *last])


def test_printed_code_compiles_for_one_hot_labels():
    model = to_change("03-multiple-layers", "compile_model")(network(keras.layers.Dense(3)))
    assert isinstance(model.loss, keras.losses.CategoricalCrossentropy)
    assert model.optimizer.momentum == 0.9


def test_printed_code_builds_the_network_without_regularisation():
    model = to_change("05-overfitting-dropout", "build_regularised")()
    assert model.count_params() == 178_110
    assert not model.losses


def test_printed_code_fits_to_the_end():
    model = network(keras.layers.Dense(10))
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    pair = np.zeros((2, 28, 28), np.float32), np.array([0, 1])
    fit = to_change("05-overfitting-dropout", "fit_with_early_stopping")
    assert len(fit(model, pair, pair).history["val_loss"]) == 20


def test_printed_code_puts_a_head_on_a_base_and_trains_both():
    inputs = keras.Input((4,))
    base = keras.Model(inputs, keras.layers.Dense(3)(inputs))
    model = to_change("06-convolution", "frozen_base")(base)
    assert model.output_shape == (None, 10)
    assert len(model.trainable_variables) == 4


# The training of a lesson, after every kind of right answer ---------------------------------------


def run_cells(lesson, names, *ids):
    """Run code cells of a lesson, each found by its id, with these names."""
    (path,) = (ROOT / "source" / lesson).glob("*.ipynb")
    sources = {cell.id: cell.source for cell in cells(path)}
    for cell_id in ids:
        exec(sources[cell_id], names)


FIVE_LAYERS = (
    *("sequential", "rows of pixels", "a grey channel", "functional", "functions between"),
    *("nested", "TensorFlow's ReLU", "without an Input, built", "compiled", "logits by name"),
    *("log-softmax, the same logits less one number", "a class", "a class without Flatten"),
)


def share_of_five_layers(answer):
    """The share of the test digits that a network reads after lesson 3 has trained it."""
    keras.utils.set_random_seed(1)
    names = {}
    run_cells("03-multiple-layers", names, "set-up", "answer-compile-model", "answer-fit-model")
    names |= {"build_five_layers": five_bank.RIGHT_FIVE[answer], "compiled": names["compile_model"]}
    run_cells("03-multiple-layers", names, "fit-own")
    predictions = np.argmax(names["model"](names["new"]), axis=1)
    return np.mean(predictions == names["test_labels"])


@pytest.mark.weekly
def test_the_lesson_trains_five_layers():
    assert share_of_five_layers("sequential") > 0.85


@pytest.mark.weekly
@pytest.mark.parametrize("answer", tried(FIVE_LAYERS[1:], rarer=6))  # each trains for seconds
def test_the_lesson_trains_every_right_answer(answer):
    assert share_of_five_layers(answer) > 0.85


def printed_block(lesson, words):
    """The one printed block of a lesson in which these words stand."""
    (path,) = (ROOT / "source" / lesson).glob("*.ipynb")
    blocks = [block for cell, _ in texts(path) for block in FENCED.findall(cell.source)]
    (block,) = (block for block in blocks if words in block)
    return block


@pytest.mark.slow
def test_the_printed_classes_of_a_learners_own_train_together():
    """As the text below them says: no parameters before the first input, dropout in training."""
    names = {"keras": keras}
    exec(printed_block("04-backpropagation", "(keras.Model)"), names)
    inner = names["TwoLayers"]()
    assert not inner.weights
    images = np.ones((8, 784), np.float32)
    model = keras.Sequential([names["Scaled"](), inner])
    model.compile("sgd", loss=names["doubled"])
    model.fit(images, np.eye(10)[:8], callbacks=[names["PrintLoss"]()], verbose=0)
    assert model.count_params() == 1 + 785 * 60 + 61 * 10
    assert np.array_equal(inner(images)[0], inner(images)[1])
    in_training = inner(images, training=True)
    assert not np.array_equal(in_training[0], in_training[1])


def trained(block, **answer):
    """The share of the test digits that the printed lines teach a network to read."""
    keras.utils.set_random_seed(1)
    data = digits.load("embedded")
    names = {"np": np, "keras": keras, "layers": keras.layers, "data": data} | answer
    exec(block.replace("epochs=5", "epochs=5, verbose=0"), names)
    model, images = names["model"], data.test.images
    shape = names.get("shape", (-1, 28, 28, 1))
    predictions = np.argmax(model(images.reshape(shape) / 255), axis=1)
    return np.mean(predictions == data.test.labels)


@pytest.mark.weekly
@pytest.mark.parametrize(("last", "from_logits"), [(None, True), ("softmax", False)])
def test_the_printed_lines_train_a_convnet_that_ends_either_way(last, from_logits):
    block = printed_block("06-convolution", ".fit(")
    block = block.replace("from_logits=True", f"from_logits={from_logits}")
    assert trained(block, build_convnet=lambda: convnet_bank.convnet(last=last)) > 0.85
