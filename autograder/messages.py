"""What the autograder says to students and instructors passes through here, to be translated."""

from pathlib import Path

from course.messages import Catalogue

_catalogue = Catalogue("autograder", Path(__file__).parent / "locale")
_ = _catalogue.message
ngettext = _catalogue.plural
again = _catalogue.again
