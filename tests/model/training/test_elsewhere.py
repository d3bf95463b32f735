"""Other writers' digits are taken for what they are, and a file that is none of theirs is refused."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from model import artifact
from model.shipped import CNN
from model.training import elsewhere
from model.training.mnist import Digits, as_ink


@pytest.fixture
def bits(digits: Digits) -> NDArray[np.uint8]:
    """Fifty digits as optdigits holds them: 32 × 32 bits, white on black."""
    framed = np.pad(digits.images[:50], ((0, 0), (2, 2), (2, 2)))
    return np.where(framed > 127, np.uint8(255), np.uint8(0))


def test_bits_become_strokes_that_the_reader_knows(bits: NDArray[np.uint8], digits: Digits, tmp_path: Path) -> None:
    np.savez(tmp_path / "optdigits.npz", x_train=bits, y_train=digits.labels[:50])
    found = elsewhere.load(tmp_path / "optdigits.npz")
    assert found.digits.images.shape == (50, 28, 28)
    inside = found.digits.images[found.digits.images > 0]
    assert 0.2 < (inside < 255).mean() < 0.8, "strokes have soft edges"
    read = artifact.load(CNN).classifier.probabilities(as_ink(found.digits.images)).argmax(axis=1)
    assert (read == digits.labels[:50]).sum() >= 46


def test_a_fifth_of_the_digits_is_left_for_choices(bits: NDArray[np.uint8], digits: Digits, tmp_path: Path) -> None:
    np.savez(tmp_path / "optdigits.npz", x_train=bits, y_train=digits.labels[:50])
    found = elsewhere.load(tmp_path / "optdigits.npz")
    assert (len(found.fit), len(found.validation)) == (40, 10)
    about = found.about()
    assert about["images"] == [0, 40]
    assert about["licence"] == "CC BY 4.0"
    assert len(about["sha256"]) == 64


def test_the_checksum_follows_the_content(bits: NDArray[np.uint8], digits: Digits, tmp_path: Path) -> None:
    checksums = []
    for labels in (digits.labels[:50], digits.labels[50:100]):
        np.savez(tmp_path / "optdigits.npz", x_train=bits, y_train=labels)
        checksums.append(elsewhere.load(tmp_path / "optdigits.npz").digits.sha256)
    assert checksums[0] != checksums[1]


@pytest.mark.parametrize(
    ("name", "arrays", "sentence"),
    [
        ("others.npz", {}, "must be named optdigits.npz or semeion.npz"),
        ("semeion.npz", {"x": np.zeros((3, 16, 16), np.uint8)}, "with the arrays x and y"),
        ("semeion.npz", {"x": np.zeros((3, 32, 32), np.uint8), "y": np.zeros(3, np.uint8)}, r"\(N, 16, 16\)"),
        ("semeion.npz", {"x": np.zeros((3, 16, 16), np.uint8), "y": np.full(3, 10, np.uint8)}, "from 0 to 9"),
    ],
)
def test_another_file_is_refused(
    name: str, arrays: dict[str, NDArray[np.uint8]], sentence: str, tmp_path: Path
) -> None:
    np.savez(tmp_path / name, **arrays)  # type: ignore[arg-type]  # NumPy's own keyword has no array
    with pytest.raises(ValueError, match=sentence):
        elsewhere.load(tmp_path / name)
