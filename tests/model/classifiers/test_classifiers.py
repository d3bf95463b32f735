"""The laws that every classifier obeys, and the artifact that carries it."""

import json
import re
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model import artifact
from model.arrays import ArtifactError, read_arrays, write_arrays
from model.artifact import Artifact
from model.classifiers.committee import Committee
from model.engine.batch_norm import BatchNorm
from model.engine.convolution import Conv2D
from model.engine.dense import Dense, Dropout, ReLU
from model.engine.folding import folded
from model.engine.layer import Layer
from model.engine.losses import SoftmaxCrossEntropy
from model.engine.network import Network
from model.engine.normalisation import Normalisation
from model.engine.pooling import Flatten, MaxPool, ToImages
from model.training import initialisation
from model.training.mnist import Digits, as_ink
from model.training.recipes import RECIPES
from model.training.recipes.recipe import Run, Trained
from tests.conftest import FIT, TRIED


def convolutional() -> Network:
    """A small convolutional network of every kind of layer, with random weights and statistics."""
    layers: list[Layer] = [
        *(ToImages(), Conv2D(1, 8, bias=False), BatchNorm(8), ReLU()),
        *(Conv2D(8, 8, 3, 1, 1), BatchNorm(8), MaxPool(), ReLU(), Dropout(0.1)),
        *(Conv2D(8, 16, 3, 2), ReLU(), Flatten(), Dense(16 * 36, 32, np.float32), BatchNorm(32), ReLU(), Dense(32, 10)),
    ]
    initialisation.he(layers, 1)
    network = Network(
        layers, SoftmaxCrossEntropy(), Normalisation(np.array(0.13, np.float32), np.array(0.31, np.float32))
    )
    random = np.random.default_rng(2)
    for name, array in {**network.parameters(), **network.statistics()}.items():
        if array.ndim == 1:
            sign = 1 if name.endswith("variance") else random.choice([-1, 1], array.shape)
            array[...] = sign * random.uniform(0.5, 1.5, array.shape)
    network.parameters()[f"{len(layers) - 1}.weights"][...] *= 0.3  # logits about as large as a trained network's
    return network


def test_a_row_gets_the_same_answer_alone_and_in_a_batch(trained: Trained, digits: Digits) -> None:
    images = as_ink(digits.images[:300])
    together = trained.classifier.probabilities(images)
    alone = np.concatenate([trained.classifier.probabilities(images[k : k + 1]) for k in range(300)])
    assert np.abs(together - alone).max() < 1e-5


def test_probabilities_sum_to_one_and_the_input_is_unchanged(trained: Trained, digits: Digits) -> None:
    images = as_ink(digits.images[:100])
    images[0] = 0
    before = images.copy()
    probabilities = trained.classifier.probabilities(images)
    assert probabilities.dtype == np.float32
    assert probabilities.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert np.array_equal(images, before)
    assert trained.classifier.probabilities(images[:0]).shape == (0, 10)


def test_eight_threads_reading_at_once_give_the_answers_of_one(trained: Trained, digits: Digits) -> None:
    blocks = [as_ink(digits.images[start : start + 25]) for start in range(0, 500, 25)]
    one = [trained.classifier.probabilities(block) for block in blocks]
    with ThreadPoolExecutor(8) as pool:
        eight = list(pool.map(trained.classifier.probabilities, blocks))
    assert all(np.array_equal(a, b) for a, b in zip(one, eight, strict=True))


def test_every_recipe_reads_most_digits_and_says_what_it_did(trained: Trained, digits: Digits) -> None:
    unseen = digits[TRIED : TRIED + 1_000]
    read = trained.classifier.probabilities(as_ink(unseen.images)).argmax(axis=1)
    right = float((read == unseen.labels).mean())
    assert right > 0.75, f"{right:.2%} of the digits are read; the floor is 75 %"
    assert trained.history.seconds > 0
    assert trained.header["training"]["data"][0]["images"][1] in (FIT.stop, TRIED)


def test_an_artifact_survives_save_and_load(trained: Trained, digits: Digits, tmp_path: Path) -> None:
    path = tmp_path / "copy.npz"
    artifact.save(path, trained.classifier, {"name": "copy", "version": "1", **trained.header})
    copy = artifact.load(path)
    images = as_ink(digits.images[:50])
    assert np.array_equal(copy.classifier.probabilities(images), trained.classifier.probabilities(images))
    assert copy.header["training"] == trained.header["training"]
    assert list(tmp_path.iterdir()) == [path]


def test_a_wrong_shape_is_refused_with_its_value(trained: Trained) -> None:
    with pytest.raises(ValueError, match=re.escape("must be (N, 28, 28); got (2, 784)")):
        trained.classifier.probabilities(np.zeros((2, 784), np.float32))


def test_a_faint_speck_in_a_corner_changes_no_reading(shipped: Artifact, digits: Digits) -> None:
    images = as_ink(digits.images[:1000])
    specked = images.copy()
    specked[:, 0, 0] = 0.1
    assert np.abs(shipped.classifier.probabilities(images) - shipped.classifier.probabilities(specked)).max() < 0.05


def test_the_arrays_of_a_loaded_network_cannot_change(shipped: Artifact) -> None:
    assert isinstance(shipped.classifier, Committee)
    for member in shipped.classifier.members:
        for array in member.parameters().values():
            with pytest.raises(ValueError, match="read-only"):
                array[...] = 0


def test_the_shipped_network_reads_real_digits(shipped: Artifact, digits: Digits) -> None:
    read = shipped.classifier.probabilities(as_ink(digits.images)).argmax(axis=1)
    right = float((read == digits.labels).mean())
    assert right >= 0.995, f"the shipped network reads {right:.2%} of the digits; the floor is 99.5 %"


def test_folding_changes_no_probability_and_leaves_no_batch_normalisation(digits: Digits) -> None:
    network, images = convolutional(), as_ink(digits.images[:100])
    without = folded(network)
    assert not any(isinstance(layer, BatchNorm) for layer in without.layers)
    assert np.abs(network.probabilities(images) - without.probabilities(images)).max() < 1e-5


def test_a_batch_normalisation_that_follows_no_weights_cannot_be_folded() -> None:
    network = convolutional()
    network.layers.insert(1, BatchNorm(1))
    with pytest.raises(ValueError, match="must directly follow"):
        folded(network)


def test_reading_allocates_little_besides_its_buffers(digits: Digits) -> None:
    network, images = folded(convolutional()), as_ink(digits.images[:200])
    network.probabilities(images)
    tracemalloc.start()
    network.probabilities(images)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 200_000, f"reading 200 images took {peak} bytes beside the buffers"


@pytest.fixture(scope="session")
def trained_xor() -> Trained:
    return RECIPES["xor"].train(None, Run())


@pytest.fixture
def xor(trained_xor: Trained, tmp_path: Path) -> Path:
    path = tmp_path / "xor.npz"
    artifact.save(path, trained_xor.classifier, {"name": "xor", "version": "1", **trained_xor.header})
    return path


def test_a_model_that_reads_no_digits_is_refused(xor: Path) -> None:
    with pytest.raises(ArtifactError, match="does not read 28 × 28"):
        artifact.require_digits(artifact.load(xor), xor)


def change(path: Path, **changes: Any) -> None:
    arrays, header, _ = read_arrays(path)
    header.update(changes.pop("header", {}))
    write_arrays(path, {**arrays, **changes}, header)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"0.weights": np.zeros((3, 2))}, "must be float64 (2, 2); got float64 (3, 2)"),
        ({"0.weights": np.zeros((2, 2), np.float32)}, "got float32"),
        ({"0.weights": np.full((2, 2), np.nan)}, "not finite"),
        ({"other": np.zeros(1)}, "its arrays must be"),
        ({"header": {"format": 99}}, "has format 99"),
        ({"header": {"kind": "oracle"}}, "holds a 'oracle'"),
        (
            {"header": {"description": {"layers": [["Magic"]], "loss": "SoftmaxCrossEntropy", "temperature": 1}}},
            "'Magic'",
        ),
        ({"header": {"description": {}}}, "does not hold a whole network"),
    ],
)
def test_an_artifact_with_a_fault_is_refused_with_a_sentence(xor: Path, changes: dict[str, Any], sentence: str) -> None:
    change(xor, **changes)
    with pytest.raises(ArtifactError, match=re.escape(sentence)) as caught:
        artifact.load(xor)
    assert str(xor) in str(caught.value)


def test_a_truncated_artifact_is_refused_wherever_it_ends(xor: Path) -> None:
    content = xor.read_bytes()
    for length in range(0, len(content), 97):
        xor.write_bytes(content[:length])
        with pytest.raises(ArtifactError, match=re.escape(str(xor))):
            artifact.load(xor)


def test_an_artifact_with_pickled_objects_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "pickle.npz"
    header = np.frombuffer(json.dumps({"format": 1}).encode(), np.uint8)
    np.savez(path, header=header, evil=np.array([{}], dtype=object))
    with pytest.raises(ArtifactError, match="is not an artifact"):
        artifact.load(path)
