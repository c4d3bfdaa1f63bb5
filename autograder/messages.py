"""Every message of the autograder passes through here, so that it can be translated."""

from pathlib import Path

from course.messages import Catalogue

_catalogue = Catalogue("autograder", Path(__file__).parent / "locale")
_ = _catalogue.message
ngettext = _catalogue.plural
again = _catalogue.again
