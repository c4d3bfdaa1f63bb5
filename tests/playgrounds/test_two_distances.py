"""The playground of two distances: its slopes are true, and it says what the picture shows."""

import numpy as np
import pytest
import scipy.special

from course.playgrounds import two_distances


@pytest.mark.parametrize(
    ("distance", "pull"),
    [
        (two_distances.cross_entropy, two_distances.pull_of_cross_entropy),
        (two_distances.squared_distance, two_distances.pull_of_squared_distance),
    ],
)
def test_the_pull_is_the_slope_by_the_logit_of_the_truth(distance, pull):
    logits, h = np.linspace(-6, 6, 25), 1e-5
    up, down = (distance(scipy.special.expit(logits + side)) for side in (h, -h))
    measured = (up - down) / (2 * h)
    np.testing.assert_allclose(pull(scipy.special.expit(logits)), -measured, rtol=1e-6, atol=1e-9)


def test_only_the_cross_entropy_gets_out_of_a_certain_mistake():
    ends = [
        two_distances.descent(pull, 0.001, 0.5)[-1]
        for pull in (two_distances.pull_of_cross_entropy, two_distances.pull_of_squared_distance)
    ]
    assert ends[0] > 0.95
    assert ends[1] < 0.01


def test_it_is_drawn_and_told():
    shown = two_distances.show(0.001, live=False)
    assert "a probability of 0.001 at first" in shown.alt
    assert "takes 10 steps with a learning rate of 0.5" in shown.alt
    playground = two_distances.show(0.0001, live=True)
    try:
        assert playground.controls["steps"].value == 0, "the reader predicts first"
        playground.controls["steps"].value = 1
        assert "takes 1 step with" in playground.alt
        playground.controls["steps"].value = 0
        losses = playground.scene["losses"]
        highest = max(mark["y"].max() for mark in losses.marks if mark["kind"] == "dots")
        assert highest == pytest.approx(-np.log(0.0001))  # the dot is where its loss is
        assert highest < losses.y.high
    finally:
        playground.close()
    playground = two_distances.show(0.02, live=True)
    try:
        assert playground.controls["start"].value == 0.02
        playground.controls["steps"].value = 0
        assert "probability is 0.02 then, with the squared distance 0.02" in playground.alt
    finally:
        playground.close()


@pytest.mark.parametrize(
    ("start", "got"),
    [(0, "0"), (1, "1"), (1.5, "1.5"), (np.nan, "nan"), ("a", "str"), ([1], "list")],
)
def test_what_is_no_probability_is_refused(start, got):
    shown = two_distances.show(start, live=False)
    assert f"cannot have the probability {got} at first" in shown.alt
