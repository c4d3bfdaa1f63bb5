"""The playground of backpropagation: its gradients are true, and they come one at a time."""

import numpy as np
import pytest

from course.drawing.number_format import short
from course.playgrounds import backpropagation


@pytest.mark.parametrize("seed", range(5))
def test_gradients_agree_with_differences(seed):
    rng = np.random.default_rng(seed)
    given = dict(zip(("x", "w1", "b1", "w2", "b2", "t"), rng.normal(size=6), strict=True))
    gradients = backpropagation.backward(backpropagation.forward(given))
    for name, value in given.items():
        h = 1e-6
        up, down = (
            backpropagation.forward(given | {name: value + side * h})["L"] for side in (1, -1)
        )
        assert gradients[name] == pytest.approx((up - down) / (2 * h), rel=1e-5, abs=1e-8)


def test_numbers_come_one_at_a_time(shown):
    opened = shown(backpropagation)
    texts = [numbers(opened)]
    for step in range(1, backpropagation.LAST + 1):
        opened.controls["again"].click()
        assert opened.controls["step"].value == step
        texts.append(numbers(opened))
    assert np.diff([len(values) for values, _gradients in texts]).tolist() == [1] * 6 + [0] * 10
    assert np.diff([len(gradients) for _values, gradients in texts]).tolist() == [0] * 6 + [1] * 10
    opened.controls["again"].click()
    assert opened.controls["step"].value == 0


def numbers(opened):
    """The values, and the gradients, that stand at the nodes."""
    marks = [mark for mark in opened.scene["graph"].marks if mark["kind"] == "text"]
    return [
        [mark["text"] for mark in marks if mark["colour"] == colour]
        for colour in ("training", "test")
    ]


def test_each_step_says_the_chain_rule(shown):
    opened = shown(backpropagation)
    opened.controls["step"].value = 3
    assert "Forward: h = tanh z = 0.664" in opened.alt
    opened.controls["step"].value = 8
    assert "∂L/∂y = ∂L/∂L · ∂L/∂y = 1 · " in opened.alt


def test_descending_lowers_the_loss(shown):
    opened = shown(backpropagation)

    def loss():
        given = {name: opened.controls[name].value for name in ("x", "w1", "b1", "w2", "b2", "t")}
        return backpropagation.forward(given)["L"]

    losses = [loss()]
    for _press in range(5):
        opened.controls["descend"].click()
        assert opened.controls["step"].value == backpropagation.LAST  # L is to be seen
        losses.append(loss())
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < 0.5 * losses[0]


def test_sliders_are_equally_long_and_show_the_numbers_of_the_picture(shown):
    opened = shown(backpropagation)
    sliders = [opened.controls[name] for name in ("x", "w1", "b1", "w2", "b2", "t")]
    widths = {(slider.layout.width, slider.style.description_width) for slider in sliders}
    assert len(widths) == 1
    assert "initial" not in widths.pop()
    for _press in range(3):
        opened.controls["descend"].click()
    for slider in sliders:  # the page would round it to a whole number of steps
        steps = slider.value / slider.step
        assert steps == pytest.approx(round(steps))
        assert slider.readout_format == ".3"  # three digits, without zeros at the end
        assert short(slider.value) in numbers(opened)[0]
