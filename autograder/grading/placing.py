"""Find out which of a student's cells is which of the lesson's, and put the lesson's own in place.

A cell is found by what is most certain: by the text of a test or of a given cell, else by its mark
(nbgrader's grade_id), else by its id, else by the names that it defines. So marks may be lost, and
cells may be copied, split, joined, moved, or turned into prose.

Answers. Whatever a notebook's cells are called, a run from top to bottom decides: of several
definitions of a name the last one above the test counts. Only what was handed out never takes the
place of an answer above it.

Tests come from the instructor's notebook, each exactly once. One stands where the student's copy
of it stood, if that is in the lesson's order; else below the cells that come before it in the
lesson. If it stands above all answers to its exercise, it goes below the last of them; if there is
no answer anywhere, it goes to the end.

The lesson's own cells. A cell that the lesson gives, neither answer nor test, is run as the
student left it. Where it defines names that cells below it use, the lesson's own form of it stands
below it (or, if it is gone, where the lesson has it). That is run only if one of these names is
missing by then; and what the student's form changed has its value again afterwards. Exercises
never get a value by it.
"""

import copy
from bisect import bisect_left
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import cached_property

import nbformat
from nbformat import NotebookNode

from autograder.grading import code_text
from autograder.grading.code_text import Code
from autograder.sandbox.examiner.modules import MODULES


@dataclass
class Placed:
    """A notebook that can be graded, and what had to be done to the submission for it."""

    notebook: NotebookNode
    found_by: dict[str, str] = field(default_factory=dict)  # "mark", "id" or "name", by exercise
    not_found: list[str] = field(default_factory=list)  # exercises of which there is no answer
    speaks_of: list[str] = field(default_factory=list)  # those of them whose names stand in prose
    own_code: bool = False  # whether cells of the student's own define anything


def place(submitted: NotebookNode, source: NotebookNode) -> Placed:
    """Return the submission with the instructor's locked cells, each exactly once.

    `source` is the instructor's notebook as `build.prepared` returns it, hidden tests included.
    In its metadata `keep` names what has its value again after a cell, and `lessons_own` marks the
    lesson's own form of a given one: to be run if a name in `needed` is missing. `students` is the
    place of the student's form of it.
    """
    originals = [_Original(number, cell) for number, cell in enumerate(source.cells)]
    search = _Search(submitted.cells, originals)
    notebook = nbformat.v4.new_notebook(metadata=copy.deepcopy(source.metadata))
    notebook.cells = _with_ids(_Assembly(search).cells())
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    not_found = [one.grade_id for one in search.answers if one.number not in search.answer_of]
    return Placed(
        notebook=notebook,
        found_by=search.found_by(),
        not_found=not_found,
        speaks_of=[name for name in not_found if search.speaks_of(name)],
        own_code=search.has_own_code(),
    )


def other_lesson(submitted: NotebookNode, source: NotebookNode, others: dict) -> str:
    """The name of the lesson whose notebook this is, if it is not the one of `source`.

    `others` are the exercises of the other lessons, by their names. One has to have at least half
    of its exercises in the notebook, and more than this lesson has.
    """
    mine = {grade_id_of(cell) for cell in source.cells if grade_id_of(cell)}
    present = set()
    for cell in submitted.cells:
        present.add(exercise_of(grade_id_of(cell) or ""))
        present |= code_text.functions_in(cell.source)
    count, name = max(
        ((len(present & set(names)), name) for name, names in others.items()), default=(0, "")
    )
    is_other = count > len(present & mine) and 2 * count >= len(others[name])
    return name if is_other else ""


def exercise_of(grade_id: str) -> str:
    """The exercise that a test cell examines."""
    return grade_id.removeprefix("check_")


def grade_id_of(cell) -> str | None:
    """The mark of a cell."""
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def is_locked(cell) -> bool:
    """Whether a marked cell is the instructor's alone: a test, or one that is only to be read."""
    settings = cell.metadata.nbgrader
    return bool(not settings.get("solution") and (settings.get("grade") or settings.get("locked")))


class _Original:
    """A cell of the instructor's notebook."""

    def __init__(self, number, cell):
        self.number, self.cell = number, cell
        self.grade_id = grade_id_of(cell)
        settings = cell.metadata.get("nbgrader", {})
        if settings.get("solution"):
            self.kind = "answer"
        elif settings.get("grade"):
            self.kind = "test"
        elif settings.get("locked"):
            self.kind = "locked"
        else:
            self.kind = "given" if cell.cell_type == "code" else "text"
        self.code = _read(cell, code_text.read(cell.source))

    @cached_property
    def visible(self) -> Code:
        """A test without its hidden part."""
        from nbgrader.preprocessors import ClearHiddenTests

        cell, _ = ClearHiddenTests().preprocess_cell(copy.deepcopy(self.cell), {}, 0)
        return code_text.read(cell.source)

    @cached_property
    def names(self) -> set[str]:
        """What an answer may define: what the one that was handed out defines."""
        statements = (one for one in self.code.statements if not one.is_import)
        return {self.grade_id}.union(*(statement.definitions for statement in statements))

    def is_answered_by(self, code: Code) -> bool:
        """Whether code defines one of its names, and not just as it was handed out."""
        found = {name: key for name, key in code.definitions.items() if name in self.names}
        return any(not self.handed_out(name, key) for name, key in found.items())

    def handed_out(self, name, key) -> bool:
        """Whether a definition of this name is still the one that was handed out."""
        return key == code_text.BLANK or (
            key is not None and key == self.code.definitions.get(name)
        )


class _Search:
    """What was found; the student's cells are called by their places, the lesson's by numbers."""

    def __init__(self, cells, originals):
        self.cells, self.originals = cells, originals
        codes = code_text.read_all(cell.source for cell in cells)
        self.codes = [_read(*both) for both in zip(cells, codes, strict=True)]
        self.answers = self._of_kind("answer")
        self.tests = self._of_kind("test")
        self.hints = list(_hints(cells, originals))
        self.copies = {}  # of tests and locked cells: the place of the student's copy
        self.dropped = set()  # the places of copies in which nothing else stands
        self._find_tests()
        self.given = self._given()  # the place of each cell that is no exercise, by its number
        self.candidates = self._candidates()  # the places that may answer, by the answer's number
        self.solved = {
            one.number: [
                place
                for place in self.candidates[one.number]
                if one.is_answered_by(self.codes[place])
            ]
            for one in self.answers
        }
        self.in_order = _longest_in_order(self._roles())
        self.place_of_test = {test.number: self._place_of_test(test) for test in self.tests}
        self.answer_of = {}  # the place of the answer that counts, by the answer's number
        for one in self.answers:
            self._choose(one)

    def _of_kind(self, *kinds):
        return [one for one in self.originals if one.kind in kinds]

    def _places(self):
        """All that may still be something: no mere copies of tests."""
        return (place for place in range(len(self.cells)) if place not in self.dropped)

    def _hint(self, place, *kinds):
        """What a cell is by its mark or id, if that is of one of these kinds."""
        original, _ = self.hints[place] or (None, "")
        return original if original and original.kind in kinds else None

    # Tests, and cells that are only to be read ----------------------------------------------------

    def _find_tests(self):
        """Find the copies of tests: by their text, else by mark or id."""
        visible = [test.visible for test in self.tests]
        told = [
            test
            for test in self.tests
            if sum(other.holds(test.visible) for other in visible) == 1  # nothing but itself
        ]
        found = defaultdict(list)
        for place, code in enumerate(self.codes):
            tests = [test for test in told if code.holds(test.visible)]
            if not tests and (hint := self._hint(place, "test")):
                tests = [hint]
            for test in tests:
                pure = self._adds_nothing(place, tests)
                exact = code.is_same(test.visible)
                hinted = self._hint(place, "test") is test
                found[test.number].append((pure, exact, hinted, place))
        for number, copies in found.items():
            pure, *_, place = max(copies)
            self._keep_copy(number, place, pure)

    def _keep_copy(self, number, place, pure):
        """Of a copy in which there is more, the rest stays, above the instructor's own."""
        self.copies[number] = place if pure else place + 1
        if pure:
            self.dropped.add(place)

    def _adds_nothing(self, place, originals):
        """Whether a cell gives no value to a name beyond those that these give one to."""
        known = frozenset().union(*(one.code.defines for one in originals))
        return self.codes[place].defines <= known

    # What is given --------------------------------------------------------------------------------

    def _given(self):
        """Find given and locked cells and prose: by text, by mark or id, by names."""
        kinds = ("given", "locked", "text")
        others = self._of_kind(*kinds)
        texts = Counter(one.code.keys or one.code.text for one in others)
        told = [one for one in others if texts[one.code.keys or one.code.text] == 1]
        found = defaultdict(list)
        for place in self._places():
            same = next((one for one in told if self.is_copy(place, one)), None)
            hint = self._hint(place, *kinds)
            if one := same or hint:
                found[one.number].append((same is not None, hint is one, -place))
        given = {number: -max(places)[-1] for number, places in found.items()}
        for one in others:
            if one.number not in given and (place := self._by_names(one)) is not None:
                given[one.number] = place
            if one.kind == "locked" and one.number in given:
                place = given[one.number]
                self._keep_copy(one.number, place, self._adds_nothing(place, [one]))
        return given

    def is_copy(self, place, original) -> bool:
        """Whether a cell has the text of one of the lesson's."""
        if original.kind == "text":
            return bool(original.code.text) and self.codes[place].text == original.code.text
        return self.codes[place].is_same(original.code)

    def _by_names(self, original):
        """The place of the cell that defines most of what only this given cell defines."""
        elsewhere = (one.code.defines for one in self.originals if one is not original)
        own = original.code.defines.difference(*elsewhere)
        shared = {place: len(own & self.codes[place].defines) for place in self._places()}
        best = max(shared, key=shared.get, default=None)
        return best if own and best is not None and 2 * shared[best] >= len(own) else None

    # Answers --------------------------------------------------------------------------------------

    def _candidates(self):
        """All cells that may be an answer: as they define its names, else by mark or id."""
        given = {one.code.keys for one in self._of_kind("given", "locked")}
        found = {one.number: [] for one in self.answers}
        for place in self._places():
            code, hint = self.codes[place], self._hint(place, "answer")
            if code.parsed and code.keys in given:
                continue
            defined = [one for one in self.answers if one.names & code.definitions.keys()]
            for one in defined or filter(None, [hint]):
                found[one.number].append(place)
        return found

    def as_handed_out(self, place) -> set[str]:
        """The names that a cell defines as they were handed out, although an answer is above it."""
        return {
            name
            for one in self.answers
            if any(other < place for other in self.solved[one.number])
            for name, key in self.codes[place].definitions.items()
            if name in one.names and one.handed_out(name, key)
        }

    def _choose(self, original):
        """Choose the answer that counts: the last above the test, if it is not as handed out."""
        tests = [test for test in self.tests if exercise_of(test.grade_id) == original.grade_id]
        end = self.place_of_test[tests[-1].number] if tests else len(self.cells)
        solved = self.solved[original.number]
        candidates = self.candidates[original.number]
        hinted = [place for place in candidates if self._hint(place, "answer") is original]
        for places in (solved, hinted, candidates):
            if places:
                above = [place for place in places if place < end]
                self.answer_of[original.number] = (above or places)[-1]
                return

    def found_by(self) -> dict[str, str]:
        """By what the answer to each exercise was found."""
        found = {}
        for one in self.answers:
            if (place := self.answer_of.get(one.number)) is not None:
                hinted = self._hint(place, "answer") is one
                found[one.grade_id] = self.hints[place][1] if hinted else "name"
        return found

    def speaks_of(self, name) -> bool:
        """Whether prose seems to define a name: a cell that should have been code."""
        prose = (cell.source for cell in self.cells if cell.cell_type != "code")
        return any(code_text.seems_to_define(text, name) for text in prose)

    def has_own_code(self) -> bool:
        """Whether cells that are none of the lesson's define anything."""
        lessons = {*self.given.values(), *self.answer_of.values()}
        return any(self.codes[place].defines for place in self._places() if place not in lessons)

    # Order ----------------------------------------------------------------------------------------

    def _roles(self):
        """What each cell is in the lesson's order; of one that is several things, the first."""
        roles = {}
        found = [(number, [place]) for number, place in self.given.items()]
        for number, places in sorted([*found, *self.candidates.items()]):
            for place in places:
                roles.setdefault(place, number)
        return roles

    def early(self, number) -> int:
        """The place below all that stands in order and comes before a cell in the lesson."""
        before = (place for place, role in self.in_order.items() if role < number)
        return max(before, default=-1) + 1

    def late(self, number) -> int:
        """The place above all that stands in order and comes after a cell in the lesson."""
        after = (place for place, role in self.in_order.items() if role > number)
        return min(after, default=len(self.cells))

    def copy_in_order(self, number) -> int | None:
        """The place of the student's copy of a cell, if that is in the lesson's order."""
        place = self.copies.get(number)
        if place is None:
            return None
        fits = all(
            role < number if other < place else role > number
            for other, role in self.in_order.items()
            if role != number
        )
        return place if fits else None

    def _place_of_test(self, test):
        place = self.copy_in_order(test.number)
        numbers = [one.number for one in self.answers if one.grade_id == exercise_of(test.grade_id)]
        solved = [place for number in numbers for place in self.solved[number]]
        if place is None:
            there = solved or any(self.candidates[number] for number in numbers)
            place = self.late(test.number) if there else len(self.cells)
        if solved and not any(one < place for one in solved):
            place = solved[-1] + 1
        return place


@dataclass
class _Item:
    """A cell in the order of the run."""

    order: tuple  # by the student's places; what is inserted comes before the cell at its place
    cell: NotebookNode
    code: Code
    place: int | None = None  # of a student's cell
    own: _Original | None = None  # of which this is the lesson's own form
    is_prose: bool = False


class _Assembly:
    """Puts the student's cells and the lesson's own together, in the order of the run."""

    def __init__(self, search):
        self.search = search
        self.exercises = {name for one in search.answers for name in one.names}

    def cells(self) -> list[NotebookNode]:
        """The cells; of the lesson's own forms those that define what is used below them."""
        items = [*self._students(), *self._locked(), *self._own()]
        used, kept = set(), []
        for item in sorted(items, key=lambda item: item.order, reverse=True):
            needed = item.code.defines & used
            if item.own is not None and not needed:
                continue
            kept.append(item)
            if item.own is not None:
                self._tell_examiner(item, needed)
                used |= item.code.uses_before(set())  # it may be left out
            elif not item.is_prose or needed:
                if item.is_prose:  # it was code, and is wanted as such
                    item.cell = _cell("code", item.cell.source, item.cell.id)
                    item.cell.metadata["was_prose"] = True
                used = item.code.uses_before(used)
        kept.reverse()
        where = {item.place: index for index, item in enumerate(kept) if item.place is not None}
        for item in kept:
            if item.own is not None:
                place = self.search.given.get(item.own.number)
                item.cell.metadata["lessons_own"]["students"] = where.get(place)
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
            marked = [*answers[place], *(one for one in given[place] if one.grade_id)]
            prose = [one for one in given[place] if one.kind == "text"]
            if marked:
                cell = _marked_as(submitted, marked[0])
                if len(answers[place]) > 1:
                    cell.metadata["answers"] = [one.grade_id for one in answers[place]]
            elif any(search.is_copy(place, one) for one in prose):
                cell = _cell(prose[0].cell.cell_type, submitted.source, submitted.id)
            else:
                cell = copy.deepcopy(submitted)
                cell.metadata = nbformat.from_dict({})
            code, is_prose = search.codes[place], cell.cell_type != "code"
            if is_prose and not any(one.kind == "given" for one in given[place]):
                code = Code(code.text)
            if keep := search.as_handed_out(place):
                cell.metadata["keep"] = sorted(keep)
            yield _Item((place, 1, 0), cell, code, place, is_prose=is_prose)

    def _locked(self):
        search = self.search
        for one in search.originals:
            if one.kind == "test":
                place = search.place_of_test[one.number]
                known = one.code.uses_before(set()) - MODULES.keys()
                code = Code(one.code.text, words=frozenset(known))
            elif one.kind == "locked":
                place = search.copy_in_order(one.number)
                place = search.early(one.number) if place is None else place
                code = one.code
            else:
                continue
            yield _Item((place, 0, one.number), copy.deepcopy(one.cell), code)

    def _own(self):
        """The lesson's own form of each given cell that is not there as it was handed out."""
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
        """Say of the lesson's own form when it is to be run, and which names keep their values."""
        search, original = self.search, item.own
        place = search.given.get(original.number)
        changed = set()
        if place in search.in_order:
            for statement in search.codes[place].statements:
                if statement.key not in original.code.keys:
                    changed |= statement.defines
        keep = (changed | self.exercises) & item.code.defines
        item.cell.metadata["keep"] = sorted(keep)
        item.cell.metadata["lessons_own"] = {"cell": original.cell.id, "needed": sorted(needed)}


def _cell(kind, source, cell_id):
    """A cell, whatever its id may be until `_with_ids` has looked at it."""
    cell = {"cell_type": kind, "id": cell_id, "metadata": {}, "source": source}
    code = {"execution_count": None, "outputs": []}
    return nbformat.from_dict(cell | code if kind == "code" else cell)


def _marked_as(cell, original):
    """A student's cell with the marks of the instructor's."""
    new = getattr(nbformat.v4, f"new_{original.cell.cell_type}_cell")
    metadata = copy.deepcopy(original.cell.metadata)
    if original.cell.cell_type == "code" != cell.cell_type:
        metadata["was_prose"] = True
    return new(cell.source, metadata=metadata, id=original.cell.id)


def _read(cell, code):
    """What a cell's text says; of prose only what is whole Python, as it may have been code."""
    return code if code.parsed or cell.cell_type == "code" else Code(code.text)


def _hints(cells, originals):
    """What each cell is by its mark, else by its id: (original, "mark" or "id"), or None."""
    marks = {one.grade_id: one for one in originals if one.grade_id}
    ids = {one.cell.id: one for one in originals}
    texts = [cell.id for cell in cells if isinstance(cell.id, str)]
    once = {name for name, count in Counter(texts).items() if count == 1}
    for cell in cells:
        if (mark := grade_id_of(cell)) in marks:
            yield marks[mark], "mark"
        elif isinstance(cell.id, str) and cell.id in once and cell.id in ids:
            yield ids[cell.id], "id"
        else:
            yield None


def _longest_in_order(roles) -> dict[int, int]:
    """The longest row of places whose roles rise: cells that nobody moved."""
    lowest, ends, before = [], [], {}  # of rows by length: their last roles, and places
    for place, role in sorted(roles.items()):
        length = bisect_left(lowest, role)
        before[place] = ends[length - 1] if length else None
        lowest[length : length + 1] = [role]
        ends[length : length + 1] = [place]
    row, place = {}, ends[-1] if ends else None
    while place is not None:
        row[place] = roles[place]
        place = before[place]
    return row


def _with_ids(cells):
    """Give every cell an id of its own; the instructor's cells keep theirs."""
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
