"""What the tests of the playgrounds share."""

import pytest

from course import digits
from course.playgrounds.trained_ladder import TrainedLadder


@pytest.fixture(scope="session")
def data():
    """The embedded sample."""
    return digits.load("embedded")


@pytest.fixture(scope="session")
def ladder():
    """Two quick networks that stand for the ladder, trained for a few steps."""
    ladder = TrainedLadder({"softmax": 100, "five-layers-relu": 20})
    for name in ladder.names:
        ladder.train(name)
    return ladder


@pytest.fixture
def shown():
    """A function that shows a playground live, all prepared; it is closed when the test is done."""
    opened = []

    def show(playground, *arguments, **options):
        opened.append(playground.show(*arguments, live=True, **options))
        opened[-1].wait()
        return opened[-1]

    yield show
    for each in opened:
        each.close()
