"""What a learner sees around a check in a notebook, and that a graded run sees nothing of it."""

import _thread
import threading

import numpy as np
import pytest

from course import check
from course.check import notebook
from course.check.references import lesson_00_first_look, lesson_01_softmax
from tests.pretended_cell import pretended_cell
from tests.pseudo_language import pseudo_language


def steps_per_epoch(examples, batch_size):
    return -(-examples // batch_size)


def endless(examples, batch_size):
    while True:
        examples += 1


def no_bias(X, W, b):
    print("X has the shape", X.shape)
    return X @ W


def no_bias_with_a_helper(X, W, b):
    steps_per_epoch(len(X), 1)
    return no_bias(X, W, b)


def whole_batches(X, y, batch_size, rng):
    print(len(X), "in batches of", batch_size)
    order = rng.permutation(len(X))
    for start in range(0, len(X) - batch_size + 1, batch_size):
        part = order[start : start + batch_size]
        yield X[part], y[part]


def unscaled(activations, rate, training, rng):
    print("the rate is", rate)
    return activations * (rng.random(activations.shape) >= rate * training)


def with_bias(X, W, b):
    print("not shown")
    return X @ W + b


@pytest.fixture(autouse=True)
def nothing_passed():
    notebook.passed_here.clear()


@pytest.fixture
def live():
    with pretended_cell("a cell"):
        yield


def test_success_is_one_line_that_counts(live, capsys):
    check.steps_per_epoch(steps_per_epoch)
    check.weighted_sums(with_bias)
    check.weighted_sums(with_bias)
    assert capsys.readouterr().out.splitlines() == [
        "✓ steps_per_epoch is right: 1 of 1 solved. Lesson passed!",
        *2 * ["✓ weighted_sums is right: 1 of 5 solved."],
    ]


def test_what_fails_later_is_not_counted_any_more(live, capsys):
    check.weighted_sums(with_bias)
    with pytest.raises(check.CheckFailed):
        check.weighted_sums(no_bias)
    check.accuracy(lambda P, labels: np.mean(np.argmax(P, axis=1) == labels))
    assert capsys.readouterr().out.splitlines()[-1] == "✓ accuracy is right: 1 of 5 solved."


@pytest.mark.parametrize("graded", [{"NBGRADER_EXECUTION": "autograde"}, {"COURSE_STILL": "1"}])
def test_a_graded_run_is_silent(live, graded, monkeypatch, capsys):
    for name, value in graded.items():
        monkeypatch.setenv(name, value)
    check.steps_per_epoch(steps_per_epoch)
    assert capsys.readouterr() == ("", "")


def test_outside_of_a_notebook_it_is_silent(capsys):
    check.steps_per_epoch(steps_per_epoch)
    with pytest.raises(check.CheckFailed):
        check.weighted_sums(no_bias)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("exercise", "answer", "printed"),
    [
        ("weighted_sums", no_bias, "X has the shape (1, 2)"),
        ("weighted_sums", no_bias_with_a_helper, "X has the shape (1, 2)"),
        ("minibatches", whole_batches, "5 in batches of 2"),
        ("dropout", unscaled, "the rate is 0.2"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_what_the_failing_call_printed_is_shown(exercise, answer, printed, live, capsys):
    """Of that call alone, whatever is called afterwards to find out what is behind it."""
    with pytest.raises(check.CheckFailed):
        getattr(check, exercise)(answer)
    assert capsys.readouterr().out.splitlines() == [f"{exercise} printed:", printed]


def test_a_flood_of_prints_is_cut(live, capsys):
    def flood(X, W, b):
        print("x" * 1_000_000)
        return X @ W

    with pytest.raises(check.CheckFailed):
        check.weighted_sums(flood)
    assert len(capsys.readouterr().out) < 3_000


def test_a_loop_without_an_end_is_stopped_in_the_usual_words(live, monkeypatch):
    monkeypatch.setattr(notebook, "MAX_SECONDS", 0.3)
    with pytest.raises(check.CheckFailed) as failure:
        check.steps_per_epoch(endless)
    assert failure.value.demand == "steps_per_epoch is still running after 0 s."
    assert failure.value.hint_id == "steps_per_epoch/endless"
    assert "examples = " in failure.value.given
    assert failure.value.__cause__ is None


def test_so_it_is_when_the_learner_interrupts_it(live):
    def interrupted(examples, batch_size):
        _thread.interrupt_main()
        endless(examples, batch_size)

    with pytest.raises(check.CheckFailed, match="is there an endless loop"):
        check.steps_per_epoch(interrupted)


def test_a_call_that_ends_in_time_leaves_no_timer_that_would_interrupt_something_else(live):
    check.steps_per_epoch(steps_per_epoch)
    for timer in threading.enumerate():
        if isinstance(timer, threading.Timer):
            timer.join(notebook.MAX_SECONDS / 2)
            assert not timer.is_alive()


def test_a_stand_in_is_chosen_without_a_word_of_success(live, capsys):
    assert check.or_reference(steps_per_epoch=steps_per_epoch) is steps_per_epoch
    assert capsys.readouterr().out == ""
    chosen = check.or_reference(steps_per_epoch=lambda n, b: n // b)
    assert chosen is lesson_00_first_look.steps_per_epoch
    assert "does not pass its check" in capsys.readouterr().out


def test_a_check_keeps_its_name_and_what_it_says_of_itself():
    assert check.softmax.__name__ == "softmax"
    assert check.softmax is check.softmax
    assert check.softmax.__doc__
    assert lesson_01_softmax.softmax is not check.softmax


def test_success_can_be_said_in_another_language(live, capsys):
    with pseudo_language():
        check.steps_per_epoch(steps_per_epoch)
    assert "⟦✓ steps_per_epoch" in capsys.readouterr().out
