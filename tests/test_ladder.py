"""The ladder's measurement in its short form: resumable, and its page says what was measured."""

import json

import pytest

from benchmarks import ladder
from course import digits

NAMES = ["softmax", "five-layers-relu"]


@pytest.fixture(scope="module")
def data():
    train, validation, test = digits.load("embedded")
    small = test.images[:200], test.labels[:200]
    return digits.Digits(train, validation, digits.Examples(*small), "embedded")


def test_what_is_done_is_not_repeated(data, tmp_path, monkeypatch):
    monkeypatch.setattr(ladder, "_COMPARED_SECONDS", 0.05)
    first = ladder.measure(data, NAMES, 100, 2, tmp_path)
    assert [(row["network"], row["seed"]) for row in first] == [
        (name, seed) for name in NAMES for seed in (0, 1)
    ]
    assert all(0.5 < row["chosen"] <= row["best"] <= 1 for row in first)
    assert all(row["steps"] == 100 for row in first)

    monkeypatch.setattr(ladder, "train", lambda *arguments: pytest.fail("trained again"))
    assert ladder.measure(data, NAMES, 100, 2, tmp_path) == first
    done = next(iter(tmp_path.glob("softmax-1-*")))
    done.unlink()
    with pytest.raises(pytest.fail.Exception, match="trained again"):
        ladder.measure(data, NAMES, 100, 2, tmp_path)

    text = ladder.page(first, "5,000 digits")
    for row in first:
        assert f"| {row['network']} | {row['parameters']:,} |" in text
    chosen = [100 * row["chosen"] for row in first if row["network"] == "softmax"]
    assert f"{sum(chosen) / 2:.2f}% ({min(chosen):.2f} to {max(chosen):.2f})" in text
    assert "92.68%" in text
    ladder.draw(first, tmp_path / "ladder.png")
    assert (tmp_path / "ladder.png").stat().st_size > 5000


def test_a_result_is_written_in_one_go(tmp_path):
    ladder._write(tmp_path / "a.json", {"steps": 3})
    assert json.loads((tmp_path / "a.json").read_text()) == {"steps": 3}
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]
