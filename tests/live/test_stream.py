"""The messages of the view: put together they are the snapshot, and each holds only what is new."""

import json

import numpy as np
import pytest

from course import digits, training
from course.live.stream import Stream
from course.live.view import View
from course.panels import Snapshot

from .page import Page


@pytest.fixture(scope="module")
def data():
    return digits.load("embedded")


@pytest.fixture
def run(data):
    return training.start("softmax", data)


def check_tables(page, snapshot):
    """The page has the curves and the bands of this snapshot, in single precision."""
    for name in ("training", "test", "validation"):
        expected = np.stack(getattr(snapshot, name), axis=1).astype(np.float32)
        np.testing.assert_array_equal(page.tables.get(name, expected[:0]), expected)
    second = snapshot.activations if snapshot.shows_activations else snapshot.biases
    for name, bands in (("weights", snapshot.weights), ("biases", second)):
        expected = np.column_stack([bands.steps, bands.edges]).astype(np.float32)
        np.testing.assert_array_equal(page.tables.get(name, expected[:0]), expected)


def test_the_page_has_all_and_is_sent_only_what_is_new(run):
    stream, page = Stream(), Page()
    page.take(stream.message(Snapshot.of(run)))
    run.advance(20)
    snapshot = Snapshot.of(run)
    page.take(stream.message(snapshot))
    check_tables(page, snapshot)
    assert page.bytes < 100_000  # the test images came with the first message
    arrays = page.take(stream.message(Snapshot.of(run)))
    assert not arrays
    run.advance(1, evaluate=False)
    arrays = page.take(stream.message(Snapshot.of(run)))
    assert arrays["training"].shape == (3, 1)
    assert "tested_order" not in arrays


@pytest.mark.slow
def test_long_runs_and_resets_come_over_whole(run):
    stream, page = Stream(), Page()
    for _ in range(12):
        run.advance(700, evaluate="auto")
        page.take(stream.message(Snapshot.of(run)))
    check_tables(page, Snapshot.of(run))
    before = page.tables["training"].copy()
    run.reset(same_weights=False)
    run.advance(700)  # as many steps as the page knows, with other values
    snapshot = Snapshot.of(run)
    page.take(stream.message(snapshot))
    check_tables(page, snapshot)
    assert len(page.tables["training"]) < len(before)


def test_the_mistakes_come_first_and_the_batch_is_the_runs(run):
    page = Page()
    run.advance(30)
    page.take(Stream().message(Snapshot.of(run)))
    order, answers = page.arrays["tested_order"], page.arrays["tested_predictions"]
    labels = page.arrays["pool_labels"][order]
    mistakes = page.content["tested"]["mistakes"]
    assert (labels[:mistakes] != answers[:mistakes]).all()
    assert (labels[mistakes:] == answers[mistakes:]).all()
    np.testing.assert_array_equal(page.arrays["batch_images"], run.batch.images)
    np.testing.assert_array_equal(page.arrays["batch_predictions"], run.batch.predictions)
    assert page.content["batch_count"] == 100


def test_the_head_is_json_and_says_how_it_goes(run):
    run.advance(5)
    run.learning_rate = 0.1
    run.advance(5)
    content, _buffers = Stream().message(Snapshot.of(run))
    head = json.loads(json.dumps(content))["head"]
    assert head["state"] == "paused"
    assert head["facts"][0] == "step 10"
    assert head["facts"][2] == "rate 0.1"
    assert content["changes"] == [{"step": 5, "labels": {"learning_rate": "rate 0.1"}}]


def test_a_dragged_slider_leaves_one_mark_with_the_last_value(run):
    for rate in (0.4, 0.3, 0.2):
        run.advance(1)
        run.learning_rate = rate
    run.advance(1000)
    content, _buffers = Stream().message(Snapshot.of(run))
    labels = [change["labels"] for change in content["changes"]]
    assert labels == [{"learning_rate": "rate 0.2"}]


def test_divergence_and_alarms_are_told(data):
    run = training.start("five-layers-relu", data, learning_rate=1e30)
    run.advance(3)
    head = Stream().message(Snapshot.of(run)).content["head"]
    assert head["state"] == "diverged"
    assert head["diverged"].startswith(f"DIVERGED at step {run.diverged_at}")


@pytest.mark.slow
def test_a_network_with_batch_norm_shows_its_activations(data):
    run = training.start("batch-norm", data)
    run.advance(1)
    page, snapshot = Page(), Snapshot.of(run)
    page.take(Stream().message(snapshot))
    assert snapshot.shows_activations
    check_tables(page, snapshot)


def test_a_page_is_welcomed_once_and_gets_everything(run):
    sent = []

    class Recorded(View):
        def send(self, content, buffers=None):
            sent.append((content, buffers or []))

    view = Recorded()
    run.advance(3)
    snapshot = Snapshot.of(run)
    view.update(snapshot)
    view.pin(snapshot, "the first")
    sent.clear()
    for _greeting in range(3):
        view.greet("page 1")
    assert [content["kind"] for content, _buffers in sent] == ["welcome", "frame", "pinned"]
    page = Page()
    page.take(sent[1])
    check_tables(page, snapshot)
    arrays = page.take(sent[2])
    np.testing.assert_array_equal(arrays["pinned_0_training"][0], snapshot.training.steps)
    view.greet("page 2")
    assert len(sent) == 6
    last = sent[4][0]["number"]
    view.greet("page 3", has=last)  # it was only not heard of for long
    assert [content["kind"] for content, _buffers in sent[6:]] == ["welcome"]
    view.greet("page 4", has=last + 1)  # of another kernel's view
    assert len(sent) == 10
    view.close()
