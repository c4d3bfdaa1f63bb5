"""The playground that builds a network: it is the one that the controls describe, and it trains."""

import sys

import pytest

from course.playgrounds import build_network
from tests.waiting import until


@pytest.mark.parametrize(("layers", "neurons"), [(0, 60), (1, 5), (3, 10)])
def test_the_network_is_the_one_that_is_described(layers, neurons):
    network = build_network.build(layers, neurons, "tanh")
    assert network.count_params() == build_network.parameters(layers, neurons)
    hidden = [layer for layer in network.layers if layer.name != "logits"][1:]
    assert [layer.units for layer in hidden] == [neurons] * layers
    assert all(layer.activation.__name__ == "tanh" for layer in hidden)
    assert network.output_shape == (None, 10)


@pytest.mark.slow
def test_a_press_trains_a_new_network_on_as_many_digits_as_were_chosen(shown, data):
    opened = shown(build_network, data)
    first = opened.dashboard
    assert first.run.steps == 0
    assert first.run.data["train"].size == len(data.train.labels)
    opened.controls["count"].value = 50
    opened.controls["layers"].value = 1
    opened.controls["neurons"].value = 5
    press(opened)
    run = opened.dashboard.run
    assert opened.dashboard is not first
    assert run.data["train"].size == 50
    assert run.network.count_params() == build_network.parameters(1, 5)
    assert opened.dashboard.is_playing
    opened.dashboard.close()


def press(opened):
    """Press the button, and let the page answer as it does."""
    opened.build_button.click()
    opened.dashboard.view.hear(None, {"kind": "answer"}, [])


@pytest.mark.slow
def test_a_press_is_heard_at_once_and_waits_for_what_the_page_has_kept_back(shown, data):
    opened = shown(build_network, data)
    first = opened.dashboard
    assert not opened.build_button.disabled
    opened.controls["layers"].value = 2
    opened.build_button.click()
    opened.build_button.click()  # counts as the same press
    assert not opened.build_button.disabled  # it would lose the keyboard's focus
    assert opened.message == "Building…"
    assert opened.dashboard is first
    opened.controls["layers"].value = 1  # where the slider came to rest
    first.view.hear(None, {"kind": "answer"}, [])
    assert opened.dashboard.run.network.count_params() == build_network.parameters(1, 60)
    assert not opened.message
    assert not opened.build_button.disabled
    built = opened.dashboard
    first.view.hear(None, {"kind": "answer"}, [])
    assert opened.dashboard is built


@pytest.mark.slow
def test_without_a_page_that_answers_it_is_built_all_the_same(shown, data):
    opened = shown(build_network, data)
    first = opened.dashboard
    opened.build_button.click()
    until(lambda: opened.dashboard is not first and opened.dashboard.is_playing)


@pytest.mark.slow
def test_a_press_that_waits_when_it_is_closed_builds_nothing(shown, data):
    opened = shown(build_network, data)
    first = opened.dashboard
    opened.build_button.click()
    opened.close()
    first.view.hear(None, {"kind": "answer"}, [])
    assert opened.dashboard is first


def test_a_network_learns(data):
    settings = {name: control.value for name, control in build_network.make_controls(3500).items()}
    run = build_network.begin(data, **settings)
    run.advance(100)
    assert run.history.test.accuracy[-1] > 0.7


def test_data_without_splits_is_said(shown, data):
    assert "expected" in shown(build_network, data.train).message


def test_where_tensorflow_cannot_be_loaded_it_is_said(shown, data, monkeypatch):
    monkeypatch.setitem(sys.modules, "course.backend", None)
    opened = shown(build_network, data)
    assert opened.message.startswith("This cannot be built: ModuleNotFoundError: ")
    assert not opened.build_button.disabled
