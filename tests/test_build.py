"""source/ -> release/: deterministic, without answers or hidden tests, and refused otherwise."""

import nbformat
import pytest
from click.testing import CliRunner

from autograder import course_folder
from autograder.building import release
from autograder.cli import main
from tests import tiny_course
from tests.tiny_course import LESSON, NAME, cell_of


def released(notebook, folder):
    path = folder / NAME
    tiny_course.write(notebook, path)
    return release.release_notebook(path)


def test_the_release_keeps_the_def_and_loses_answer_and_hidden_test(tmp_path):
    notebook = released(tiny_course.source_notebook(), tmp_path)
    assert cell_of(notebook, "add").source == (
        "def add(a, b):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
    )
    assert cell_of(notebook, "check_add").source == ("assert add(1, 2) == 3, 'add(1, 2) must be 3'")
    assert cell_of(notebook, "check_add").metadata.tags == ["raises-exception"]
    assert notebook.metadata.language_info == {"name": "python"}


def test_building_twice_gives_the_same_bytes_and_keeps_the_cell_ids(tmp_path):
    source = tiny_course.source_notebook()
    first, second = (release.to_text(released(source, tmp_path)) for _ in range(2))
    assert first == second
    ids = [cell.id for cell in nbformat.reads(first, as_version=4).cells]
    assert ids == [cell.id for cell in source.cells]


def with_fold_outs():
    text = "<details>1</details>\n<details>2</details>\n\nText\n\n<details>3</details>\n\n## Head"
    notebook = tiny_course.source_notebook()
    notebook.cells.append(nbformat.v4.new_markdown_cell(text, id="fold-outs"))
    return notebook


def test_below_a_fold_out_there_is_space_for_text_that_follows(tmp_path):
    notebook = with_fold_outs()
    spaced = notebook.cells[-1].source.replace("2</details>", "2</details>\n<p></p>")
    assert released(notebook, tmp_path).cells[-1].source == spaced


def test_it_agrees_with_nbgrader(tmp_path):
    """`nbgrader generate_assignment`, run in the course, writes the same bytes."""
    from nbgrader.apps import NbGraderAPI
    from nbgrader.coursedir import CourseDirectory

    course = course_folder.find(tiny_course.make_course(tmp_path / "course", with_fold_outs()))
    config = course.config()
    api = NbGraderAPI(CourseDirectory(config=config), config=config)
    answer = api.generate_assignment(LESSON, force=True)
    assert answer["success"], answer
    ours = release.to_text(release.release_notebook(course.notebook(LESSON)))
    assert course.released(LESSON).read_text(encoding="utf-8") == ours


# Each takes the good notebook, spoils it, and names what the refusal must say.
def outputs(cells):
    cells[1].outputs = [nbformat.v4.new_output("stream", text="x")]
    return "has outputs"


def count(cells):
    cells[1].execution_count = 3
    return "has outputs"


def answer_remains(cells):
    cells[1].source += "\n### BEGIN SOLUTION\nx = 1"
    return "SOLUTION"


def answer_copied(cells):
    cells[1].source += "\ndef spare(a):\n    return float(a) + float(a)"
    return "holds the answer to 'double'"


def hidden_test_remains(cells):
    cells[3].source = cells[3].source.replace("### BEGIN HIDDEN TESTS\n", "")
    return "HIDDEN TESTS"


def examination_remains(cells):
    cells[3].source = "from autograder import exam\n" + cells[3].source
    return "autograder"


def no_test_cell(cells):
    del cells[3]
    return "The exercise 'add' has no test cell 'check_add'"


def test_cell_above(cells):
    cells[2], cells[3] = cells[3], cells[2]
    return "is above"


test_cell_above.__test__ = False


def stray_test(cells):
    del cells[2]
    return "belongs to no exercise"


def duplicate_grade_id(cells):
    cells[4].metadata.nbgrader.grade_id = "add"
    return "'add' is used twice"


def duplicate_id(cells):
    cells[1].id = cells[0].id
    return "two cells have this id"


def no_id(cells):
    del cells[0]["id"]
    return "it needs an id"


def stub_does_not_parse(cells):
    cells[2].source += "\nx = # TODO"
    return "not valid Python"


def def_inside(cells):
    cells[2].source = "### BEGIN SOLUTION\ndef add(a, b):\n    return sum([a, b])\n### END SOLUTION"
    return "no longer defines 'add'"


def no_points(cells):
    cells[3].metadata.nbgrader.points = 0
    return "is worth no points"


SPOILERS = [
    outputs,
    count,
    answer_remains,
    answer_copied,
    hidden_test_remains,
    examination_remains,
    no_test_cell,
    test_cell_above,
    stray_test,
    duplicate_grade_id,
    duplicate_id,
    no_id,
    stub_does_not_parse,
    def_inside,
    no_points,
]


@pytest.mark.parametrize("spoil", SPOILERS, ids=lambda spoil: spoil.__name__)
def test_a_release_gate_refuses(tmp_path, spoil):
    import json

    notebook = tiny_course.source_notebook()
    expected = spoil(notebook.cells)
    with pytest.raises(release.ReleaseRefused) as refused:
        # Not by nbformat, which would repair some of these.
        released(json.dumps(notebook), tmp_path)
    assert expected in str(refused.value)


def test_magics_are_allowed(tmp_path):
    notebook = tiny_course.source_notebook()
    notebook.cells[1].source = "%matplotlib inline\n!true"
    released(notebook, tmp_path)


def test_the_command_writes_files_and_removes_stale_ones(tmp_path):
    course = tiny_course.make_course(tmp_path)
    (course / "source" / LESSON / "table.csv").write_text("1,2")
    stale = course / "release" / LESSON / "old.txt"
    tiny_course.write("old", stale)
    answer = CliRunner().invoke(main, ["build", "--course", str(course)])
    assert answer.exit_code == 0, answer.output
    assert {path.name for path in stale.parent.iterdir()} == {NAME, "table.csv"}


def test_the_command_refuses_with_exit_code_1_and_keeps_the_old_release(tmp_path):
    notebook = tiny_course.source_notebook()
    no_test_cell(notebook.cells)
    course = tiny_course.make_course(tmp_path, notebook)
    old = course / "release" / LESSON / NAME
    tiny_course.write("old", old)
    answer = CliRunner().invoke(main, ["build", LESSON, "--course", str(course)])
    assert answer.exit_code == 1
    assert "check_add" in answer.output
    assert old.read_text() == "old"


def test_an_unknown_lesson_is_a_usage_error(tmp_path):
    course = tiny_course.make_course(tmp_path)
    answer = CliRunner().invoke(main, ["build", "99-nothing", "--course", str(course)])
    assert answer.exit_code == 2
    assert LESSON in answer.output


def test_a_notebook_beside_the_lessons_is_released_too(tmp_path):
    course = tiny_course.make_course(tmp_path)
    notebook = tiny_course.source_notebook()
    notebook.cells = [cell for cell in notebook.cells if "nbgrader" not in cell.metadata]
    nbformat.write(notebook, course / "source" / "extra.ipynb")
    answer = CliRunner().invoke(main, ["build", "--course", str(course)])
    assert answer.exit_code == 0, answer.output
    assert nbformat.read(course / "release" / "extra.ipynb", as_version=4).cells
    assert "extra" not in course_folder.find(course).lessons()


def test_every_extra_notebook_is_in_step_with_its_source(root):
    extras = sorted((root / "source").glob("*.ipynb"))
    assert {path.name for path in (root / "release").glob("*.ipynb")} == {p.name for p in extras}
    for path in extras:
        released = (root / "release" / path.name).read_text(encoding="utf-8")
        assert released == release.to_text(release.release_notebook(path)), "run `make release`"


def test_every_release_is_in_step_with_its_source(root):
    from autograder import course_folder

    course = course_folder.find(root)
    for lesson in course.lessons():
        notebook = release.release_notebook(course.notebook(lesson))
        message = f"run `autograder build {lesson}` and commit what it writes"
        assert course.released(lesson).read_text(encoding="utf-8") == release.to_text(notebook), (
            message
        )
