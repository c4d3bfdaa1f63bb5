"""The clinic: its patients' settings stay a riddle, and names are judged at once."""

import numpy as np
import pytest

from course import check, clinic, dashboard, digits, messages
from course.check import lesson_07_clinic, notebook
from course.live.stream import Stream
from course.panels import Panels, Snapshot
from course.panels.description import describe
from tests.live.page import Page
from tests.pretended_cell import pretended_cell


def shown_words(run):
    """All that the views of a run say in words."""
    page = Page()
    page.take(Stream().message(Snapshot.of(run)))
    return f"{describe(Snapshot.of(run))} {page.content['head']['facts']}"


@pytest.mark.slow
def test_no_view_of_a_patient_tells_its_settings():
    run = clinic.patient(7)
    told = shown_words(run)
    assert "rate" not in told
    assert "batch size" not in told
    assert "batch 100" not in told
    assert "rate 20" in shown_words(clinic.patient(7, shows_settings=True))
    first = Panels(run).update()
    run.learning_rate, run.batch_size = 0.001, 17
    np.testing.assert_array_equal(Panels(run).update(), first)
    assert "rate" not in shown_words(run), "not even that it was changed"


@pytest.mark.slow
def test_the_dashboard_of_a_patient_has_no_sliders():
    for shows_settings, rows in ((False, 1), (True, 2)):
        run = clinic.patient(2, shows_settings=shows_settings)
        shown = dashboard.show(run, live=True)
        assert len(shown.controls.rows()) == rows
        shown.controls.pin.value = True
        assert ("rate" in shown.view.pinned[0].name) == shows_settings
        shown.close()


@pytest.mark.slow
def test_a_treated_patient_is_the_one_that_the_check_trains():
    run = clinic.treated(2, learning_rate=0.1)
    run.advance(20)
    expected = clinic.treat(2, learning_rate=0.1).history.training.loss[:20]
    np.testing.assert_allclose(run.history.training.loss, expected, rtol=1e-4)
    assert "rate" not in shown_words(run)


@pytest.mark.slow
def test_ten_digits_tell_inner_faults_from_those_of_the_data():
    last = [clinic.learn_by_heart(number, 60)[-1] for number in range(1, 11)]
    learned = [number for number, loss in enumerate(last, start=1) if loss < 0.1]
    assert learned == [4, 5, 8, 10]


# The names ----------------------------------------------------------------------------------------


def test_every_fault_has_its_sign_and_each_is_that_of_one_patient():
    assert len(lesson_07_clinic.SIGNS) == 10
    for fault in lesson_07_clinic.SIGNS:
        assert sum(patient.is_named(fault) for patient in lesson_07_clinic.PATIENTS) == 1


def healed(name):
    return lambda: (name, {"output": "logits"})


@pytest.fixture
def in_a_cell():
    digits.load("embedded")  # which is said once
    notebook.passed_here.clear()
    with pretended_cell("a cell"):
        yield


@pytest.mark.slow
def test_the_right_name_counts_and_a_wrong_one_gets_its_sign(in_a_cell, capsys):
    assert check.case_1(healed("softmax twice")) is None
    assert capsys.readouterr().out == "✓ case_1 is right: 1 of 11 solved.\n"
    assert check.case_1(healed("too few digits")) is None
    said = capsys.readouterr().out
    assert "Patient 1 is healed, but its fault is not “too few digits”" in said
    assert "softmax" not in said
    assert "case_1" not in notebook.passed_here


def test_a_fault_may_be_named_in_any_language(in_a_cell, capsys):
    with messages.speaking("zh_CN"):
        words = lesson_07_clinic.fault_words()
        assert check.case_1(healed("softmax twice")) is None
    assert "case_1" in capsys.readouterr().out
    assert check.case_1(healed(words["softmax twice"])) is None
    assert capsys.readouterr().out == "✓ case_1 is right: 1 of 11 solved.\n"
    assert check.case_1(healed(words["too few digits"])) is None
    assert "its fault is not “too few digits”" in capsys.readouterr().out


def test_no_sign_names_another_fault():
    for fault, sign in lesson_07_clinic.SIGNS.items():
        others = [
            other for other in lesson_07_clinic.SIGNS if other != fault and other in sign.lower()
        ]
        assert not others, fault
