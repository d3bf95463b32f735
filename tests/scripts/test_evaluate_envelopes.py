"""The scores of mail pieces: each wrong reading has one cause, and pieces without a code count apart."""

import csv
import json
from argparse import Namespace
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from PIL import Image

import evaluate_envelopes
from envelope_scores import Quad, Read, covered, groups, quad_of, scores
from model.places import Corner
from model.types import Picture

QUAD = "100,100;200,100;200,140;100,140"
PLACE: tuple[Corner, ...] = ((98, 98), (202, 98), (202, 142), (98, 142))
ELSEWHERE: tuple[Corner, ...] = ((10, 10), (60, 10), (60, 30), (10, 30))


@dataclass(frozen=True)
class Other:
    """A code found elsewhere."""

    text: str
    corners: tuple[Corner, ...]
    confidence: float = 0.5


@dataclass(frozen=True)
class Answer:
    """What a reader answers."""

    text: str = "74246"
    corners: tuple[Corner, ...] | None = PLACE
    turned: int = 0
    decision: Literal["accept", "reject"] = "accept"
    others: tuple[Other, ...] = ()
    confidence: float = 0.99
    reason: str | None = None


def _read(reading: Answer, **label: str) -> Read:
    full = {"file": "a.jpg", "code": "74246", "country": "de", "quad": QUAD, "sender_code": "", **label}
    return Read(full, quad_of(full["quad"]), reading, 10.0)


@pytest.mark.parametrize(
    ("reading", "cause"),
    [
        (Answer(), ""),
        (Answer(text="74245"), "reading"),
        (Answer(text="94742", turned=180), "turn"),
        (Answer(text="68305", corners=ELSEWHERE), "place"),
        (Answer(text="68305", corners=ELSEWHERE, others=(Other("74246", PLACE),)), "candidate"),
        (Answer(text="", corners=None, decision="reject"), "place"),
    ],
)
def test_a_wrong_reading_has_one_cause(reading: Answer, cause: str) -> None:
    assert _read(reading).cause == cause


def test_the_way_a_piece_lies_is_compared_round_the_circle() -> None:
    nearly_level = "100,102;200,98;202,138;102,142"
    assert _read(Answer(text="74245", turned=359), quad=nearly_level).cause == "reading"


def test_the_share_of_a_place_that_is_covered() -> None:
    quad: Quad = np.array([(0, 0), (100, 0), (100, 50), (0, 50)], np.float64)
    assert covered(quad, ((0, 0), (50, 0), (50, 50), (0, 50))) == pytest.approx(0.5, abs=0.01)
    assert covered(quad, ((-9, -9), (109, -9), (109, 59), (-9, 59))) == 1
    assert covered(quad, ((0, 60), (100, 60), (100, 90), (0, 90))) == 0


def test_five_digits_of_a_zip_plus_4_are_not_exact_but_no_wrong_address() -> None:
    half: tuple[Corner, ...] = ((100, 100), (148, 100), (148, 140), (100, 140))
    part = _read(Answer(text="62704", corners=half), code="627041234")
    assert not part.exact
    assert part.found
    assert part.cause == "reading"
    assert scores([part])["error_among_accepted"] == 0
    assert _read(Answer(text="627041234"), code="627041234").exact
    assert scores([_read(Answer(text="627041239"), code="627041234")])["error_among_accepted"] == 1


def test_the_senders_code_counts_unless_it_is_the_addressees_too() -> None:
    taken = Answer(text="90163", corners=ELSEWHERE)
    assert _read(taken, sender_code="90163").sender_answered
    assert not _read(Answer(), sender_code="74246").sender_answered


def test_pieces_without_a_code_count_apart() -> None:
    read = [_read(Answer()), _read(Answer(text="74245")), _read(Answer(), code="", quad="")]
    by_name = dict(groups(read))
    assert scores(by_name["all"])["n"] == 2
    assert scores(by_name["all"])["error_among_accepted"] == 0.5
    assert scores(by_name["without a code"])["accepted"] == 1


def test_a_quad_of_three_corners_gets_a_sentence() -> None:
    with pytest.raises(ValueError, match="quad must be four corners"):
        quad_of("1,2;3,4;5,6")


class Seer:
    """Answers the dark block's place: enough to see that pictures, quads and options arrive as they should."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None, int | None, float]] = []

    def read(
        self, picture: Picture, *, kind: Literal["envelope"], country: str | None, digits: int | None, max_error: float
    ) -> Answer:
        self.asked.append((kind, country, digits, max_error))
        rows, columns = np.nonzero(np.asarray(picture, np.float32)[:, :, 0] < 60)
        left, right, top, bottom = columns.min(), columns.max() + 1, rows.min(), rows.max() + 1
        return Answer(corners=((left, top), (right, top), (right, bottom), (left, bottom)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three pieces, each with a black block in the code's place."""
    with (tmp_path / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["file", "code", "country", "quad", "angle", "writing", "view", "sender_code", "note"])
        for index in range(3):
            pixels = np.full((240, 320, 3), 230, np.uint8)
            pixels[100:140, 100:200] = 0
            Image.fromarray(pixels).save(tmp_path / f"{index}.png")
            rows.writerow([f"{index}.png", "74246", "de", QUAD, 0.0, "pen", "scan", "", ""])
    return tmp_path


@pytest.mark.parametrize("turned", [False, True])
def test_pieces_are_read_with_their_country_and_the_quad_turns_with_them(folder: Path, turned: bool) -> None:
    options = Namespace(data=folder, country=None, digits=None, max_error=0.005, turned=turned)
    reader = Seer()
    labels = evaluate_envelopes.labels_in(folder, "even")
    read = [evaluate_envelopes.read_one(reader, options, label, index) for index, label in enumerate(labels)]
    assert reader.asked == [("envelope", "de", None, 0.005)] * 2
    assert all(each.found for each in read)
    assert json.dumps(scores(read))


def test_labels_without_a_quad_column_get_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("file,code\na.jpg,74246\n", encoding="utf-8")
    with pytest.raises(ValueError, match="must have the columns code, country, file, quad, sender_code"):
        evaluate_envelopes.labels_in(tmp_path, "all")


def test_the_errors_are_listed_with_their_causes(tmp_path: Path) -> None:
    read = [_read(Answer()), _read(Answer(text="74245")), _read(Answer(), code="", quad="")]
    evaluate_envelopes.list_errors(tmp_path / "errors.csv", read)
    with (tmp_path / "errors.csv").open(newline="", encoding="utf-8") as file:
        assert [row["cause"] for row in csv.DictReader(file)] == ["reading", "no code"]
