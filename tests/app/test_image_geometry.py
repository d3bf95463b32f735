"""Which way up an image is, and how wide its pixels are."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from app.images import Limits, decode
from app.service import Question, Service
from app.settings import Settings
from model.reader import Options
from tests.app.encoding import decoded, encoded, written

# What a viewer does to the stored pixels, by EXIF orientation; and what undoes it.
TURNS: dict[int, Any] = {
    1: lambda pixels: pixels,
    2: lambda pixels: pixels[:, ::-1],
    3: lambda pixels: pixels[::-1, ::-1],
    4: lambda pixels: pixels[::-1],
    5: lambda pixels: pixels.swapaxes(0, 1),
    6: lambda pixels: np.rot90(pixels, -1),
    7: lambda pixels: pixels[::-1, ::-1].swapaxes(0, 1),
    8: np.rot90,
}
UNDOING = {**TURNS, 6: TURNS[8], 8: TURNS[6]}
KINDS: dict[str, dict[str, Any]] = {
    "PNG": {},
    "JPEG": {"quality": 95},
    "WEBP": {"lossless": True},
    "TIFF": {},
    "TIFF of a fax": {"compression": "group4"},
    "TIFF packed": {"compression": "tiff_lzw"},
}


def turned(pixels: NDArray[np.uint8], orientation: int, kind: str) -> bytes:
    """Return a file that a viewer shows as `pixels`, although they are stored turned."""
    stored = Image.fromarray(np.ascontiguousarray(UNDOING[orientation](pixels)))
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encoded(
        stored.convert("1") if "fax" in kind else stored, kind.split(maxsplit=1)[0], exif=exif, **KINDS[kind]
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("orientation", TURNS)
def test_an_image_of_any_orientation_is_upright(kind: str, orientation: int) -> None:
    pixels = np.where(written() > 100, 255, 0).astype(np.uint8)
    found = decode(turned(pixels, orientation, kind), Limits(10_000, 10_000))
    assert (found.width, found.height) == (120, 48)
    shown = np.atleast_3d(found.picture)
    assert shown.shape[:2] == (48, 120)
    assert np.abs(shown.astype(int) - pixels[:, :, None]).mean() < 2  # JPEG's noise


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_a_large_turned_image_is_reduced_upright(kind: str) -> None:
    pixels = written(3_000, 7_000)
    found = decode(turned(pixels, 6, kind), Limits(25_000_000, 25_000_000))
    assert (found.width, found.height) == (7_000, 3_000)
    height, width = found.picture.shape[:2]
    assert width * height < 6_000_000
    assert abs(width / height - 7 / 3) < 0.01
    fair = np.asarray(Image.fromarray(pixels).resize((width, height)))
    assert np.abs(np.atleast_3d(found.picture)[:, :, 0].astype(int) - fair).mean() < 1


def jfif(across: int, down: int, unit: int) -> bytes:
    content = bytearray(encoded(Image.fromarray(written()), "JPEG", dpi=(72, 72), quality=95))
    at = content.index(b"JFIF\0") + 7
    content[at : at + 5] = bytes([unit, 0, across, 0, down])
    return bytes(content)


def with_exif_densities(kind: str) -> bytes:
    exif = Image.Exif()
    exif[0x011A], exif[0x011B], exif[0x0128] = 204.0, 98.0, 2
    content = encoded(Image.fromarray(written()), kind, exif=exif, **({"quality": 95} if kind == "JPEG" else {}))
    if kind == "JPEG":  # as cameras do, without JFIF's own densities
        end = 4 + int.from_bytes(content[4:6], "big")
        assert content[6:10] == b"JFIF"
        content = content[:2] + content[end:]
    return content


FAXES = {
    "TIFF": encoded(Image.fromarray(written()), "TIFF", dpi=(204, 98)),
    "TIFF of Group 3": encoded(
        Image.fromarray(written()).convert("1", dither=Image.Dither.NONE), "TIFF", dpi=(204, 98), compression="group3"
    ),
    "TIFF, a centimetre": encoded(
        Image.fromarray(written()), "TIFF", resolution_unit="cm", x_resolution=80.0, y_resolution=38.5
    ),
    "PNG": encoded(Image.fromarray(written()), "PNG", dpi=(204, 98)),
    "BMP": encoded(Image.fromarray(written()), "BMP", dpi=(204, 98)),
    "JPEG": jfif(204, 98, 1),
    "JPEG without a unit": jfif(2, 1, 0),
    "JPEG with EXIF alone": with_exif_densities("JPEG"),
    "WebP with EXIF": with_exif_densities("WEBP"),
}


@pytest.mark.parametrize("name", FAXES)
def test_a_fax_of_low_lines_has_square_pixels_again(name: str) -> None:
    found = decode(FAXES[name], Limits(10_000, 10_000))
    assert (found.width, found.height) == (120, 48)
    assert found.picture.shape[1] == 120
    assert abs(found.picture.shape[0] - 48 * 204 / 98) <= 4


@pytest.mark.parametrize(
    ("dpi", "shape"),
    [
        ((204, 196), (48, 120)),
        ((204, 391), (48, 230)),
        ((98, 204), (48, 250)),
        ((300, 300), (48, 120)),
        ((72, 96), (48, 160)),
        ((300, 1), (48, 120)),
        ((1, 300), (48, 120)),
    ],
)
def test_resolutions_are_believed_within_reason(dpi: tuple[int, int], shape: tuple[int, int]) -> None:
    for kind in ("TIFF", "PNG"):
        found = decoded(Image.fromarray(written()), kind, dpi=dpi)
        assert found.picture.shape == shape
        assert (found.width, found.height) == (120, 48)


@pytest.mark.parametrize("kind", ["TIFF", "PNG"])
def test_a_fax_on_its_side_is_upright_and_square(kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = Image.fromarray(np.ascontiguousarray(UNDOING[6](written())))  # 48 across, 120 down
    found = decoded(stored, kind, dpi=(98, 204), exif=exif)
    assert (found.width, found.height) == (120, 48)
    assert found.picture.shape == (100, 120)


def test_a_page_of_fine_lines_does_not_grow_beyond_what_is_read() -> None:
    page = Image.new("1", (1_728, 4_300), 1)
    found = decode(encoded(page, "TIFF", dpi=(204, 391), compression="group4"), Limits(25_000_000, 25_000_000))
    assert found.picture.shape == (2_243, 1_728)
    assert (found.width, found.height) == (1_728, 4_300)


def test_a_fax_is_read_and_its_boxes_are_in_its_own_pixels() -> None:
    pixels = np.full((200, 200), 255, np.uint8)
    pixels[40:160, 92:108] = 0  # a 1
    squeezed = Image.fromarray(pixels).resize((200, 100))
    service = Service(Settings())
    (answer,) = service.answers([Question(encoded(squeezed, "TIFF", dpi=(200, 100)), Options(kind="digit"), "")])
    assert isinstance(answer, dict)
    assert answer["text"] == "1"
    box = answer["digits"][0]["box"]
    assert abs(box["x"] - 92) <= 3
    assert abs(box["y"] - 20) <= 3
    assert abs(box["width"] - 16) <= 6
    assert abs(box["height"] - 60) <= 6
