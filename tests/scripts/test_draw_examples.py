"""The pictures of app/static/examples."""

from pathlib import Path

import numpy as np
from PIL import Image

import draw_examples
from model.strips.postal import is_listed
from tests.conftest import ROOT
from tests.scripts.test_train_and_evaluate import script


def pixels(path: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    with Image.open(path) as picture:
        return np.asarray(picture, np.int16)


def test_the_examples_are_what_the_script_draws(tmp_path: Path) -> None:
    done = script("draw_examples.py", "--out", tmp_path, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for file in (file for name in draw_examples.EXAMPLES for file in draw_examples.files_of(name)):
        drawn, kept = pixels(tmp_path / file), pixels(ROOT / "app" / "static" / "examples" / file)
        assert drawn.shape == kept.shape
        assert np.abs(drawn - kept).mean() <= 1  # other machines round differently


def test_the_code_drawn_is_a_french_one() -> None:
    assert is_listed("fr", draw_examples.EXAMPLES["code"])


def test_a_folder_that_cannot_be_made_gets_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = script("draw_examples.py", "--out", tmp_path / "file", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("draw_examples.py: ")
