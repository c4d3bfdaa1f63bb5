"""`course train`: lines, JSON, saved runs, and the article's own scripts."""

import json
import runpy
import sys
from pathlib import Path

import imageio.v3
import numpy as np
import pytest
from click.testing import CliRunner

from course import networks
from course.cli import main

SCRIPTS = sorted((Path(__file__).parents[2] / "scripts").glob("mnist_*.py"))


def train(*arguments):
    command = ["train", *map(str, arguments), "--source", "embedded", "--no-show"]
    return CliRunner().invoke(main, command)


@pytest.mark.parametrize("option", ["--json", "--save"])
def test_a_file_without_a_folder_is_refused_before_the_training(option, tmp_path):
    answer = train("softmax", option, tmp_path / "missing" / "run.png")
    assert answer.exit_code == 1
    assert answer.output.startswith("Error: There is no folder")


def test_a_result_that_cannot_be_written_is_no_program_error(tmp_path):
    answer = train("softmax", "--steps", 20, "--json", tmp_path)  # a folder, not a file
    assert "finished after 20 steps" in answer.stdout
    assert answer.stderr.startswith("Error: ")
    assert str(tmp_path) in answer.stderr


def test_it_tells_how_it_goes_and_writes_json(tmp_path):
    answer = train("softmax", "--steps", 40, "--json", tmp_path / "result.json")
    assert answer.exit_code == 0, answer.output
    assert sum(line.startswith("step") for line in answer.stdout.splitlines()) == 20
    assert "finished after 40 steps" in answer.stdout
    result = json.loads((tmp_path / "result.json").read_text())
    assert list(result) == [
        *("network", "source", "parameters", "steps", "batch_size", "seconds"),
        *("steps_per_second", "test_accuracy", "best_test_accuracy", "validation_accuracy"),
    ]
    assert result["network"] == "softmax"
    assert result["source"] == "embedded"
    assert result["parameters"] == 7850
    assert result["steps"] == 40
    assert result["test_accuracy"] > 0.7
    assert result["best_test_accuracy"] >= result["test_accuracy"]


@pytest.mark.slow
def test_the_same_seed_gives_the_same_result(tmp_path):
    def accuracy(seed):
        file = tmp_path / "result.json"
        train("five-layers-relu", "--steps", 20, "--seed", seed, "--json", file)
        return json.loads(file.read_text())["test_accuracy"]

    first, other, again = accuracy(1), accuracy(2), accuracy(1)
    assert first == again
    assert first != other


@pytest.mark.parametrize("suffix", [".mp4", ".gif", ".png"])
@pytest.mark.slow
@pytest.mark.sampled(rarer=3)
def test_a_run_is_saved_without_a_screen(tmp_path, suffix):
    path = tmp_path / f"run{suffix}"
    answer = train("softmax", "--steps", 30, "--save", path)
    assert answer.exit_code == 0, answer.output
    pictures = np.atleast_3d(imageio.v3.imread(path, index=None))
    assert pictures.shape[-3:-1] == (540, 960)
    if suffix == ".png":
        return
    assert len(pictures) > 20
    assert np.abs(pictures[0].astype(int) - pictures[-1]).mean() > 1


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["softmx"], 2, "There is no network 'softmx'. The ladder has: softmax, five"),
        (["softmax", "--learning-rate", "0"], 1, "The learning rate is 0.0; expected"),
        (["softmax", "--batch-size", "9999"], 1, "expected at most 3500"),
        (["softmax", "--steps", "0"], 2, "--steps"),
        (["softmax", "--save", "run.avi"], 1, "ending in .mp4, .gif, .png"),
        (["softmax", "--save", "no/such/folder/run.gif"], 1, "There is no folder"),
    ],
)
def test_bad_values_are_clear_errors(arguments, code, message):
    answer = train(*arguments)
    assert answer.exit_code == code, answer.output
    assert message in answer.output
    assert "Traceback" not in answer.output


@pytest.mark.slow
def test_a_run_that_diverges_fails(tmp_path):
    answer = train("five-layers-relu", "--steps", 20, "--learning-rate", 1e30)
    assert answer.exit_code == 1
    assert "diverged after" in answer.stdout


@pytest.mark.sampled(rarer=3)
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
@pytest.mark.slow
def test_the_articles_own_commands(script, monkeypatch, capsys):
    options = ["--steps", "2", "--batch-size", "20", "--source", "embedded", "--no-show"]
    monkeypatch.setattr(sys, "argv", [script.name, *options])
    with pytest.raises(SystemExit) as end:
        runpy.run_path(str(script), run_name="__main__")
    assert end.value.code == 0
    assert "finished after 2 steps" in capsys.readouterr().out


def test_there_is_a_script_for_every_network():
    trained = {path.read_text().split('"train", "')[1].split('"')[0] for path in SCRIPTS}
    assert trained == set(networks.LADDER)
