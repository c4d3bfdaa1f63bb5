"""The check of save_and_load: what the loaded model gives, and where a further step takes it."""

import zipfile
from pathlib import Path

import numpy as np

from course.backend import keras
from course.check.engine import environment, formatting
from course.check.engine.code_hints import outside_hint
from course.check.engine.comparison import Case
from course.check.engine.hints import hint
from course.check.engine.keras_comparison import KerasComparison, check_kind
from course.check.engine.keras_objects import described, flat_weights, path_of, take_step
from course.check.references import lesson_06_convolution as reference
from course.messages import _


def _cases(rng):
    """Models that have been trained for some steps, so that their optimisers remember something."""
    optimizers = keras.optimizers
    for optimizer, steps in ((optimizers.Adam(0.05), 2), (optimizers.SGD(0.1, momentum=0.9), 3)):
        model = keras.Sequential(
            [keras.Input((3,)), keras.layers.Dense(4, "tanh"), keras.layers.Dense(3)]
        )
        model.compile(
            optimizer,
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=["accuracy"],
            run_eagerly=True,
        )
        model.set_weights([rng.normal(size=value.shape) for value in model.get_weights()])
        for _step in range(steps):
            model.train_on_batch(rng.normal(size=(6, 3)), rng.integers(0, 3, 6))
        yield Case({"model": described(model), "path": path_of("model.keras")})


def _examples():
    rng = np.random.default_rng(6)
    return rng.normal(size=(5, 3)).astype(np.float32), rng.integers(0, 3, 5)


def _observe(result):
    """What the loaded model and the saved one give, and where one more step takes the first."""
    check_kind(
        result,
        "model",
        _("save_and_load must return a Keras model."),
        hint("return-model", _("return what load_model gives.")),
    )
    model, loaded = result.afterwards["model"], result.value
    if loaded is model:
        result.fail(
            _("save_and_load must return the model that it has loaded from the file."),
            got=_("the model that it was given"),
            hint=hint("not-loaded", _("keras.models.load_model makes a new model from a file.")),
        )
    if loaded.compiled and loaded.optimizer is model.optimizer:
        result.fail(
            _("save_and_load must return a model whose optimiser goes on where it was."),
            got=_("another model with the optimiser of `model`"),
            hint=hint(
                "optimizer-of-model",
                _(
                    "an optimiser belongs to the variables of one model: return what load_model "
                    "gives, which has an optimiser of its own."
                ),
            ),
        )
    saved = _saved(result, result.afterwards["path"])
    if not loaded.compiled:
        result.fail(
            _("save_and_load must return a model that is ready to go on training."),
            got=_("a model that is not compiled"),
            hint=hint(
                "not-compiled",
                _("a model that is loaded with all its settings is compiled, as it was saved."),
            ),
        )
    if not all(layer.get_config().get("trainable", True) for layer in loaded.layers):
        result.fail(
            _("save_and_load must return a model that is ready to go on training."),
            got=_("a model that no longer learns"),
            hint=hint("frozen", _("leave `trainable` alone: nothing is to be frozen here.")),
        )
    X, y = _examples()
    given, outputs, of_file = (
        np.asarray(each(X, training=False)) for each in (model, loaded, saved)
    )
    steps = int(loaded.optimizer.iterations)  # before the step: a variable would move on
    if steps == 0 and np.allclose(outputs, given, atol=1e-5):
        result.fail(
            _("save_and_load must return a model whose optimiser goes on where it was."),
            expected=_("an optimiser that has taken {count} steps").format(
                count=int(model.optimizer.iterations)
            ),
            got=_("a new optimiser"),
            hint=hint(
                "new-optimizer",
                _(
                    "the optimiser starts from scratch: load_model brings the saved one back, "
                    "with what it remembers, if you leave compile as it is."
                ),
            ),
        )
    if steps == 0 and np.allclose(of_file, given, atol=1e-5):
        result.fail(
            _("save_and_load must return a model that gives what `model` gives."),
            got=_("a model with other weights"),
            hint=hint(
                "new-weights",
                _(
                    "a new or cloned model starts from scratch: load_model reads what has been "
                    "saved."
                ),
            ),
        )
    take_step(loaded, X, y)
    return {
        "model": given,
        "outputs": outputs,
        "file": of_file,
        "steps": steps,
        "further": flat_weights(loaded),
    }


_CUT_PATH = r"\.name\b|basename|split|sep\b|['\"]/['\"]"  # takes the name out of a path
_WITHOUT_FILE = {
    r"\.save_weights\(": hint(
        "weights-only",
        _(
            "save_weights leaves out the architecture: model.save(path) writes the whole model, "
            "with its optimiser."
        ),
    )
}


def _saved(result, path):
    """The model in the file that the answer was to write."""
    try:
        return environment.load_model(environment.fetch(path))
    except Exception as error:
        file = environment.fetch(path)
        if not file.is_file():
            got = _("no file")
            is_cut = result.attempt.says(_CUT_PATH)  # the file may be an older one
            is_here = is_cut and environment.fetch(Path(path).name).is_file()
            usual = (
                hint(
                    "file-name-alone",
                    _(
                        "there is a file of this name in the current folder, but `path` names "
                        "another folder: use the whole of `path`."
                    ),
                )
                if is_here
                else hint("no-file", _("save to `path` as it is, and leave the file there."))
            )
            its_hint = outside_hint(result.attempt) or result.attempt.by_code(_WITHOUT_FILE, usual)
        elif not zipfile.is_zipfile(file):
            got = _("a file that is not in Keras's format")
            its_hint = hint(
                "other-format", _("model.save(path) saves the whole model, in Keras's format.")
            )
        else:
            got, its_hint = formatting.error_text(error), None
        return result.fail(
            _("save_and_load must save the model to `path`."), got=got, hint=its_hint
        )


save_and_load = KerasComparison(
    signature="save_and_load(model, path)",
    summary="A compiled model, a path -> the model, saved there and loaded again.",
    right=reference.save_and_load,
    cases=_cases,
    observe=_observe,
    demand={
        "model": _("save_and_load must leave `model` as it is."),
        "outputs": _("save_and_load must return a model that gives what `model` gives."),
        "file": _("save_and_load must save a model that gives what `model` gives."),
        "steps": _("save_and_load must return a model whose optimiser goes on where it was."),
        "further": _("save_and_load must return a model whose optimiser goes on where it was."),
    },
    meaning=dict.fromkeys(("model", "outputs", "file"), _("what a model gives for 5 examples"))
    | {
        "steps": _("the steps that the optimiser has taken"),
        "further": _("the weights after one more step"),
    },
    mistakes={},
)
