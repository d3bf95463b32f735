"""Connected components, compared with those of SciPy, which the service does not use."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from scipy import ndimage

from model.picture.components import connected_components, masses, substantial

SIDES_AND_CORNERS = np.ones((3, 3))
masks = hnp.arrays(np.bool_, st.tuples(st.integers(1, 24), st.integers(1, 24)))


@settings(deadline=None)
@given(masks)
def test_components_agree_with_scipys(mask: NDArray[np.bool_]) -> None:
    expected, count = ndimage.label(mask, SIDES_AND_CORNERS)
    found = connected_components(mask)
    assert len(found) == count
    # The partition is the same if there are as many pairs of labels as labels.
    assert len(set(zip(expected[mask].tolist(), found.labels[mask].tolist(), strict=True))) == count
    assert not found.labels[~mask].any()


@settings(deadline=None)
@given(masks)
def test_areas_and_boxes_are_those_of_the_labels(mask: NDArray[np.bool_]) -> None:
    found = connected_components(mask)
    for k, (rows, columns) in enumerate(ndimage.find_objects(found.labels)):
        assert found.areas[k] == (found.labels == k + 1).sum()
        assert (found.tops[k], found.bottoms[k]) == (rows.start, rows.stop)
        assert (found.lefts[k], found.rights[k]) == (columns.start, columns.stop)


def test_components_are_numbered_as_rows_are_read() -> None:
    mask = np.array([[0, 0, 1], [1, 0, 0], [1, 0, 1]], dtype=np.bool_)
    np.testing.assert_array_equal(connected_components(mask).labels, [[0, 0, 1], [2, 0, 0], [2, 0, 3]])


def test_a_spiral_of_many_runs_is_one_component() -> None:
    mask = np.zeros((101, 101), dtype=np.bool_)
    for inset in range(0, 50, 4):
        mask[inset, inset : 101 - inset] = mask[100 - inset, inset : 101 - inset] = True
        mask[inset : 101 - inset, 100 - inset] = True
        mask[inset + 4 : 101 - inset, inset] = True
        mask[inset + 4, inset : inset + 5] = True
    _, expected = ndimage.label(mask, SIDES_AND_CORNERS)
    assert len(connected_components(mask)) == expected


def test_a_picture_of_pixels_that_all_touch_by_corners_is_one_component() -> None:
    checkerboard = np.indices((60, 80)).sum(axis=0) % 2 == 0
    assert len(connected_components(checkerboard)) == 1


def test_an_empty_mask_has_no_components() -> None:
    assert len(connected_components(np.zeros((5, 7), dtype=np.bool_))) == 0


def test_a_mask_that_is_not_a_picture_is_refused_with_its_shape() -> None:
    with pytest.raises(ValueError, match=r"mask must have two axes \(H, W\); got shape \(3,\)"):
        connected_components(np.zeros(3, dtype=np.bool_))


def test_a_dot_is_a_speck_and_the_bar_of_a_five_is_not() -> None:
    strength = np.zeros((40, 40), dtype=np.float32)
    strength[10:38, 8:12] = 1  # the body
    strength[4:8, 14:28] = 1  # the bar
    strength[2:4, 36:38] = 1  # a dot
    components = connected_components(strength > 0)
    mass = masses(components, strength)
    body = int(mass.argmax())
    assert mass.sum() == strength.sum()
    kept = substantial(components, mass, body)
    assert [int(area) for area in components.areas[kept]] == [4 * 14, 28 * 4]
