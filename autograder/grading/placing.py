"""Put the lesson's own cells among a student's, in the order in which all are run.

Answers. Whatever a notebook's cells are called, a run from top to bottom decides: of several
definitions of a name, the last one above the test counts. Only a released definition never replaces
an answer above it. If the answer fails, what cells below the test make of it counts, too.

Tests come from the instructor's notebook, each exactly once. A test goes where the student's copy
of it was, if that is in the lesson's order; else below the cells that come before it in the lesson.
If all answers to its exercise come after that, it goes below the last of them; if there is no
answer anywhere, it goes to the end.

The lesson's own cells. A cell that the lesson gives, neither answer nor test, is run as the
student left it. Where it defines names that cells below it use, the lesson's original follows it
(or, if it is gone, is put where the lesson has it). The original is run only if one of these names
is still missing then; and what the student had changed gets its value back afterwards. Exercises
never get a value in this way.
"""

import builtins
import copy
import re
from collections import defaultdict
from dataclasses import dataclass, field

import nbformat
from nbformat import NotebookNode

from autograder.grading import code_text
from autograder.grading.cell_search import Original, Search
from autograder.grading.code_text import Code
from autograder.nbgrader_metadata import exercise_of, grade_id_of, is_answer, is_test
from autograder.sandbox.examiner.modules import MODULES
from autograder.sandbox.protocol.cell_marks import mark, marks_of

_BUILT_IN = frozenset(dir(builtins))


@dataclass
class Placed:
    """A notebook that can be graded, and what had to be done to the submission for it."""

    notebook: NotebookNode
    found_by: dict[str, str] = field(
        default_factory=dict
    )  # "grade_id", "id" or "name", by exercise
    not_found: list[str] = field(default_factory=list)  # exercises of which there is no answer
    absent: list[str] = field(default_factory=list)  # those of them that nothing there names
    nearby: list[str] = field(default_factory=list)  # exercises whose answers are only near them
    speaks_of: list[str] = field(default_factory=list)  # those of them whose names are in prose
    own_code: bool = False  # whether cells of the student's own define anything


def place(submitted: NotebookNode, source: NotebookNode) -> Placed:
    """Return the submission with the instructor's locked cells, each exactly once.

    `source` is the instructor's notebook as `lesson.prepared_for_grading` returns it, hidden tests
    included. `cell_marks` says what the cells are marked with.
    """
    originals = [Original(number, cell) for number, cell in enumerate(source.cells)]
    search = Search(submitted.cells, originals)
    notebook = nbformat.v4.new_notebook(metadata=copy.deepcopy(source.metadata))
    notebook.cells = _with_ids(_Assembly(search).cells())
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    not_found = [one.grade_id for one in search.answers if one.number not in search.answer_of]
    return Placed(
        notebook=notebook,
        found_by=search.found_by(),
        not_found=not_found,
        absent=[name for name in not_found if not _names(submitted, name)],
        nearby=search.nearby,
        speaks_of=[name for name in not_found if search.speaks_of(name)],
        own_code=search.has_own_code(),
    )


def _names(notebook, exercise):
    """Whether any cell is of an exercise, or speaks of it."""
    word = re.compile(rf"\b{re.escape(exercise)}\b", re.ASCII)  # Chinese may stand beside it
    return any(
        word.search(cell.source) or exercise_of(grade_id_of(cell)) == exercise
        for cell in notebook.cells
    )


def other_lesson(submitted: NotebookNode, source: NotebookNode, others: dict) -> str:
    """Return the name of the lesson whose notebook this is, if it is not that of `source`; else "".

    `others` are the exercises of the other lessons, by their names. One has to have at least half
    of its exercises in the notebook, and more than this lesson has, of which some have to be
    missing.
    """
    own = {grade_id_of(cell) for cell in source.cells if is_answer(cell)}
    mine = {grade_id_of(cell) for cell in source.cells if grade_id_of(cell)}
    present = set()
    for cell in submitted.cells:
        present.add(exercise_of(grade_id_of(cell)))
        present |= code_text.functions_in(cell.source)
    count, name = max(
        ((len(present & set(names)), name) for name, names in others.items()), default=(0, "")
    )
    is_other = count > len(present & mine) and 2 * count >= len(others[name])
    is_other = is_other and not (own and own <= present)
    return name if is_other else ""


@dataclass
class _Item:
    """A cell in the order of the run."""

    order: tuple  # by the student's places; an inserted cell comes before the one at its place
    cell: NotebookNode
    code: Code
    place: int | None = None  # of a student's cell
    own: Original | None = None  # if this is the lesson's original of a given cell
    is_prose: bool = False


class _Assembly:
    """Puts the student's cells and the lesson's own together, in the order of the run."""

    def __init__(self, search):
        self.search = search
        self.exercises = {name for one in search.answers for name in one.names}

    def cells(self) -> list[NotebookNode]:
        """The cells; of the lesson's originals, only those that define what is used below them."""
        items = [*self._students(), *self._locked(), *self._own()]
        used, kept = set(), []
        for item in sorted(items, key=lambda item: item.order, reverse=True):
            needed = item.code.defines & used
            if item.own is not None and not needed:
                continue
            kept.append(item)
            if item.own is not None:
                self._tell_examiner(item, needed)
                used |= item.code.uses_before()  # it may be left out
            elif not item.is_prose or needed:
                if item.is_prose:  # it was code, and is wanted as such
                    item.cell = _cell("code", item.cell.source, item.cell.id)
                    mark(item.cell, was_prose=True)
                item.code.step_back(used)
        kept.reverse()
        self._tell_of_names(kept)
        where = {item.place: index for index, item in enumerate(kept) if item.place is not None}
        for item in kept:
            if item.own is not None:
                place = self.search.given.get(item.own.number)
                marks_of(item.cell).lessons_own["students"] = where.get(place)
        return [item.cell for item in kept]

    def _students(self):
        search = self.search
        answers, given = defaultdict(list), defaultdict(list)
        for number, place in sorted(search.answer_of.items()):
            answers[place].append(search.originals[number])
        for number, place in sorted(search.given.items()):
            given[place].append(search.originals[number])
        for place, submitted in enumerate(search.cells):
            if place in search.dropped:
                continue
            others = [one for one in given[place] if one.grade_id and one.kind != "locked"]
            marked = [*answers[place], *others]
            prose = [one for one in given[place] if one.kind == "text"]
            if marked:
                cell = _marked_as(submitted, marked[0])
                if len(answers[place]) > 1:
                    mark(cell, answers=[one.grade_id for one in answers[place]])
            elif any(search.is_copy(place, one) for one in prose):
                cell = _cell(prose[0].cell.cell_type, submitted.source, submitted.id)
            else:
                cell = copy.deepcopy(submitted)
                cell.metadata = nbformat.from_dict({})
            code, is_prose = search.codes[place], cell.cell_type != "code"
            if is_prose and not any(one.kind == "given" for one in given[place]):
                code = Code(code.text)
            if keep := search.as_handed_out(place):
                mark(cell, keep=sorted(keep))
            yield _Item((place, 1, 0), cell, code, place, is_prose=is_prose)

    def _locked(self):
        search = self.search
        for one in search.originals:
            if one.kind == "test":
                place = search.place_of_test[one.number]
                modules = MODULES.keys() - set(marks_of(one.cell).answered)
                known = one.code.uses_before() - modules
                code = Code(one.code.text, words=frozenset(known))
            elif one.kind == "locked":
                place = search.copy_in_order(one.number)
                place = search.early(one.number) if place is None else place
                code = one.code
            else:
                continue
            yield _Item((place, 0, one.number), copy.deepcopy(one.cell), code)

    def _own(self):
        """The lesson's original of each given cell that is missing or changed."""
        search = self.search
        for one in search.originals:
            if one.kind != "given":
                continue
            place = search.given.get(one.number)
            if place not in search.in_order:
                place = search.early(one.number)
            elif search.codes[place].is_same(one.code):
                continue
            else:
                place += 1
            cell = _cell("code", one.cell.source, None)
            yield _Item((place, 0, one.number), cell, one.code, own=one)

    def _tell_examiner(self, item, needed):
        """Mark an original with when it is to be run, and which names keep their values."""
        search, original = self.search, item.own
        place = search.given.get(original.number)
        changed = set()
        if place in search.in_order:
            for statement in search.codes[place].statements:
                if statement.key not in original.code.keys:
                    changed |= statement.defines
        keep = (changed | self.exercises) & item.code.defines
        own = {"cell": original.cell.id, "needed": sorted(needed)}
        mark(item.cell, keep=sorted(keep), lessons_own=own)

    def _tell_of_names(self, items):
        """Say of each test what cells below define of what its answer needs, and of `called`.

        What the lesson defines counts only if no cell above defines it: it means the same below.
        """
        given = [one for one in self.search.originals if one.kind in ("given", "locked")]
        lessons = set().union(*(one.code.defines for one in given)) - self.exercises
        called, defined, codes_of = self._called(), set(), defaultdict(list)
        for item in items:
            for name in () if is_test(item.cell) else item.code.defines:
                codes_of[name].append(item.code)
        for index, item in enumerate(items):
            if not is_test(item.cell):
                defined |= item.code.defines
                continue
            below = set()
            for one in items[index + 1 :]:
                below |= one.code.defines - defined
                below |= one.code.defines - lessons - set(marks_of(one.cell).keep)
            exercise = exercise_of(grade_id_of(item.cell))
            names = [exercise, *called.get(exercise, ())]
            below -= _BUILT_IN - set(marks_of(item.cell).answered)
            if below and (below := below & _needed(names, codes_of)):
                mark(item.cell, defined_below=sorted(below))
            if exercise in called:
                mark(item.cell, called=called[exercise])

    def _called(self):
        """By exercise: what else the student called its check with, at last, in a list."""
        found = {}
        for cell in self.search.cells:
            if cell.cell_type == "code":
                found |= code_text.checked_in(cell.source)
        return {exercise: [name] for exercise, name in found.items() if name != exercise}


def _needed(names, codes_of):
    """These names, and those that the code uses which defines them, and so on."""
    needed, waiting, read = set(), list(names), set()
    while waiting:
        name = waiting.pop()
        if name in needed:
            continue
        needed.add(name)
        for code in codes_of.get(name, ()):
            if id(code) not in read:
                read.add(id(code))
                waiting += code.uses_before() - needed
    return needed


def _cell(kind, source, cell_id):
    """A cell with this id, which may be invalid until `_with_ids` has checked it."""
    cell = {"cell_type": kind, "id": cell_id, "metadata": {}, "source": source}
    code = {"execution_count": None, "outputs": []}
    return nbformat.from_dict(cell | code if kind == "code" else cell)


def _marked_as(cell, original):
    """A student's cell with the nbgrader metadata of the instructor's."""
    new = getattr(nbformat.v4, f"new_{original.cell.cell_type}_cell")
    made = new(cell.source, metadata=copy.deepcopy(original.cell.metadata), id=original.cell.id)
    if original.cell.cell_type == "code" != cell.cell_type:
        mark(made, was_prose=True)
    return made


def _with_ids(cells):
    """Give every cell a unique id; the instructor's cells keep theirs."""
    taken = {cell.id for cell in cells if grade_id_of(cell)}
    for number, cell in enumerate(cells):
        if grade_id_of(cell):
            continue
        valid = isinstance(cell.id, str) and cell.id.replace("-", "").replace("_", "").isalnum()
        if not valid or not cell.id.isascii() or len(cell.id) > 64 or cell.id in taken:
            cell.id = next(
                name
                for name in (f"cell-{number}", *(f"cell-{number}-{i}" for i in range(len(cells))))
                if name not in taken
            )
        taken.add(cell.id)
    return cells
