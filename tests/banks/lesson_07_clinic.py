"""What learners answer in lesson 7. `WRONG` says what the failure must hold."""

import numpy as np

from . import keras_answers


def fixed(*answer):
    """An answer that gives this diagnosis and this treatment."""
    return lambda: answer


# A treatment that works, for each patient, and another one if there is another.
TREATMENTS = {
    "case_1": ("softmax twice", {"output": "logits"}, {"loss": "from probabilities"}),
    "case_2": ("learning rate too low", {"learning_rate": 0.1}, {"learning_rate": 0.05}),
    "case_3": ("pixels not scaled", {"pixels": "0 to 1"}, None),
    "case_4": ("digits sorted by class", {"order": "shuffled"}, None),
    "case_5": ("too few digits", {"training_digits": 3500}, {"training_digits": 2000}),
    "case_6": ("weights start at zero", {"initial_weights": "he"}, {"initial_weights": "narrow"}),
    "case_7": ("learning rate too high", {"learning_rate": 0.2}, {"learning_rate": 0.05}),
    "case_8": ("labels shuffled apart", {"labels": "as written"}, None),
    "case_9": ("vanishing gradients", {"activation": "relu"}, {"hidden_layers": 0}),
    "case_10": ("logarithm of zero", {"loss": "from logits"}, None),
}


def _wrong(name, cure):
    entries = {
        "too few parameters": (lambda: 0, "#return-parts"),
        "ragged": (lambda: [[1, 2], [3]], "#unknown-name"),
        "no such fault": (fixed("bad luck", cure), "#unknown-name"),
        "a number for a fault": (fixed(3, cure), "#unknown-name"),
        "the treatment first": (fixed(cure, name), "#exchanged"),
        "only the name": (lambda: name, "#return-parts"),
        "a set for a dict": (fixed(name, set(*cure.items())), "#no-dict"),
        "an argument's name cut short": (fixed(name, {"digits": 3500}), "#near-argument"),
        "two changes": (fixed(name, {"hidden_layers": 1, "pixels": "0 to 1"}), "one argument"),
        "no change": (fixed(name, {}), "one argument"),
        "a word for a change": (fixed(name, "more"), "#no-dict"),
        "three texts": (fixed(name, "output", "logits"), "#no-dict"),
        "an argument in capitals": (fixed(name, {"Activation": "relu"}), "#near-argument"),
        "an argument in two words": (fixed(name, {"hidden layers": 3}), "#near-argument"),
        "no such argument": (fixed(name, {"dropout": 0.5}), "must change one of the ten arguments"),
        "no such value": (fixed(name, {"activation": "tanh"}), "it may be one of"),
        "a number for a word": (fixed(name, {"pixels": 1 / 255}), "pixels is 0.003922; it may be"),
        "a rate of 0": (fixed(name, {"learning_rate": 0}), "it may be"),
        "a number in quotation marks": (
            fixed(name, {"learning_rate": "0.2"}),
            "#number-in-quotes",
        ),
        "argument and value exchanged": (
            fixed(name, {"As written": "labels"}),
            "#value-for-argument",
        ),
        "a number before the colon": (fixed(name, {0.2: "learning_rate"}), "#value-for-argument"),
        "a value with a number": (fixed(name, {"softmax": 2}), "#value-for-argument"),
        "a number for an argument": (
            fixed(name, {8: [1]}),
            "must change one of the ten arguments",
        ),
        "Keras's argument": (fixed(name, {"shuffle": True}), "#near-argument"),
        "Keras's setting": (fixed(name, {"from_logits": True}), "#near-argument"),
        "a function": (fixed(name, {"activation": max}), "#function"),
        "half a layer": (fixed(name, {"hidden_layers": 1.5}), "it may be"),
        "more layers": (fixed(name, {"hidden_layers": 7}), "#another-argument"),
    }
    if name.startswith("learning rate"):
        entries["still the wrong rate"] = (fixed(name, {"learning_rate": 1e-7}), "#rate-too-low")
        entries["too far now"] = (fixed(name, {"learning_rate": 15}), "#rate-too-high")
    else:
        entries["another rate"] = (fixed(name, {"learning_rate": 0.01}), "#not-the-rate")
    if name != "labels shuffled apart":
        entries["as it is already"] = (fixed(name, {"labels": "as written"}), "#another-argument")
    return entries


# With these the network learns, or nearly, and the fault is still there.
HIDDEN = {
    "case_1": [
        ({"loss": "class by class"}, "#output-and-loss"),
        ({"activation": "sigmoid"}, "#another-argument"),
    ],
    "case_3": [({"activation": "sigmoid"}, "#symptom")],
    "case_4": [({"training_digits": 300}, "#symptom")],
    "case_5": [
        ({"training_digits": 50}, "#wrong-way"),
        ({"training_digits": 70}, "#not-far-enough"),
        ({"training_digits": 150}, "#few-digits"),
        ({"training_digits": 300}, "#few-digits"),
        ({"training_digits": 999}, "#few-digits"),
    ],
    "case_6": [({"hidden_layers": 1}, "#not-cured")],
    "case_8": [({"labels": "Shuffled"}, "#same-value")],
    "case_7": [({"hidden_layers": 0}, "case_7#*")],  # where rates are high, luck decides
    "case_9": [
        ({"activation": "none"}, "#no-activation"),
        ({"activation": "None"}, "#no-activation"),
        ({"hidden_layers": 4}, "#not-far-enough"),
    ],
    "case_10": [
        ({"activation": "sigmoid"}, "#symptom"),
        ({"hidden_layers": 0}, "#symptom"),
        ({"learning_rate": 0.001}, "#not-the-rate"),
        ({"output": "softmax"}, "#output-and-loss"),
        ({"loss": "from probabilities"}, "#output-and-loss"),
    ],
}
WRONG = {
    case: _wrong(name, cure)
    | {str(change): (fixed(name, change), reason) for change, reason in HIDDEN.get(case, [])}
    for case, (name, cure, _other) in TREATMENTS.items()
}


def _right(name, cure, other):
    ((argument, value),) = cure.items()
    in_capitals = value.upper() if isinstance(value, str) else value
    return {
        "as expected": fixed(name, cure),
        "in capitals, as a list": lambda: [f" {name.upper()} ", {argument: in_capitals}],
        "a NumPy value": fixed(name, {argument: np.array([value])[0]}),
    } | ({"another cure": fixed(name, other)} if other else {})


RIGHT = {case: _right(*treatment) for case, treatment in TREATMENTS.items()}
RIGHT["case_2"]["as lesson 5 calls it"] = fixed("rate too low", {"learning_rate": 0.2})
RIGHT["case_5"]["enough"] = fixed("too few digits", {"training_digits": 1000})
RIGHT["case_6"]["nothing left to be alike"] = fixed("weights start at zero", {"hidden_layers": 0})
RIGHT["case_7"]["as lesson 5 calls it"] = fixed("Rate too high", {"learning_rate": 0.2})

# A wrong name, and what treats it.
WRONG["case_1"] |= {
    "deeper": (fixed("vanishing gradients", {"hidden_layers": 7}), "#loss-too-high"),
    "sigmoids": (fixed("vanishing gradients", {"activation": "sigmoid"}), "#worse"),
}
WRONG["case_1"]["wrong, and as it is already"] = (
    fixed("vanishing gradients", {"activation": "relu"}),
    "#healthy-value",
)
WRONG["case_6"]["more layers"] = (WRONG["case_6"]["more layers"][0], "#not-cured")
WRONG["case_9"]["more layers"] = (WRONG["case_9"]["more layers"][0], "#wrong-way")
WRONG["case_10"]["another rate"] = (WRONG["case_10"]["another rate"][0], "case_10#*")
WRONG["case_1"]["no quotation marks"] = (
    lambda: ("softmax twice", {output: "logits"}),  # noqa: F821
    "#quotation-marks",
)
WRONG["overfit_one_batch"] = keras_answers.WRONG["overfit_one_batch"]
RIGHT["overfit_one_batch"] = keras_answers.RIGHT["overfit_one_batch"]
