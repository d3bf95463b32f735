"""Where the mail piece lies in a picture, found on pictures that are drawn here."""

import numpy as np
import pytest

from model.envelopes.piece import Piece, find_piece
from model.types import Array

_HEIGHT, _WIDTH = 450, 600


def _lain(angle: float, size: tuple[float, float], centre: tuple[float, float], bent: Array) -> Array:
    """Return the corners (4, 2) of a piece of `size` turned by `angle` degrees, each moved out by its share `bent`."""
    along = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    across = np.array([-along[1], along[0]])
    shares = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) / 2 * size
    return np.asarray((shares @ np.stack([along, across])) * (1 + bent[:, None]) + centre)


def _drawn(corners: Array, paper: Array, table: Array, random: np.random.Generator) -> Array:
    """Return a picture (H, W, 3) uint8 of a piece with a stamp and lines of writing on a table."""
    y, x = np.mgrid[:_HEIGHT, :_WIDTH] + 0.5
    u, v = Piece(corners, whole=False).to_piece(np.stack([x.ravel(), y.ravel()], axis=1)).T.reshape(2, _HEIGHT, _WIDTH)
    on_piece = (u > 0) & (u < 1) & (v > 0) & (v < 1)
    # The map is that of the plane: what lies behind the camera is far from these small pieces.
    picture = np.where(on_piece[:, :, None], paper, table)
    picture[on_piece & (u > 0.83) & (u < 0.95) & (v > 0.06) & (v < 0.36)] = random.uniform(20, 200, 3)
    lines = (u > 0.45) & (u < 0.8) & (v > 0.5) & (v < 0.85) & (v * 60 % 6 < 3) & (u * 60 % 2 < 1)
    picture[on_piece & lines] = (30, 30, 90)
    picture = picture + random.normal(0, 2, picture.shape)
    return np.clip(picture, 0, 255).astype(np.uint8)


def _shared(found: Array, true: Array) -> float:
    """Return how much of the picture that either covers is covered by both (intersection over union)."""
    y, x = np.mgrid[:_HEIGHT:3, :_WIDTH:3]
    points = np.stack([x.ravel(), y.ravel()], axis=1)
    first, second = (
        ((shares >= 0) & (shares <= 1)).all(axis=1)
        for shares in (Piece(each, whole=False).to_piece(points) for each in (found, true))
    )
    return float((first & second).sum() / (first | second).sum())


def _any_table(random: np.random.Generator) -> Array:
    """Return a table (H, W, 3) that is plain, of wood or speckled."""
    table = np.zeros((_HEIGHT, _WIDTH, 3)) + random.uniform(10, 140, 3)
    y, x = np.mgrid[:_HEIGHT, :_WIDTH]
    texture = random.integers(3)
    if texture == 1:
        table += 8 * np.sin(y / random.uniform(2, 8) + np.sin(x / 50))[:, :, None]
    if texture == 2:
        table += random.normal(0, 8, (_HEIGHT, _WIDTH, 1))
    return table


def test_most_pieces_are_found_at_any_angle_and_few_wrong() -> None:
    random = np.random.default_rng(19)
    right = wrong = 0
    for _ in range(20):
        size = float(random.uniform(260, 380))
        corners = _lain(
            float(random.uniform(0, 360)),
            (size, size / float(random.choice([2, 1.41]))),
            (_WIDTH / 2 + float(random.uniform(-60, 60)), _HEIGHT / 2 + float(random.uniform(-20, 20))),
            random.uniform(-0.06, 0.06, 4),
        )
        found = find_piece(_drawn(corners, random.uniform(190, 255, 3), _any_table(random), random))
        alike = _shared(found.corners, corners) >= 0.9
        right += alike and not found.whole
        wrong += not alike and not found.whole
    assert right >= 18
    assert wrong == 0


def test_a_scan_that_is_all_piece_is_whole() -> None:
    random = np.random.default_rng(20)
    corners = np.array([(0, 0), (_WIDTH, 0), (_WIDTH, _HEIGHT), (0, _HEIGHT)], np.float64)
    for _ in range(6):
        picture = _drawn(corners, random.uniform(150, 255, 3), np.zeros(3), random)
        window = random.uniform(150, 240)
        picture[240:400, 250:500] = np.minimum(picture[240:400, 250:500], window)
        picture[40:100:12, 30:180] //= 3  # the sender
        found = find_piece(picture)
        assert found.whole
        np.testing.assert_allclose(found.corners, corners)


def test_a_lighter_table_does_not_hide_the_piece() -> None:
    random = np.random.default_rng(21)
    corners = _lain(30, (380, 190), (310, 220), np.zeros(4))
    found = find_piece(_drawn(corners, np.array([190, 150, 110]), np.array([235, 238, 240]), random))
    np.testing.assert_allclose(found.corners, corners, atol=3)


def test_a_corner_outside_the_picture_is_where_its_sides_meet() -> None:
    random = np.random.default_rng(22)
    corners = _lain(25, (420, 260), (400, 180), np.zeros(4))
    assert corners[:, 1].min() < -15
    found = find_piece(_drawn(corners, np.array([240, 240, 235]), np.array([60, 40, 30]), random))
    np.testing.assert_allclose(found.corners, corners, atol=6)


def test_the_first_side_is_a_long_one_that_leads_right_or_down() -> None:
    random = np.random.default_rng(23)
    for angle in range(0, 360, 90):
        corners = _lain(angle + 3, (340, 180), (300, 225), np.zeros(4))
        found = find_piece(_drawn(corners, np.array([240, 240, 235]), np.array([60, 40, 30]), random))
        sides = np.roll(found.corners, -1, axis=0) - found.corners
        lengths = np.hypot(*sides.T)
        assert lengths[0] > 1.5 * lengths[1]
        assert sides[0, 0] > 0
        turn = sides[0, 0] * sides[1, 1] - sides[0, 1] * sides[1, 0]
        assert turn > 0, "the corners go clockwise"


def test_shares_of_the_piece_and_the_picture_map_to_each_other() -> None:
    piece = Piece(np.array([(10, 20), (300, 40), (280, 200), (30, 170)], np.float64), whole=False)
    unit = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float64)
    np.testing.assert_allclose(piece.from_piece(unit), piece.corners)
    np.testing.assert_allclose(piece.to_piece(piece.corners), unit, atol=1e-9)
    inside = np.array([(0.2, 0.7), (0.9, 0.1)])
    np.testing.assert_allclose(piece.to_piece(piece.from_piece(inside)), inside)


@pytest.mark.parametrize("shape", [(1, 1), (20, 300), (31, 31, 3), (200, 300), (200, 300, 3)])
def test_a_picture_without_anything_in_it_is_whole(shape: tuple[int, ...]) -> None:
    assert find_piece(np.full(shape, 200, np.uint8)).whole


def test_the_same_piece_is_found_in_a_grey_and_a_large_picture() -> None:
    random = np.random.default_rng(24)
    corners = _lain(100, (300, 160), (300, 225), np.zeros(4))
    picture = _drawn(corners, np.array([240, 240, 235]), np.array([60, 40, 30]), random)
    expected = find_piece(picture).corners
    np.testing.assert_allclose(find_piece(picture[:, :, 1]).corners, expected, atol=2)
    large = picture.repeat(3, axis=0).repeat(3, axis=1)
    np.testing.assert_allclose(find_piece(large).corners / 3, expected, atol=2)
