"""The types of image that are read, told by their first bytes, and what to say of some that are not."""

from PIL import features

JPEGS = ("JPEG", "MPO")
"""Pillow's names for JPEG: phones put several into one file (MPO), of which the first is the photo."""
FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "AVIF")
"""Pillow's names for what may be opened."""
LOSSLESS = ("PNG", "TIFF", "BMP", "GIF")
"""Those whose pixels are what was put in, as a rule."""
EXPECTED = "expected a PNG, JPEG, WebP, TIFF, BMP or GIF image"
# The first bytes of each type; those of WebP and AVIF come after a length.
SIGNATURES = (
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    *(b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),  # TIFF, and BigTIFF
    b"BM",
    *(b"GIF87a", b"GIF89a"),
)
_AVIF_BRANDS = {b"avif", b"avis"}
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
_MOST_BRANDS = 256  # bytes of a file's list of brands that are looked at
_OTHERS = (
    (b"%PDF-", "a PDF", "send each page as an image, as `pdftoppm -png` makes them"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000 image", "send it as PNG or JPEG"),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 image", "send it as PNG or JPEG"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL image", "send it as PNG or JPEG"),
    (b"\xff\x0a", "a JPEG XL image", "send it as PNG or JPEG"),
    (b"<svg", "an SVG drawing", "send it as PNG"),
)


def is_image(content: bytes) -> bool:
    """Return whether `content` begins like one of the image types that are read."""
    if content[:4] == b"RIFF":
        return content[8:12] == b"WEBP"
    return content.startswith(SIGNATURES) or (
        not _AVIF_BRANDS.isdisjoint(_brands(content)) and bool(features.check("avif"))
    )


def unsupported(content: bytes, expected: str = EXPECTED) -> str:
    """Return what to tell the sender of `content`, which is no image that is read: what it is, and what to send."""
    brands = _brands(content)
    if not _AVIF_BRANDS.isdisjoint(brands):
        return f"AVIF images are not read on this machine: send it as JPEG or PNG; {expected}"
    if not _HEIF_BRANDS.isdisjoint(brands):
        advice = "send it as JPEG (iPhone: Settings, Camera, Formats, Most Compatible)"
        return f"a HEIC image is not read: {advice}; {expected}"
    start = content[:_MOST_BRANDS].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"<?xml") and b"<svg" in content[:4096]:
        start = b"<svg"
    for signature, name, advice in _OTHERS:
        if start.startswith(signature):
            return f"{name} is not read: {advice}; {expected}"
    return f"the {len(content)} bytes sent are of an unsupported image type; {expected}"


def _brands(content: bytes) -> set[bytes]:
    """Return the brands that an ISO base media file (AVIF, HEIC, video) names at its beginning; none for others."""
    if content[4:8] != b"ftyp":
        return set()
    end = min(int.from_bytes(content[:4], "big"), _MOST_BRANDS)
    return {content[8:12], *(content[at : at + 4] for at in range(16, end, 4))}
