"""`calibrate`: labelled pictures of one's own mail -> a calibration of one's own, and what it is worth."""

import argparse
import hashlib
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from threadpoolctl import threadpool_limits
from tqdm import tqdm

from app import images
from app.calibrating.labels import Label, read_labels, table_of
from app.calibrating.report import Outcome, odd, shown, table
from app.calibrating.sources import Source, opened
from app.commands.read import SLOW, content_of
from app.commands.starting import loaded_service, refuse
from app.errors import ServiceError
from app.service import Service
from model.confidence.calibration import NONE, SHIPPED, Calibration
from model.confidence.own import Known, complete, cross_validated, decided, fitted
from model.reader import Options, Reader

Readings = list[tuple[Label, Known | None]]


def run(given: argparse.Namespace) -> int:
    """Calibrate on the labels named on the command line; return 0 where the file was written."""
    out: Path = given.out
    if out.stem in {NONE, SHIPPED}:
        refuse(f"--out names the calibration in every answer, and {out.stem} means another one: choose another name")
    if given.plots is not None and find_spec("matplotlib") is None:
        refuse("--plots needs Matplotlib: pip install 'postal-digits[train]'")
    service = loaded_service()
    max_error = service.settings.max_error if given.max_error is None else given.max_error
    if not 0 < max_error < 1:
        refuse(f"--max-error must be above 0 and below 1; got {max_error}")
    try:
        options = Options(
            given.kind, given.digits, given.country, max_error=1.0, envelope_country=service.settings.country
        )
        if options.kind == "envelope" and options.of_envelope.lengths is None:
            refuse("--kind envelope needs --country, --digits or DIGITS_COUNTRY: nothing else says what a code is")
        source = opened(given.labels)
        labels = read_labels(source)
    except ValueError as error:
        refuse(str(error))
    with threadpool_limits(service.settings.blas_threads, "blas"):
        readings = _readings(service, source, labels, options)
    known = [each for _, each in readings if each is not None]
    if not any(each.possible for each in known):
        refuse(
            f"none of the {len(readings)} pictures that could be read holds what is asked for: nothing to calibrate on"
        )
    base = complete(Reader(service.artifact.classifier, service.reader.sliding_networks).calibration)
    made = replace(
        fitted(base, known),
        name=out.stem,
        weights=frozenset(service.reader.weights),
        made=_made(service, given, source, readings, base),
    )
    try:
        made.save(out)
        _tell(_outcomes(base, readings, known), max_error, given.plots)
    except OSError as error:
        refuse(f"{error.filename or out} cannot be written: {error.strerror}")
    print(f"\n{out} is written. The service loads it with DIGITS_CALIBRATION={out}")
    return 0


def _readings(service: Service, source: Source, labels: Sequence[Label], options: Options) -> Readings:
    """Return each picture's label and reading, None without ink; what fails is told in a sentence, and left out."""
    reader = Reader(service.artifact.classifier, service.reader.sliding_networks, Calibration.none())
    found: Readings = []
    for label in tqdm(labels, unit="picture", delay=SLOW, disable=None):
        try:
            content = content_of(label.file, service.settings.max_body_bytes, source)
            if isinstance(content, ServiceError):
                raise content
            picture = images.decode(content, service.limits).picture
        except ServiceError as error:
            tqdm.write(f"{label.file} is left out: {error.detail}", file=sys.stderr)
            continue
        # Without a calibration, and with every error allowed, what is refused may never be accepted.
        reading = reader.read(
            picture,
            kind=options.kind,
            digits=options.digits,
            country=options.country,
            max_error=options.max_error,
            envelope_country=options.envelope_country,
        )
        known = None
        if reading.evidence is not None:
            possible, sha256 = reading.decision == "accept", hashlib.sha256(content).hexdigest()
            known = Known(reading.evidence, reading.text == label.code, possible, sha256, label.weight)
        found.append((label, known))
    return found


def _outcomes(base: Calibration, readings: Readings, known: Sequence[Known]) -> list[Outcome]:
    """Return what is decided of each picture, before, and by what was fitted on the others."""
    both = zip(decided(base, known), cross_validated(base, known), strict=True)
    return [
        Outcome(label.file, label.code, label.weight, *(next(both) if each is not None else ()))
        for label, each in readings
    ]


def _tell(outcomes: Sequence[Outcome], max_error: float, plots: Path | None) -> None:
    """Print the tables, and draw the plots where they are asked for."""
    empty = sum(not each.code for each in outcomes)
    print(f"{len(outcomes)} pictures, {empty} of them with nothing to read. After: fitted on the other pictures.\n")
    print("\n".join(table(outcomes)), end="\n\n")
    print("\n".join(shown(outcomes, max_error)))
    lines = odd(outcomes)
    if lines:
        print("\nOdd labels, often typing errors:\n" + "\n".join(f"- {line}" for line in lines))
    if plots is not None:
        from app.calibrating.plots import draw  # noqa: PLC0415  # slow to import, and an extra

        print("\nPlots: " + ", ".join(map(str, draw(outcomes, plots))))


def _made(
    service: Service, given: argparse.Namespace, source: Source, readings: Readings, base: Calibration
) -> dict[str, object]:
    """Return how the calibration was made, in plain values."""
    networks = {f"strips-{n}": net.artifact.sha256 for n, net in enumerate(service.reader.sliding_networks, 1)}
    return {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "pictures": len(readings),
        "sent": {"kind": given.kind, "digits": given.digits, "country": given.country},
        "from": base.name,
        "labels": hashlib.sha256(table_of(source)).hexdigest(),
        "files": {service.artifact.name: service.artifact.sha256, **networks},
    }
