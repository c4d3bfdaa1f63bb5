"""The ladder's measurement in its short form: resumable, and its page says what was measured."""

import pytest

from benchmarks import challenge, ladder
from course import digits

STEPS = 40
NAMES = ["softmax", "convolutional-dropout-shifted"]


@pytest.fixture(scope="module")
def data():
    train, validation, test = digits.load("embedded")
    small = test.images[:200], test.labels[:200]
    return digits.Digits(train, validation, digits.Examples(*small), "embedded")


@pytest.mark.weekly
def test_what_is_done_is_not_repeated(data, tmp_path, monkeypatch):
    monkeypatch.setattr(ladder, "COMPARED_SECONDS", 0.05)
    first = ladder.measure(data, NAMES, STEPS, 2, tmp_path)
    assert [(row["network"], row["seed"]) for row in first] == [
        (name, seed) for name in NAMES for seed in (0, 1)
    ]
    assert all(0.2 < row["chosen"] <= row["best"] <= 1 for row in first)
    assert all(row["steps"] == STEPS for row in first)

    monkeypatch.setattr(ladder, "train", lambda *arguments: pytest.fail("trained again"))
    assert ladder.measure(data, NAMES, STEPS, 2, tmp_path) == first
    done = next(iter(tmp_path.glob("softmax-1-*")))
    done.unlink()
    with pytest.raises(pytest.fail.Exception, match="trained again"):
        ladder.measure(data, NAMES, STEPS, 2, tmp_path)

    text = ladder.page(first, "5,000 digits")
    for row in first:
        assert f"| {row['network']} | {row['parameters']:,} |" in text
    chosen = [100 * row["chosen"] for row in first if row["network"] == "softmax"]
    assert f"{sum(chosen) / 2:.2f}% ({min(chosen):.2f} to {max(chosen):.2f})" in text
    assert "92.68%" in text
    ladder.draw(first, tmp_path / "ladder.png")
    assert (tmp_path / "ladder.png").stat().st_size > 5000


def test_a_result_is_kept_whole_or_not_at_all(tmp_path):
    def interrupted():
        raise KeyboardInterrupt

    path = tmp_path / "a.json"
    with pytest.raises(KeyboardInterrupt):
        ladder.once(path, interrupted)
    assert not path.exists()
    assert ladder.once(path, lambda: {"steps": 3}) == {"steps": 3}
    assert ladder.once(path, interrupted) == {"steps": 3}
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


@pytest.mark.weekly
def test_the_challenge_in_its_short_form(data, tmp_path, monkeypatch):
    few = digits.Examples(data.train.images[:300], data.train.labels[:300])
    data = digits.Digits(few, data.test, data.test, "embedded")
    results = challenge.measure(data, 1, 1, 1, tmp_path)
    fit, ours = results
    assert (fit["parameters"], ours["parameters"]) == (244_076, 204_842)
    assert ours["chosen"] == ours["looks"][0][2]
    monkeypatch.setattr(challenge, "Run", lambda *arguments: pytest.fail("trained again"))
    assert challenge.measure(data, 1, 1, 1, tmp_path) == results
    assert f"| {100 * ours['chosen']:.2f}% |" in challenge.page(results, "300 digits")
    challenge.draw(results, tmp_path / "challenge.png")
    assert (tmp_path / "challenge.png").stat().st_size > 5000


def test_the_rate_rises_and_falls_to_nothing():
    rate = ladder.one_cycle(0.01, 100)
    rates = [rate(step) for step in range(100)]
    assert max(rates) == rates[20] == pytest.approx(0.01)
    assert 0 < rates[0] < rates[10]
    assert rates[99] < 1e-4
