"""Break real image files in many ways and have the service read them: whatever comes must be a reading or a refusal.

Images of every type that the service takes are made here, and small ones below --data are added. Each is mutated, its
checksums mended half of the time so that the damage gets past them, and read as a request's body would be. A fault,
or a reading that takes more than a second of CPU, is kept in --out. While a file is read it lies there as `current`:
where the whole process dies, that is the file. The exit code is 1 where one was kept.
Example: python scripts/fuzz.py --count 100000 --out /tmp/fuzz
"""

import argparse
import io
import sys
import time
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, features
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from model.reader import Options

if TYPE_CHECKING:
    from app.service import Service

MOST_SECONDS = 1.0
"""Of CPU that one reading may take."""
MOST_BYTES = 100_000  # of a file below --data: larger ones make the mutations few
MOST_MUTATIONS = 6
INTERESTING = (0, 1, 2, 7, 8, 15, 16, 127, 128, 254, 255, 256, 4095, 5000, 32767, 65535, 65536, 2**31 - 1, 2**32 - 1)
PNG = b"\x89PNG\r\n\x1a\n"
# Decoding is what is tested, and strips take long to read.
OPTIONS = (Options(kind="digit"), Options(kind="digit"), Options(kind="digit"), Options())


def drawn(random: np.random.Generator, height: int = 40, width: int = 100) -> Image.Image:
    """Return a grey picture of a few strokes on paper."""
    pixels = random.integers(200, 256, (height, width)).astype(np.uint8)
    for left in range(10, width - 20, 25):
        pixels[8:32, left : left + 4] = 20
        pixels[8:12, left : left + 12] = 30
    return Image.fromarray(pixels)


def made(random: np.random.Generator) -> Iterator[tuple[str, bytes]]:
    """Yield an image of every type, mode and compression, each with its name."""
    grey = drawn(random)
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a strip"
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
        picture = Image.fromarray(np.asarray(grey, np.uint16) * 257) if mode == "I;16" else grey.convert(mode)
        yield f"{mode}.png", saved(picture, "PNG")
    yield "exif.png", saved(grey, "PNG", exif=exif, icc_profile=bytes(300), dpi=(300, 300))
    yield "animated.png", saved(grey, "PNG", save_all=True, append_images=[drawn(random), drawn(random)])
    for mode in ("L", "RGB", "CMYK"):
        yield f"{mode}.jpg", saved(grey.convert(mode), "JPEG", exif=exif)
    yield "progressive.jpg", saved(grey, "JPEG", progressive=True, quality=50)
    yield "phone.jpg", saved(grey, "MPO", save_all=True, append_images=[drawn(random)], exif=exif)
    yield "cut.jpg", saved(grey, "JPEG")[:-2]
    if features.check("avif"):
        yield "still.avif", saved(grey.convert("RGBA"), "AVIF", exif=exif)
    yield "lossy.webp", saved(grey.convert("RGB"), "WEBP", exif=exif)
    yield "lossless.webp", saved(grey.convert("RGBA"), "WEBP", lossless=True)
    yield "animated.webp", saved(grey.convert("RGB"), "WEBP", save_all=True, append_images=[drawn(random)])
    for compression in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg"):
        yield f"{compression}.tif", saved(grey, "TIFF", compression=compression, exif=exif)
    for compression in ("group3", "group4", "tiff_ccitt"):
        yield f"{compression}.tif", saved(grey.convert("1"), "TIFF", compression=compression)
    yield "pages.tif", saved(grey, "TIFF", save_all=True, append_images=[drawn(random), drawn(random)])
    yield "fax.tif", saved(grey.convert("1"), "TIFF", compression="group3", dpi=(204, 98))
    yield "deep.tif", saved(Image.fromarray(np.asarray(grey, np.uint16) * 16), "TIFF")
    yield "float.tif", saved(grey.convert("F"), "TIFF")
    for mode in ("1", "L", "P", "RGB"):
        yield f"{mode}.bmp", saved(grey.convert(mode), "BMP")
    yield "one.gif", saved(grey.convert("P"), "GIF", transparency=0)
    yield "many.gif", saved(grey, "GIF", save_all=True, append_images=[drawn(random), drawn(random)])
    yield "digit.png", saved(drawn(random, 40, 40).resize((28, 28)), "PNG")


def saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    """Return `picture` as a file of the type `kind`."""
    content = io.BytesIO()
    picture.save(content, kind, **options)
    return content.getvalue()


def found(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the small images below `folder`, each with its name."""
    from app.decoding.image_types import is_image

    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.stat().st_size <= MOST_BYTES and is_image(content := path.read_bytes()):
            yield path.name, content


def mutated(content: bytes, other: bytes, random: np.random.Generator) -> bytes:
    """Return `content` with some of its bytes changed, dropped, doubled, or taken from `other`."""
    broken = bytearray(content)
    for _ in range(random.integers(1, MOST_MUTATIONS + 1)):
        # Most of what steers a decoder stands near the beginning.
        most = len(broken) if random.random() < 0.5 else min(len(broken), 200)
        at, length = int(random.integers(max(1, most))), int(random.geometric(0.1))
        match random.integers(7):
            case 0:
                broken[at : at + 1] = bytes([int(random.integers(256))])
            case 1 if at < len(broken):
                broken[at] ^= 1 << int(random.integers(8))
            case 2:
                size = int(random.choice((1, 2, 4)))
                number = INTERESTING[random.integers(len(INTERESTING))] % 256**size
                broken[at : at + size] = number.to_bytes(size, "little" if random.random() < 0.5 else "big")
            case 3:
                del broken[at : at + length]
            case 4:
                broken[at:at] = broken[at : at + length] * int(random.integers(1, 20))
            case 5:
                start = int(random.integers(len(other)))
                broken[at : at + length] = other[start : start + length]
            case _ if random.random() < 0.3:
                del broken[max(at, 20) :]
    return with_checksums(bytes(broken)) if random.random() < 0.5 else bytes(broken)


def with_checksums(content: bytes) -> bytes:
    """Return a PNG whose chunks have the checksums that they should have; anything else as it is."""
    if not content.startswith(PNG):
        return content
    mended, at = bytearray(content), len(PNG)
    while at + 12 <= len(mended):
        end = at + 8 + int.from_bytes(mended[at : at + 4], "big")
        if end + 4 > len(mended):
            break
        mended[end : end + 4] = zlib.crc32(mended[at + 4 : end]).to_bytes(4, "big")
        at = end + 4
    return bytes(mended)


def complaint(service: "Service", content: bytes, options: Options) -> tuple[str, str]:
    """Read `content`; return what came of it in a word or two, and what is wrong with that, if anything."""
    from app.errors import ServiceError
    from app.service import Question

    began = time.thread_time()
    (answer,) = service.answers([Question(content, options, "fuzz")])
    taken = time.thread_time() - began
    if isinstance(answer, Exception) and not isinstance(answer, ServiceError):
        return "fault", f"{type(answer).__name__}: {answer}"
    outcome = str(answer.status) if isinstance(answer, ServiceError) else "read"
    return outcome, f"took {taken:.2f} s of CPU" if taken > MOST_SECONDS else ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100_000, help="how many mutations to read (100000)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed breaks the same files in the same way (1)")
    parser.add_argument("--data", type=Path, help="folder of further images")
    parser.add_argument("--out", type=Path, default=Path("data/fuzz"), help="where offending files go (data/fuzz)")
    options = parser.parse_args()
    from app.service import Service
    from app.settings import Settings

    options.out.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(options.seed)
    files = [*made(random), *(found(options.data) if options.data else ())]
    service, current = Service(Settings()), options.out / "current"
    outcomes, kept = Counter[str](), 0
    with threadpool_limits(1, "blas"), tqdm(total=options.count, unit="file", dynamic_ncols=True) as bar:
        for number in range(options.count):
            name, content = files[number % len(files)]
            broken = mutated(content, files[random.integers(len(files))][1], random)
            current.write_bytes(broken)
            outcome, wrong = complaint(service, broken, OPTIONS[number % len(OPTIONS)])
            outcomes[outcome] += 1
            if wrong:
                kept += 1
                current.rename(options.out / f"{options.seed}-{number}-{name}")
                bar.write(f"{options.out}/{options.seed}-{number}-{name}: {wrong}", sys.stderr)
            bar.update()
    current.unlink(missing_ok=True)
    told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
    print(f"{options.count} mutations of {len(files)} files: {told}; {kept} kept in {options.out}")
    return 1 if kept else 0


if __name__ == "__main__":
    sys.exit(main())
