"""Archives: every picture of every kind of source is one row, which says what the service says."""

import io
import json
import shutil
import sys
import tarfile
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import read_archive
from app.archives import command, tiff_pages
from app.archives.engine import EngineError, read
from app.archives.entries import Block, Picture, divided
from app.archives.opening import source_of
from app.archives.parts import Parts
from app.archives.plan import alone
from app.archives.pool import Pool
from app.archives.reading import Task, rows_of
from app.archives.rows import COLUMNS, TOLD
from app.archives.source import SourceError
from app.archives.windows import Window
from app.heavy import HeavyProcess
from app.service import Question, Service
from app.settings import Settings
from model.options import Options
from model.training.mnist import Digits

pa: Any = import_module("pyarrow")  # it has no types
parquet: Any = import_module("pyarrow.parquet")

MOST = 20_000_000
DIGIT = ("--kind", "digit", "--workers", "1", "--block", "4", "--format", "jsonl")
PAGES = 3


def run(*arguments: str | Path) -> int:
    """Run the command in this process; return its exit code."""
    try:
        return command.run(read_archive.parser().parse_args([str(argument) for argument in arguments]))
    except SystemExit as stopped:
        return int(str(stopped.code))


@pytest.fixture(scope="module")
def folder(digits: Digits, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten digits, four of them in a TIFF, in a folder and one below it; a note, and a picture that is cut short."""
    folder = tmp_path_factory.mktemp("scans")
    pictures = [Image.fromarray(pixels) for pixels in digits.images[:10]]
    (folder / "below").mkdir()
    for number, picture in enumerate(pictures[:6]):
        picture.save(folder / ("below" if number % 2 else "") / f"{number}.png")
    pictures[6].save(folder / "one.tif")
    pictures[7].save(folder / "pages.tif", save_all=True, append_images=pictures[8:])
    (folder / "note.txt").write_text("hello", encoding="utf-8")
    (folder / "cut.png").write_bytes((folder / "0.png").read_bytes()[:-40])
    return folder


def packed(folder: Path, path: Path) -> Path:
    with tarfile.open(path, "w:gz" if path.suffix == ".gz" else "w") as archive:
        for file in sorted(folder.rglob("*"), reverse=True):
            archive.add(file, file.relative_to(folder).as_posix(), recursive=False)
    return path


def as_parquet(folder: Path, path: Path) -> Path:
    files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
    names = [file.relative_to(folder).as_posix() for file in files]
    table = pa.table({"path": names, "image": [file.read_bytes() for file in files]})
    parquet.write_table(table, path, row_group_size=5)
    return path


def contents(source: Path, skipped: Sequence[int] = ()) -> list[tuple[str, int, bytes | str]]:
    """Return name, page and content of every picture, as the reading has them, but for those that are skipped."""
    opened = source_of(source, MOST, "image", None)
    entries = [entry for number, entry in enumerate(opened.entries()) if number not in skipped]
    return [(each.name, each.page, each.content) for each in opened.pictures(entries)]


@pytest.fixture(scope="module")
def out(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the command writes for the folder."""
    out = tmp_path_factory.mktemp("out") / "readings"
    assert run(folder, "--out", out, *DIGIT) == 0
    return out


def lines(out: Path) -> list[dict[str, Any]]:
    parts = sorted((out / "readings").iterdir())
    assert [part.name for part in parts] == [f"part-000000{number}.jsonl" for number in range(3)]
    return [json.loads(line) for part in parts for line in part.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def rows(out: Path) -> list[dict[str, Any]]:
    return lines(out)


def test_every_picture_of_a_folder_is_a_row_in_the_order_of_names(rows: list[dict[str, Any]], digits: Digits) -> None:
    below = [f"below/{number}.png" for number in (1, 3, 5)]
    names = ["0.png", "2.png", "4.png", *below, "cut.png", "note.txt", "one.tif"]
    pages = [("pages.tif", page) for page in range(1, PAGES + 1)]
    assert [(row["name"], row["page"]) for row in rows] == [(name, 1) for name in names] + pages
    assert all(tuple(row) == COLUMNS for row in rows)
    texts = {(row["name"], row["page"]): row["text"] for row in rows}
    labels = [str(label) for label in digits.labels[:10]]
    assert [texts[f"below/{number}.png" if number % 2 else f"{number}.png", 1] for number in range(6)] == labels[:6]
    assert [texts["one.tif", 1], *(texts[page] for page in pages)] == labels[6:]


def test_an_unreadable_picture_is_a_row_with_its_reason(rows: list[dict[str, Any]]) -> None:
    errors = {row["name"]: row["error"] for row in rows if row["error"] is not None}
    assert errors.keys() == {"cut.png", "note.txt"}
    assert "truncated" in errors["cut.png"]
    assert "unsupported image type" in errors["note.txt"]


def test_rows_say_what_the_service_says(rows: list[dict[str, Any]], folder: Path) -> None:
    service = Service(Settings())
    for row in rows:
        if row["error"] is None and row["name"] != "pages.tif":
            content = (folder / row["name"]).read_bytes()
            (answer,) = service.answers([Question(content, Options(kind="digit"), "test")])
            assert isinstance(answer, dict)
            told = json.loads(json.dumps({name: answer[name] for name in TOLD}))
            assert row["confidence"] == pytest.approx(told.pop("confidence"), abs=1e-5)
            assert {name: row[name] for name in told} == told
            assert row["model"] == service.artifact.sha256


@pytest.mark.parametrize("kind", ["tar", "tar.gz", "parquet"])
def test_every_kind_of_archive_holds_the_same_pictures(kind: str, folder: Path, tmp_path: Path) -> None:
    path = tmp_path / f"scans.{kind}"
    archive = as_parquet(folder, path) if kind == "parquet" else packed(folder, path)
    found, expected = contents(archive), contents(folder)
    if kind != "tar":  # their TIFFs are taken apart when they are read
        content = (folder / "pages.tif").read_bytes()
        expected = [each for each in expected if each[0] != "pages.tif"] + [("pages.tif", 0, content)]
    assert sorted(found) == sorted(expected)
    assert contents(archive, range(1, 8)) == [found[0], *found[8:]]  # as when it is gone on with


def test_a_tiff_is_its_pages_wherever_it_lies(folder: Path) -> None:
    planned = contents(folder / "pages.tif")
    content = (folder / "pages.tif").read_bytes()
    assert [page for _, page, _ in planned] == [1, 2, 3]
    assert [content for _, _, content in planned] == list(tiff_pages.several(content, MOST))


def _tiff(pictures: Sequence[Image.Image], **options: Any) -> bytes:
    content = io.BytesIO()
    pictures[0].save(content, "TIFF", save_all=True, append_images=pictures[1:], **options)
    return content.getvalue()


@pytest.mark.parametrize(
    ("mode", "options"),
    [
        ("L", {"compression": "tiff_lzw"}),
        ("L", {"compression": "jpeg"}),
        ("1", {"compression": "group4"}),
        ("RGB", {"big_tiff": True}),
        ("RGB", {"compression": "tiff_adobe_deflate", "dpi": (300, 300)}),
    ],
)
def test_a_page_taken_out_holds_the_same_pixels(mode: str, options: dict[str, Any]) -> None:
    random = np.random.default_rng(1)
    pictures = [Image.fromarray(random.integers(0, 256, (40, 60), np.uint8)).convert(mode) for _ in range(PAGES)]
    content = _tiff(pictures, **options)
    pages = list(tiff_pages.several(content, MOST))
    assert len(pages) == PAGES
    with Image.open(io.BytesIO(content)) as whole:
        for number, page in enumerate(pages):
            assert isinstance(page, bytes)
            assert len(page) < len(content)
            whole.seek(number)
            with Image.open(io.BytesIO(page)) as alone:
                assert np.array_equal(np.asarray(alone), np.asarray(whole))
                assert alone.info.get("dpi") == whole.info.get("dpi")


def test_a_broken_tiff_is_never_more_than_an_error() -> None:
    random = np.random.default_rng(1)
    content = _tiff([Image.fromarray(random.integers(0, 256, (20, 20), np.uint8)) for _ in range(PAGES)])
    assert list(tiff_pages.several(content[: len(content) // 2], MOST))[-1:] != []
    for _ in range(300):
        broken = bytearray(content)
        for at in random.integers(0, len(broken), 4):
            broken[at] = random.choice((0, 1, 8, 127, 255, int(random.integers(256))))
        for page in tiff_pages.several(bytes(broken), MOST):
            assert isinstance(page, bytes | ValueError | OverflowError)


def test_a_list_of_pages_that_runs_in_a_circle_ends() -> None:
    content = bytearray(_tiff([Image.new("L", (8, 8))]))
    first = int.from_bytes(content[4:8], "little")
    end = first + 2 + 12 * int.from_bytes(content[first : first + 2], "little")
    content[end : end + 4] = first.to_bytes(4, "little")
    assert tiff_pages.pages(Window(io.BytesIO(content), 0, len(content))) == [first, 0]


def test_a_page_over_the_limit_is_refused(folder: Path) -> None:
    found = list(source_of(folder / "pages.tif", 500, "image", None).entries())
    told = [each.content for each in source_of(folder / "pages.tif", 500, "image", None).pictures(found)]
    assert all("more than 500 bytes" in str(each) for each in told)


def test_a_crash_of_the_decoder_costs_one_picture(digits: Digits) -> None:
    content = io.BytesIO()
    Image.fromarray(digits.images[0]).save(content, "PNG")
    service = Service(Settings())
    task = Task.of(Options(kind="digit"), service.settings, service.loaded)

    class Crashing(HeavyProcess):
        """Its process dies of the second picture."""

        def answers(self, questions: Sequence[Question]) -> list[Any]:
            if questions[0].request_id == "1":
                assert self._process is not None
                self._process.kill()
                self._process.wait()
                self._process.poll = lambda: None  # type: ignore[method-assign]  # as if it died a moment later
            return super().answers(questions)

    process = Crashing(service.settings, service.loaded)
    pictures = [Picture(str(number), 1, content.getvalue()) for number in range(3)]
    errors = [row["error"] for row in rows_of(pictures, task, process)]
    process.end()
    assert errors[0] is errors[2] is None
    assert "decoder failed" in errors[1]


def test_a_pool_with_another_model_reads_nothing(digits: Digits, folder: Path, tmp_path: Path) -> None:
    pool = Pool(Task.of(Options(kind="digit"), Settings(), "another"), 1)
    try:
        with pytest.raises(EngineError, match="has changed"):
            list(read([Block(0, [Picture("0.png", 1, (folder / "0.png").read_bytes())])], pool))
    finally:
        pool.close()


def test_an_index_is_divided_by_number_and_by_bytes(tmp_path: Path) -> None:
    sizes = [1, 1, 1, 31_000_000, 40_000_000, 1]
    lines = "".join(json.dumps([str(number), 0, size, 0, []]) + "\n" for number, size in enumerate(sizes))
    (tmp_path / "index").write_text(lines, encoding="utf-8")
    blocks = list(divided(tmp_path / "index", 2))
    assert [[entry.size for entry in block] for block in blocks] == [[1, 1], [1, 31_000_000], [40_000_000], [1]]


@pytest.fixture
def begun(folder: Path, out: Path, tmp_path: Path) -> tuple[Path, Path]:
    """A copy of the folder, and an output that one part is missing of."""
    scans, half = tmp_path / "scans", tmp_path / "half"
    shutil.copytree(folder, scans)
    shutil.copytree(out, half)
    (half / "readings" / "part-0000001.jsonl").rename(half / "readings" / ".part-0000001.jsonl.half")
    return scans, half


def test_what_is_missing_is_read_again_and_nothing_else(
    begun: tuple[Path, Path], rows: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    scans, out = begun
    kept = (out / "readings" / "part-0000000.jsonl").stat().st_mtime_ns
    assert run(scans, "--out", out, *DIGIT) == 0
    assert "4 rows written" in capsys.readouterr().err
    assert (out / "readings" / "part-0000000.jsonl").stat().st_mtime_ns == kept
    assert lines(out) == rows


def test_who_goes_on_must_ask_the_same_of_the_same(
    begun: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    scans, out = begun
    assert run(scans, "--out", out, *DIGIT, "--max-error", "0.1") == 2
    assert "'max_error': 0.1" in capsys.readouterr().err
    with alone(out):
        assert run(scans, "--out", out, *DIGIT) == 2
    assert "another process" in capsys.readouterr().err
    (scans / "later.png").write_bytes(b"")
    assert run(scans, "--out", out, *DIGIT) == 2
    assert "other pictures than then" in capsys.readouterr().err
    assert not (out / "readings" / "part-0000001.jsonl").exists()


def test_parts_in_parquet_hold_the_same_rows(rows: list[dict[str, Any]], tmp_path: Path) -> None:
    Parts(tmp_path / "readings", "parquet").write(7, rows)
    assert [path.name for path in (tmp_path / "readings").iterdir()] == ["part-0000007.parquet"]
    assert parquet.read_table(tmp_path / "readings").to_pylist() == rows


def test_a_source_that_is_none_is_one_sentence(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "cut.tar").write_bytes(packed(folder, tmp_path / "scans.tar").read_bytes()[:3000])
    as_parquet(folder, tmp_path / "scans.parquet")
    for source, column, sentence in (
        (tmp_path / "nowhere", "image", "is not there; expected a folder"),
        (folder / "note.txt", "image", "is neither a folder, a tar, a TIFF nor Parquet"),
        (tmp_path / "cut.tar", "image", "cut short after"),
        (tmp_path / "scans.parquet", "picture", "has no column 'picture'"),
        (tmp_path / "scans.parquet", "path", "expected bytes of images"),
    ):
        with pytest.raises(SourceError, match=sentence):
            list(source_of(source, MOST, column, None).entries())


def test_without_the_extra_lines_are_written_and_what_needs_it_is_refused(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("pyarrow", "ray"):
        monkeypatch.setitem(sys.modules, name, None)
    assert run(folder, "--out", tmp_path / "out", "--format", "parquet") == 2
    assert "needs pyarrow: pip install" in capsys.readouterr().err
    assert run(folder, "--out", tmp_path / "out", "--ray", "local") == 2
    assert "--ray needs Ray: pip install" in capsys.readouterr().err
    assert json.loads((tmp_path / "out" / "plan.json").read_bytes())["format"] == "jsonl"


def test_readings_do_not_go_into_the_archive(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder, "--out", folder / "out") == 2
    assert "must lie outside" in capsys.readouterr().err
