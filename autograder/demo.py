"""The whole workflow in one command: release a lesson, make three submissions, grade, report.

Everything is written to demo/, a separate course folder: no real submission is touched.
"""

import shutil
import sys
from pathlib import Path

import nbformat

from autograder.nbgrader_metadata import grade_id_of, is_answer

LESSON = "01-softmax"

# What a beginner may hand in: two exercises right, two with typical mistakes, one not tried.
MISTAKES = {
    "prepare_images": "return images.reshape(len(images), 784) / 255",
    "weighted_sums": "return X @ W",
    "softmax": (
        "exponentials = np.exp(logits)\n"
        "return exponentials / exponentials.sum(axis=1, keepdims=True)"
    ),
    "accuracy": "return np.mean(np.argmax(probabilities, axis=1) == labels)",
}


def main(root: Path = Path(), destination: Path = Path("demo")):
    """Run the demonstration and print where to look."""
    from autograder import course_folder, systems

    systems.check_can_grade()
    from tqdm import tqdm

    from autograder.building import release
    from autograder.grading.class_grading import grade
    from autograder.grading.class_results import results
    from autograder.grading.plan import RunSettings
    from autograder.pages.class_report import write_report
    from autograder.pages.feedback_files import write_feedback
    from autograder.pages.terminal_table import results_table

    course = course_folder.find(root)
    shutil.rmtree(destination, ignore_errors=True)
    demo = course_folder.CourseFolder(destination.resolve())
    demo.root.mkdir(parents=True)
    shutil.copy(course.root / course_folder.CONFIG_NAME, demo.root)
    shutil.copytree(course.root / "source" / LESSON, demo.root / "source" / LESSON)

    print(f"1. The release of lesson {LESSON}, from its source")
    release.build(demo, LESSON)

    print("2. Three submissions: solved, with typical mistakes, blank")
    blank = nbformat.read(demo.released(LESSON), as_version=4)
    source = nbformat.read(demo.notebook(LESSON), as_version=4)
    for student, notebook in {
        "solved": with_answers(blank, answers_of(source)),
        "mistakes": with_answers(blank, mistaken_answers(blank)),
        "blank": blank,
    }.items():
        folder = demo.submitted(student, LESSON)
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / demo.notebook(LESSON).name)

    print("3. Grading")
    graded = grade(
        demo,
        LESSON,
        settings=RunSettings(sandbox=walls_to_grade_in(demo)),
        progress=lambda finished, total: tqdm(finished, total=total, unit="submission"),
    )
    print(results_table(graded))

    print("4. Feedback for each student: pages to open in a browser")
    for page in write_feedback(demo, LESSON).pages:
        print(f"   {relative(page)}")

    print("5. The class at a glance, for the instructor")
    print(f"   {relative(write_report(demo, results(demo, LESSON)))}")

    print("6. A network of one layer, trained; its test digits, mistakes first")
    picture = demo.root / "test_digits.png"
    draw_test_digits(picture)
    print(f"   {relative(picture)}")


def walls_to_grade_in(demo) -> bool:
    """Return whether to grade in the sandbox; if this machine cannot build it, it says so."""
    from autograder.sandbox import SandboxUnavailable
    from autograder.sandbox.outside import pool

    walls, limits = pool.settings(demo.config())
    try:
        pool.sandbox(walls, limits).start()
    except SandboxUnavailable as error:
        print(
            f"   Without a sandbox, as these three are harmless: this machine has none ({error})."
        )
        print("   Grade what students hand in on Linux.")
        return False
    return walls


def answers_of(notebook) -> dict[str, str]:
    """Return the source of every answer cell by the name of its exercise."""
    return {grade_id_of(cell): cell.source for cell in notebook.cells if is_answer(cell)}


def mistaken_answers(blank) -> dict[str, str]:
    """Return the blank answer cells with MISTAKES filled in."""
    stub = "# YOUR CODE HERE\n    raise NotImplementedError()"
    blanks = answers_of(blank)
    return {
        name: blanks[name].replace(stub, body.replace("\n", "\n    "))
        for name, body in MISTAKES.items()
    }


def with_answers(blank, answers: dict[str, str]):
    """Return a copy of the released notebook with these answer cells written into it."""
    notebook = nbformat.from_dict(blank)
    for cell in notebook.cells:
        cell.source = answers.get(grade_id_of(cell), cell.source)
    return notebook


def draw_test_digits(path: Path):
    """Train the softmax network of the course and save its test digits, mistakes first."""
    from course import digits, networks
    from course.drawing.mosaic import order_wrong_first
    from course.pictures.lesson_01_softmax import mistakes_first
    from course.training import Run

    data = digits.load("embedded")
    run = Run(networks.softmax(), data, learning_rate=0.5)
    run.advance(500)
    images, labels = data.test
    order = order_wrong_first(labels, run.test_predictions)
    chosen = images[order], labels[order], run.test_predictions[order]
    picture = mistakes_first(*chosen, columns=40)
    picture.save(path)
    accuracy = run.history.test.accuracy[-1]
    print(f"   {accuracy:.1%} of {len(labels):,} test digits recognised after {run.steps} steps")


def relative(path: Path) -> Path:
    """Return the path as seen from here, if that is shorter."""
    path = path.resolve()
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


if __name__ == "__main__":
    from autograder.course_folder import CourseError

    try:
        main()
    except CourseError as error:
        sys.exit(f"The demonstration cannot be run: {error}")
