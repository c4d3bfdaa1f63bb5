"""The ladder: sizes as promised, logits out, and the same network from the same seed."""

import numpy as np
import pytest

from course import networks

PARAMETERS = {
    "softmax": 7_850,
    "five-layers-sigmoid": 185_300,
    "five-layers-relu": 185_300,
    "five-layers-dropout": 185_300,
    "convolutional": 122_270,
    "convolutional-dropout": 244_076,
    "batch-norm": 708_362,
}


def test_the_ladder_has_the_seven_names():
    assert list(networks.LADDER) == list(PARAMETERS)


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_rung(name):
    model = networks.build(name, seed=3)
    assert model.name == name
    assert sum(int(np.prod(v.shape)) for v in model.trainable_variables) == PARAMETERS[name]

    images = np.random.default_rng(0).random((3, 28, 28), np.float32)
    outputs = np.asarray(model(images))
    assert outputs.shape == (3, 10)
    # Logits: probabilities would sum to 1.
    assert not np.allclose(outputs.sum(axis=1), 1, atol=1e-2)

    again = networks.build(name, seed=3)
    for one, other in zip(model.get_weights(), again.get_weights(), strict=True):
        assert np.array_equal(one, other)
    if name != "softmax":
        other = networks.build(name, seed=4)
        assert not np.array_equal(model.get_weights()[0], other.get_weights()[0])


def test_no_two_layers_start_alike():
    kernels = [w.ravel()[:50] for w in networks.five_layers_relu().get_weights() if w.ndim == 2]
    for i, one in enumerate(kernels):
        for other in kernels[:i]:
            assert abs(np.corrcoef(one, other)[0, 1]) < 0.6


def test_softmax_starts_at_zero():
    W, b = networks.softmax().get_weights()
    assert W.shape == (784, 10)
    assert b.shape == (10,)
    assert not W.any()
    assert not b.any()


@pytest.mark.parametrize("find", [networks.build, networks.rung])
def test_an_unknown_name_lists_the_known_ones(find):
    with pytest.raises(ValueError, match=r"'resnet'.*softmax, .*batch-norm"):
        find("resnet")
