"""Keep hidden tests out of the students' pages: nbgrader would show them."""

import json

from nbconvert.filters import strip_ansi
from nbgrader.preprocessors import ClearHiddenTests, NbGraderPreprocessor

from autograder.messages import _

_MIN_LENGTH = 8  # a shorter line, such as "else:", reveals nothing and occurs by chance
_FILES = {"autograder/exam", "autograder\\exam"}  # which hold the examinations


class HideHiddenTests(NbGraderPreprocessor):
    """A preprocessor that removes hidden tests from cells, and from outputs that quote them."""

    def preprocess(self, nb, resources):
        """Remove the hidden tests from the cells, and from all that quotes them."""
        hidden = {"HIDDEN TESTS"}
        for cell in nb.cells:
            lines = cell.source.splitlines()
            if self._hide(cell):
                seen = {line.strip() for line in cell.source.splitlines()}
                hidden |= {line.strip() for line in lines} - seen
        hidden = {line for line in hidden if len(line) >= _MIN_LENGTH}
        hidden |= _FILES
        for cell in nb.cells:
            for output in cell.get("outputs", []):
                _hide_in_output(output, hidden)
        resources["hidden_lines"] = hidden  # for the other texts of the page
        return nb, resources

    def _hide(self, cell) -> bool:
        """Remove the hidden region from a cell; return whether there was one."""
        clear = ClearHiddenTests(parent=self, enforce_metadata=False)
        if clear.begin_test_delimeter not in cell.source:
            return False
        try:
            clear.preprocess_cell(cell, {}, 0)
        except RuntimeError:  # no end, or nested regions: remove everything from the first begin on
            cell.source = cell.source.split(clear.begin_test_delimeter)[0].rstrip("# \n")
        return True


def without_hidden(text: str, hidden: set[str]) -> str:
    """Return the text, or a note in its place if it quotes one of the hidden lines."""
    return _left_out() if _quotes(text, hidden) else text


def _left_out():
    return _("(left out: it quoted a hidden test)")


def _hide_in_output(output, quoted):
    """Shorten an output that quotes a hidden line or a file of the examinations."""
    if output.output_type == "error":
        message = f"{output.ename}: {output.evalue}"
        if _quotes("\n".join(output.traceback), quoted):
            output.traceback = [message]
        if _quotes(message, quoted):
            output.evalue, output.traceback = _left_out(), [f"{output.ename}: {_left_out()}"]
    elif output.output_type == "stream":
        if _quotes(output.text, quoted):
            output.text = _left_out()
    elif "text/plain" in output.data and _quotes(json.dumps(output.data), quoted):
        output.data = type(output.data)({"text/plain": _left_out()})


def _quotes(text, lines):
    """Whether one of the lines is in the text, plainly or as Python or JSON would quote it."""
    text = strip_ansi(text)
    plain = text.replace("\\\\", "\\").replace("\\'", "'").replace('\\"', '"')
    return any(line in text or line in plain for line in lines)
