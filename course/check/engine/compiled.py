"""How a Keras model is compiled: its settings, and what a check can demand of them."""

import contextlib
from typing import Any

import numpy as np

from course.check.engine import compile_hints
from course.check.engine.hints import Hint, hint
from course.check.engine.keras_comparison import check_kind
from course.check.engine.result import Result
from course.messages import _
from course.silence import silence


def compile_settings(model: Any) -> dict:
    """Return how a model is compiled; nothing if it is not, or if Keras cannot write it down."""
    settings = None
    with contextlib.suppress(Exception), silence():  # a class for an object cannot be
        settings = model.get_compile_config()
    return settings if isinstance(settings, dict) else {}


def takes_logits(model: Any) -> bool | None:
    """Return whether the loss that a model is compiled with takes logits; None if not known."""
    loss = compile_settings(model).get("loss")
    if isinstance(loss, list | tuple):
        loss = loss[0] if len(loss) == 1 else None
    if isinstance(loss, str):
        if "logits" in loss:
            return True
        return False if "crossentropy" in loss.lower() else None
    if not isinstance(loss, dict):
        return None
    settings = loss.get("config")
    if isinstance(settings, dict) and "from_logits" in settings:
        return bool(settings["from_logits"])
    name = settings if isinstance(settings, str) else str(loss.get("class_name"))
    if str(loss.get("module")).split(".")[0] == "keras":
        return None
    if "logit" in name.lower() or name == "__lambda__":
        return True
    return not name.lower().endswith("categorical_crossentropy")


def check_compiled(result: Result, model: Any) -> None:
    """Check that a result is the model that the answer was given, and that it is compiled now."""
    demand = _("{name} must return the model that it was given.").format(name=result.exercise)
    check_kind(result, "model", demand, hint("return-model", _("end with `return model`.")))
    if result.value is not model:
        result.fail(
            demand,
            got=_("another model"),
            hint=hint(
                "another-model",
                _(
                    "call compile of the model that you were given, as it is: make no new one, add "
                    "nothing to it, and return it."
                ),
            ),
        )
    if not model.compiled:
        its_hint = hint(
            "not-compiled", _("call model.compile with `optimizer`, `loss` and `metrics`.")
        )
        if result.attempt.uses("compile"):
            text = _("it is another model that is compiled: compile the one that is the argument.")
            its_hint = hint("other-compiled", text)
        result.fail(
            _("{name} must compile the model.").format(name=result.exercise),
            got=_("a model that is not compiled"),
            hint=its_hint,
        )


def check_adam(result: Result, model: Any, demand: str, rate: float) -> None:
    """Check that an optimiser that is an Adam has this learning rate, and its usual settings."""
    optimizer = compile_settings(model).get("optimizer")
    settings = optimizer.get("config") if isinstance(optimizer, dict) else None
    is_adam = isinstance(optimizer, dict) and optimizer.get("class_name") == "Adam"
    if not is_adam or not isinstance(settings, dict):
        return
    found = settings.get("learning_rate")
    if isinstance(found, float) and not np.isclose(found, rate, rtol=1e-4):
        its_hint = compile_hints.default_rate() if np.isclose(found, 0.001) else None
        its_hint = its_hint or (
            compile_hints.rate_too_high() if found > rate else compile_hints.rate_too_low()
        )
        result.fail(demand, expected=f"{rate:g}", got=f"{found:g}", hint=its_hint)
    for name, usual in (("beta_1", 0.9), ("beta_2", 0.999)):
        if not np.isclose(settings.get(name, usual), usual):
            text = _("leave Adam's other settings as they are: only the learning rate changes.")
            result.fail(
                demand,
                expected=f"{name} = {usual:g}",
                got=f"{name} = {settings[name]:g}",
                hint=hint("adam-settings", text),
            )


def check_rate(result: Result, model: Any, demand: str) -> None:
    """Check that the learning rate does not change later on, as a few steps do not show."""
    optimizer = compile_settings(model).get("optimizer")
    settings = optimizer.get("config") if isinstance(optimizer, dict) else None
    rate = settings.get("learning_rate") if isinstance(settings, dict) else None
    if not isinstance(rate, dict) or rate.get("class_name") in ("function", "__lambda__"):
        return  # a number, or a function that gives one
    schedule = rate.get("config")
    values = schedule.get("values") if isinstance(schedule, dict) else None
    rates = values if isinstance(values, list) else []  # one's own schedule may call anything so
    if not all(isinstance(one, int | float) for one in rates) or len(set(rates)) != 1:
        result.fail(demand, got=str(rate.get("class_name")))


def hint_for_third_argument(model: Any) -> Hint | None:
    """Return a hint if apparent metrics stand where `compile` takes weights of losses."""
    settings = compile_settings(model)
    weights = settings.get("loss_weights")
    weights = weights if isinstance(weights, list) else [weights]
    if settings.get("metrics") or all(isinstance(one, int | float | None) for one in weights):
        return None
    return hint(
        "third-argument",
        _("the third argument of `compile` is loss_weights: write metrics=[…] for the metrics."),
    )
