"""Match a student's cells with those of the lesson.

A cell is found by the most certain evidence: the text of a test or of a given cell, else its grade
id (nbgrader's), else its cell id, else the names that it defines. So grade ids may be lost, and
cells may be copied, split, joined, moved, or turned into prose. An answer that a person marks may
define nothing: then it is whatever the student wrote where the lesson has it.
"""

import copy
from bisect import bisect_left
from collections import Counter, defaultdict
from functools import cached_property

from autograder.grading import code_text
from autograder.grading.code_text import Code
from autograder.nbgrader_metadata import exercise_of, grade_id_of
from course.workbook.notebooks import nbgrader_settings


class Original:
    """A cell of the instructor's notebook."""

    def __init__(self, number, cell):
        self.number, self.cell = number, cell
        self.grade_id = grade_id_of(cell)
        settings = nbgrader_settings(cell)
        if settings.get("solution"):
            self.kind = "answer"
        elif settings.get("grade"):
            self.kind = "test"
        elif settings.get("locked"):
            self.kind = "locked"
        else:
            self.kind = "given" if cell.cell_type == "code" else "text"
        self.by_hand = self.kind == "answer" and bool(settings.get("grade"))  # a person marks it
        self.code = _read(cell, code_text.read(cell.source))

    @cached_property
    def visible(self) -> Code:
        """A test or a task without its hidden part."""
        if "BEGIN" not in self.cell.source:
            return code_text.read(self.cell.source)
        from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme

        cell = copy.deepcopy(self.cell)
        for step in (ClearHiddenTests(), ClearMarkScheme()):
            cell, _ = step.preprocess_cell(cell, {}, 0)
        return code_text.read(cell.source)

    @cached_property
    def names(self) -> set[str]:
        """The names that an answer may define: those that the released cell defines."""
        statements = (one for one in self.code.statements if not one.is_import)
        return {self.grade_id}.union(*(statement.definitions for statement in statements))

    def is_answered_by(self, code: Code) -> bool:
        """Return whether code defines one of its names, and not just as it was released.

        What a person marks only has to be changed, and not just emptied.
        """
        if self.by_hand:
            return code.text not in ("", self.code.text)
        found = {name: key for name, key in code.definitions.items() if name in self.names}
        return any(not self.handed_out(name, key) for name, key in found.items())

    def handed_out(self, name, key) -> bool:
        """Return whether a definition of this name is still the released one."""
        return key == code_text.BLANK or (
            key is not None and key == self.code.definitions.get(name)
        )


class Search:
    """The matches: the student's cells are identified by place, the lesson's by number."""

    def __init__(self, cells, originals):
        self.cells, self.originals = cells, originals
        codes = code_text.read_all(cell.source for cell in cells)
        self.codes = [_read(*both) for both in zip(cells, codes, strict=True)]
        self.answers = self._of_kind("answer")
        self.tests = self._of_kind("test")
        self.hints = list(_hints(cells, originals))
        self.copies = {}  # of tests and locked cells: the place of the student's copy
        self.dropped = set()  # the places of copies that hold nothing else
        self._find_tests()
        self.given = self._given()  # the place of each cell that is not an exercise, by its number
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
        self.nearby = []  # the grade ids of answers that are only known by where they are
        self._look_nearby()

    def _of_kind(self, *kinds):
        return [one for one in self.originals if one.kind in kinds]

    def _places(self):
        """The places of all cells except mere copies of tests."""
        return (place for place in range(len(self.cells)) if place not in self.dropped)

    def _hint(self, place, *kinds):
        """The lesson's cell that a grade id or cell id names, if it is of one of these kinds."""
        original, _ = self.hints[place] or (None, "")
        return original if original and original.kind in kinds else None

    # Tests, and cells that are only to be read ----------------------------------------------------

    def _find_tests(self):
        """Find the copies of tests: by their text, else by grade id or cell id."""
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
        """Note a copy; one that holds more stays, above the instructor's own cell."""
        self.copies[number] = place if pure else place + 1
        if pure:
            self.dropped.add(place)

    def _adds_nothing(self, place, originals):
        """Whether a cell does no more than these cells, apart from showing values."""
        code = self.codes[place]
        is_unread = not code.parsed and not code.statements
        if self.cells[place].cell_type != "code" or is_unread:
            return any(code.text == one.visible.text for one in originals)
        magics = code.words if code.parsed else frozenset()
        return magics <= frozenset().union(*(one.visible.words for one in originals)) and all(
            statement.only_shows or any(statement.key in one.visible.keys for one in originals)
            for statement in code.statements
        )

    # What is given --------------------------------------------------------------------------------

    def _given(self):
        """Find given and locked cells and prose: by text, by grade id or cell id, by names."""
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
        """Return whether a cell has the text of one of the lesson's."""
        if original.kind == "text":
            return bool(original.code.text) and self.codes[place].text == original.code.text
        return self.codes[place].is_same(original.visible)

    def _by_names(self, original):
        """The place of the cell that defines most of what only this given cell defines."""
        elsewhere = (one.code.defines for one in self.originals if one is not original)
        own = original.code.defines.difference(*elsewhere)
        shared = {place: len(own & self.codes[place].defines) for place in self._places()}
        best = max(shared, key=shared.get, default=None)
        return best if own and best is not None and 2 * shared[best] >= len(own) else None

    # Answers --------------------------------------------------------------------------------------

    def _candidates(self):
        """All cells that may be an answer: they define its names, or have its grade or cell id."""
        given = {one.code.keys for one in self._of_kind("given", "locked")}
        found = {one.number: [] for one in self.answers}
        for place in self._places():
            code, hint = self.codes[place], self._hint(place, "answer")
            if code.keys and code.parsed and code.keys in given:
                continue
            defined = [one for one in self.answers if one.names & code.definitions.keys()]
            for one in defined or filter(None, [hint]):
                found[one.number].append(place)
        return found

    def as_handed_out(self, place) -> set[str]:
        """Return names that a cell still defines as released, although an answer is above it."""
        return {
            name
            for one in self.answers
            if any(other < place for other in self.solved[one.number])
            for name, key in self.codes[place].definitions.items()
            if name in one.names and one.handed_out(name, key)
        }

    def _choose(self, original):
        """Choose the answer that counts: the last one above the test that is not as released."""
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

    def _look_nearby(self):
        """Where what a person marks is blank or missing, take what stands between its neighbours.

        A student may have written in a new cell, or a host may have dropped ids and metadata.
        """
        known = {*self.given.values(), *self.answer_of.values()}
        texts = {"", *(one.code.text for one in self.originals)}
        own = [
            place
            for place in self._places()
            if place not in known
            and self.hints[place] is None
            and self.codes[place].text not in texts
        ]
        for one in self.answers:
            if not one.by_hand or self.solved[one.number]:
                continue
            near = range(self.early(one.number), self.late(one.number))
            found = [place for place in own if place in near and self._may_be(place, one)]
            if found:
                free = [place for place in found if place not in self.answer_of.values()]
                self.answer_of[one.number] = (free or found)[0]
                self.nearby.append(one.grade_id)

    def _may_be(self, place, original):
        """Whether a cell can hold such an answer: code for code; for prose, what is no code."""
        cell, code = self.cells[place], self.codes[place]
        if original.cell.cell_type == "code":
            return cell.cell_type == "code"
        if cell.cell_type != "code":
            return True
        is_code = code.defines or (code.parsed and code.statements) or code.text[0] in "%!"
        return not is_code

    def found_by(self) -> dict[str, str]:
        """Return how the answer to each exercise was found: "grade_id", "id" or "name"."""
        found = {}
        for one in self.answers:
            place = self.answer_of.get(one.number)
            if place is not None and one.grade_id not in self.nearby:
                hinted = self._hint(place, "answer") is one
                found[one.grade_id] = self.hints[place][1] if hinted else "name"
        return found

    def speaks_of(self, name) -> bool:
        """Return whether prose seems to define a name: a cell that should have been code."""
        prose = (cell.source for cell in self.cells if cell.cell_type != "code")
        return any(code_text.seems_to_define(text, name) for text in prose)

    def has_own_code(self) -> bool:
        """Return whether cells that do not come from the lesson define anything."""
        lessons = {*self.given.values(), *self.answer_of.values()}
        return any(self.codes[place].defines for place in self._places() if place not in lessons)

    # Order ----------------------------------------------------------------------------------------

    def _roles(self):
        """Each place's role, a number in the lesson's order; of several, the first."""
        roles = {}
        found = [(number, [place]) for number, place in self.given.items()]
        for number, places in sorted([*found, *self.candidates.items()]):
            for place in places:
                roles.setdefault(place, number)
        return roles

    def early(self, number) -> int:
        """Return the place just below all cells in order that come before a cell in the lesson."""
        before = (place for place, role in self.in_order.items() if role < number)
        return max(before, default=-1) + 1

    def late(self, number) -> int:
        """Return the place just above all cells in order that come after a cell in the lesson."""
        after = (place for place, role in self.in_order.items() if role > number)
        return min(after, default=len(self.cells))

    def copy_in_order(self, number, answers=()) -> int | None:
        """Return the place of the student's copy of a cell, if that is in the lesson's order.

        The answers to a test may stand anywhere: another attempt below it does not move it.
        """
        place = self.copies.get(number)
        if place is None:
            return None
        fits = all(
            role < number if other < place else role > number
            for other, role in self.in_order.items()
            if role not in (number, *answers)
        )
        return place if fits else None

    def _place_of_test(self, test):
        numbers = [one.number for one in self.answers if one.grade_id == exercise_of(test.grade_id)]
        place = self.copy_in_order(test.number, numbers)
        solved = [place for number in numbers for place in self.solved[number]]
        if place is None:
            there = solved or any(self.candidates[number] for number in numbers)
            place = self.late(test.number) if there else len(self.cells)
        if solved and not any(one < place for one in solved):
            place = solved[-1] + 1
        return place


def _read(cell, code):
    """What a cell's text says; prose counts only if all of it is Python, once code perhaps."""
    return code if code.parsed or cell.cell_type == "code" else Code(code.text)


def _hints(cells, originals):
    """For each cell, the original and how it was found ("grade_id" or "id"); or None."""
    by_grade_id = {one.grade_id: one for one in originals if one.grade_id}
    ids = {one.cell.id: one for one in originals}
    texts = [cell.id for cell in cells if isinstance(cell.id, str)]
    once = {name for name, count in Counter(texts).items() if count == 1}
    for cell in cells:
        if (grade_id := grade_id_of(cell)) in by_grade_id:
            yield by_grade_id[grade_id], "grade_id"
        elif isinstance(cell.id, str) and cell.id in once and cell.id in ids:
            yield ids[cell.id], "id"
        else:
            yield None


def _longest_in_order(roles) -> dict[int, int]:
    """The longest sequence of places with rising roles: the cells that nobody moved."""
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
