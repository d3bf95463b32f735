"""`postal-digits calibrate`: labelled pictures to a file, and the service that loads it."""

import json
import sys
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

from app.__main__ import main
from app.calibrating.labels import read_labels
from app.calibrating.sources import Folder, LabelsError
from app.main import create_app
from app.service import Service
from app.settings import Settings
from model.arrays import ArtifactError
from model.confidence.calibration import load
from model.training.mnist import Digits
from tests.app.services import running

COUNT = 40


@pytest.fixture(scope="module")
def labelled(digits: Digits, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty digits, one of them with a wrong label and one blank, and two files that cannot be read."""
    folder = tmp_path_factory.mktemp("labelled")
    rows = ["file,code"]
    for number in range(COUNT):
        Image.fromarray(digits.images[number]).save(folder / f"{number}.png")
        rows.append(f"{number}.png,{digits.labels[number]}")
    rows[2] = f"1.png,{(digits.labels[1] + 1) % 10}"
    Image.fromarray(np.full((40, 40), 255, np.uint8)).save(folder / "blank.png")
    (folder / "note.txt").write_text("hello", encoding="utf-8")
    rows += ["blank.png,", "note.txt,5", "missing.png,7"]
    (folder / "labels.csv").write_text("\n".join(rows), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def made(labelled: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """The file that was made of them, and what was printed and complained about."""
    out = tmp_path_factory.mktemp("out") / "our-mail.json"
    with pytest.MonkeyPatch.context() as patch:
        printed, told = _Lines(), _Lines()
        patch.setattr(sys, "stdout", printed)
        patch.setattr(sys, "stderr", told)
        assert main(["calibrate", str(labelled), "--kind", "digit", "--out", str(out)]) == 0
    return out, str(printed), str(told)


class _Lines:
    """A stream that keeps what is written to it."""

    def __init__(self) -> None:
        self._text = ""

    def write(self, text: str) -> int:
        self._text += text
        return len(text)

    def flush(self) -> None:
        """Do nothing."""

    def __str__(self) -> str:
        return self._text


def test_what_is_accepted_before_and_after_is_shown_with_what_is_odd(made: tuple[Path, str, str]) -> None:
    _, printed, _ = made
    assert "41 pictures, 1 of them with nothing to read" in printed
    assert "| digits | 0.5% |" in printed
    assert "more pictures are needed" in printed
    assert "- 1.png: labelled " in printed


def test_a_file_that_fails_gets_a_sentence_and_is_left_out(made: tuple[Path, str, str]) -> None:
    _, _, told = made
    assert "note.txt is left out: " in told
    assert "missing.png is left out: the file cannot be read: No such file or directory" in told
    assert len([line for line in told.splitlines() if "left out" in line]) == 2


def test_the_file_names_itself_and_its_weights_and_is_alone_in_its_folder(made: tuple[Path, str, str]) -> None:
    out, _, _ = made
    calibration = load(out)
    assert calibration.name == "our-mail"
    assert calibration.fits(Service(Settings()).reader.weights)
    assert [path.name for path in out.parent.iterdir()] == ["our-mail.json"]


def test_the_service_decides_by_it_and_says_so(made: tuple[Path, str, str], labelled: Path) -> None:
    with running(create_app(Settings(calibration=made[0]))) as url:
        answer = httpx.post(f"{url}/predict?kind=digit", content=(labelled / "0.png").read_bytes()).json()
        card = httpx.get(f"{url}/model").json()["calibration"]
    calibration = load(made[0])
    assert answer["calibration"] == card["name"] == "our-mail"
    assert answer["threshold"] == calibration.threshold("digit", 0.005)
    assert card["sha256"] == calibration.sha256
    assert card["made"]["pictures"] == COUNT + 1


def test_read_decides_by_it_too(
    made: tuple[Path, str, str], labelled: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DIGITS_CALIBRATION", str(made[0]))
    assert main(["read", str(labelled / "1.png"), "--kind", "digit"]) == 0
    assert json.loads(capsys.readouterr().out)["calibration"] == "our-mail"


def test_a_calibration_for_other_weights_stops_the_start(made: tuple[Path, str, str], tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text(made[0].read_text().replace(sorted(load(made[0]).weights)[0], "0" * 64))
    with pytest.raises(ArtifactError, match="was made for other weights"):
        Service(Settings(calibration=other))


def test_a_broken_calibration_stops_the_start_with_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text('{"format": 1, ', encoding="utf-8")
    monkeypatch.setenv("DIGITS_CALIBRATION", str(broken))
    with pytest.raises(SystemExit) as stopped:
        main(["serve"])
    assert stopped.value.code == 2
    assert capsys.readouterr().err == f"postal-digits: {broken} is not a calibration: expected JSON\n"


def rows(folder: Path, *lines: str, count: int = COUNT) -> Path:
    filled = [f"{number}.png,{number % 10}" + ",reject,1" for number in range(count)]
    (folder / "labels.csv").write_text("\n".join(["file,code,decision,sampling", *filled, *lines]), encoding="utf-8")
    return folder


def test_refused_pictures_alone_stop_it(tmp_path: Path) -> None:
    with pytest.raises(LabelsError, match="has refused pictures alone, which say nothing of those that are accepted"):
        read_labels(Folder(rows(tmp_path)))


def test_a_sampled_picture_counts_for_those_that_were_not_sampled(tmp_path: Path) -> None:
    labels = read_labels(Folder(rows(tmp_path, "a.png,12345-6789,accept,0.1")))
    assert (labels[0].weight, labels[-1].weight, labels[-1].code) == (1, 10, "123456789")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (",5,,", "line 42: `file` must name a picture"),
        ("a.png,five,,", "line 42: `code` must be digits, or empty where there is nothing to read; got 'five'"),
        ("a.png,5,maybe,", "line 42: `decision` must be accept, reject or empty; got 'maybe'"),
        ("a.png,5,accept,0", "line 42: `sampling` must be above 0 and at most 1; got '0'"),
        ("a.png,5,accept,nan", "line 42: `sampling` must be above 0 and at most 1; got 'nan'"),
        ("a.png", "line 42: `decision`|has refused pictures alone"),
    ],
)
def test_a_row_that_is_wrong_is_named(tmp_path: Path, line: str, sentence: str) -> None:
    with pytest.raises(LabelsError, match=sentence):
        read_labels(Folder(rows(tmp_path, line)))


def test_too_few_pictures_missing_columns_and_a_missing_file_are_told(tmp_path: Path) -> None:
    with pytest.raises(LabelsError, match=r"labels.csv cannot be read: No such file"):
        read_labels(Folder(tmp_path))
    with pytest.raises(LabelsError, match="has 3 pictures; at least 20 are needed"):
        read_labels(Folder(rows(tmp_path, count=3)))
    (tmp_path / "labels.csv").write_text("picture;code\n", encoding="utf-8")
    with pytest.raises(LabelsError, match="must have the columns file and code; code and file missing"):
        read_labels(Folder(tmp_path))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--out", "shipped.json"], "choose another name"),
        (["--out", "own.json", "--plots", "plots"], "--plots needs Matplotlib: pip install 'postal-digits[train]'"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is_read(
    arguments: list[str], sentence: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("app.commands.calibrate.find_spec", lambda _: None)
    with pytest.raises(SystemExit):
        main(["calibrate", "nowhere", *arguments])
    assert sentence in capsys.readouterr().err
