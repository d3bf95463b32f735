"""LABELS as a zip file: read like the folder, never unpacked, and refused in a sentence."""

import json
import struct
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from app.__main__ import main
from app.calibrating.labels import read_labels
from app.calibrating.sources import Folder, LabelsError, Zip, opened
from app.commands.read import content_of
from app.errors import TooLargeError, UnreadableError
from model.training.mnist import Digits

COUNT = 20
MOST = 1000
ROWS = "file,code,decision,sampling\n" + "".join(f"{n}.png,{n % 10},accept,0.1\n" for n in range(COUNT))


def zipped(path: Path, entries: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as made:
        for name, content in entries.items():
            made.writestr(name, content)
    return path


@pytest.mark.parametrize("folder", ["", "labels/", "exported/Friday/"])
@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_the_rows_and_pictures_are_those_of_the_folder(tmp_path: Path, folder: str, compression: int) -> None:
    (tmp_path / "labels.csv").write_text(ROWS, encoding="utf-8-sig")
    (tmp_path / "é 3.png").write_bytes(b"picture")
    entries = {folder + path.name: path.read_bytes() for path in tmp_path.iterdir()}
    source = opened(zipped(tmp_path / "labels.zip", {**entries, f"__MACOSX/{folder}labels.csv": b"x"}, compression))
    assert read_labels(source) == read_labels(Folder(tmp_path))
    assert content_of("é 3.png", MOST, source) == content_of("./é 3.png", MOST, source) == b"picture"


def test_it_makes_the_calibration_that_the_folder_makes(digits: Digits, tmp_path: Path) -> None:
    labelled = tmp_path / "labelled"
    labelled.mkdir()
    for number in range(COUNT):
        Image.fromarray(digits.images[number]).save(labelled / f"{number}.png")
    rows = [f"{number}.png,{digits.labels[number]}" for number in range(COUNT)]
    (labelled / "labels.csv").write_text("\n".join(["file,code", *rows]), encoding="utf-8")
    entries = {f"labels/{path.name}": path.read_bytes() for path in labelled.iterdir()}
    made = []
    for labels in (labelled, zipped(tmp_path / "labels.zip", entries)):
        assert main(["calibrate", str(labels), "--kind", "digit", "--out", str(tmp_path / "own.json")]) == 0
        made.append(json.loads((tmp_path / "own.json").read_text(encoding="utf-8")))
    assert made[0] == made[1]


@pytest.mark.parametrize("name", ["../outside.png", "/outside.png", "labels/../../outside.png", "outside.png", "\0"])
def test_no_name_leads_out_of_the_file(tmp_path: Path, name: str) -> None:
    (tmp_path / "outside.png").write_bytes(b"secret")
    (tmp_path / "in").mkdir()
    source = opened(zipped(tmp_path / "in" / "labels.zip", {"labels/labels.csv": ROWS.encode()}))
    answer = content_of(name, MOST, source)
    assert isinstance(answer, UnreadableError)
    assert answer.detail == "the file cannot be read: No such file or directory"


def test_no_more_than_the_limit_is_unpacked(tmp_path: Path) -> None:
    entries = {"labels.csv": ROWS.encode(), "large.png": bytes(10_000_000)}
    source = opened(zipped(tmp_path / "labels.zip", entries, zipfile.ZIP_DEFLATED))
    assert len(source.read("large.png", MOST)) == MOST
    assert isinstance(content_of("large.png", MOST, source), TooLargeError)


def test_a_kind_of_compression_whose_size_nothing_bounds_is_not_unpacked(tmp_path: Path) -> None:
    source = opened(zipped(tmp_path / "labels.zip", {"labels.csv": b"", "a.png": b"1"}, zipfile.ZIP_BZIP2))
    answer = content_of("a.png", MOST, source)
    assert isinstance(answer, UnreadableError)
    assert answer.detail == "the file cannot be read: it must be stored or deflated in the zip file"


def test_a_broken_picture_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    path = zipped(tmp_path / "labels.zip", {"labels.csv": ROWS.encode(), "a.png": b"first", "b.png": b"second"})
    path.write_bytes(path.read_bytes().replace(b"first", b"FIRST"))
    source = opened(path)
    answer = content_of("a.png", MOST, source)
    assert isinstance(answer, UnreadableError)
    assert answer.detail.startswith("the file cannot be read: it cannot be unpacked: Bad CRC-32")
    assert content_of("b.png", MOST, source) == b"second"


def test_an_encrypted_picture_is_told(tmp_path: Path) -> None:
    path = zipped(tmp_path / "labels.zip", {"labels.csv": ROWS.encode(), "a.png": b"first"})
    content = bytearray(path.read_bytes())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        struct.pack_into("<H", content, content.rindex(signature) + flags, 1)
    path.write_bytes(content)
    answer = content_of("a.png", MOST, opened(path))
    assert isinstance(answer, UnreadableError)
    assert "password required" in answer.detail


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"file,code\n", "must be a folder or a whole zip file: File is not a zip file"),
        (b"PK\x03\x04 and no more", "must be a folder or a whole zip file: File is not a zip file"),
        (b"", "must be a folder or a whole zip file: File is not a zip file"),
    ],
)
def test_what_is_no_whole_zip_file_gets_a_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "labels.zip"
    path.write_bytes(content)
    with pytest.raises(LabelsError, match=sentence):
        opened(path)


def test_a_zip_file_cut_off_gets_a_sentence(tmp_path: Path) -> None:
    path = zipped(tmp_path / "labels.zip", {"labels.csv": ROWS.encode()})
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(LabelsError, match="must be a folder or a whole zip file"):
        Zip(path)


@pytest.mark.parametrize(("names", "held"), [(["a.png"], 0), (["one/labels.csv", "two/labels.csv"], 2)])
def test_a_zip_file_must_hold_one_table(tmp_path: Path, names: list[str], held: int) -> None:
    path = zipped(tmp_path / "labels.zip", dict.fromkeys(names, b""))
    with pytest.raises(LabelsError, match=f"must hold one labels.csv, beside its pictures; it holds {held}"):
        opened(path)
