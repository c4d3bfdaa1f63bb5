"""The page side: files that are joined in an order, each using only what stands ahead of it."""

import re
from itertools import accumulate
from pathlib import Path

import pytest

from course import playgrounds
from course.live import page, view
from course.playgrounds import stage

DEFINED = re.compile(r"^(?:class|function|const) (\w+)", re.MULTILINE)
SIDES = [
    (Path(page.__file__).parent, ["page.js", *view.MODULES]),
    (Path(playgrounds.__file__).parent, [*stage.MODULES, "pad.js"]),
]


@pytest.mark.parametrize(("folder", "names"), SIDES, ids=["view", "stage"])
def test_every_file_is_used_and_uses_only_what_stands_ahead_of_it(folder, names):
    assert sorted(names) == sorted(path.name for path in folder.glob("*.js"))
    codes = [re.sub(r"//.*", "", (folder / name).read_text("utf-8")) for name in names]
    defined = [set(DEFINED.findall(code)) for code in codes]
    everything = [set(), *accumulate(defined, set.union)]
    for name, code, ahead in zip(names, codes, everything[1:], strict=False):
        later = everything[-1] - ahead
        used = set(re.findall(r"(?<![.\w])\w+", code))
        assert not used & later, name
