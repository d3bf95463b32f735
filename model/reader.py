"""Picture -> Reading: the one path that the service, evaluation and scripts all take."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from model import shipped
from model.addressee import Envelope
from model.artifact import fingerprint
from model.classifiers.classifier import Classifier, judged
from model.confidence import calibration as calibrations
from model.confidence.calibration import Calibration
from model.decision import PendingDigit, PendingEnvelope, beside, digit_reading, nothing
from model.envelopes import choice
from model.envelopes.survey import Survey, may_be_mail, survey
from model.found import as_it_is, found_in
from model.options import Kind, Options, Turned
from model.picture.ink import Ink, checked, find_ink
from model.picture.inks import inks_apart
from model.reading import Reading
from model.strips import sliding, upright
from model.strips.glance import surest_glance
from model.turning import TURNS, Turn
from model.types import SIDE, Image, Images, Picture, Probabilities
from model.ways import Strip, surest

__all__ = ["Kind", "Options", "PendingDigit", "PendingEnvelope", "Reader"]

# The chance of several digits: at the first look, beyond which the line is read; and then, beyond which it is a strip.
_PERHAPS_SEVERAL, _SEVERAL = 0.05, 0.5
_WRITTEN = 0.8  # the chance of digits in what a form prints, beyond which they were written in another colour
_SURE = 0.995  # of a reading's chance: a surer one is not read again without the colours of a form


class Reader:
    """Reads pictures with one classifier. Threads may share it: nothing in it changes after it is made."""

    def __init__(
        self,
        classifier: Classifier,
        sliding_networks: Sequence[sliding.SlidingNetwork] = (),
        calibration: Calibration | None = None,
    ) -> None:
        """Prepare to read.

        Without `sliding_networks`, strips are read by those that the project ships. Without a `calibration`, the one
        that the project ships counts where it was fitted with these classifiers, and none otherwise. Raises
        ArtifactError where a shipped file is missing or broken.
        """
        self.classifier = classifier
        self.sliding_networks = sliding_networks or sliding.shipped()
        self.weights = [fingerprint(each) for each in (classifier, *(net.network for net in self.sliding_networks))]
        self.upright = upright.shipped()
        self.choice = choice.shipped()
        self.calibration = calibration or self._shipped_calibration()

    def _shipped_calibration(self) -> Calibration:
        found = calibrations.load(shipped.CALIBRATION)
        return found if found.fits(self.weights) else Calibration.none()

    def read(
        self,
        picture: Picture,
        *,
        kind: Kind = "auto",
        digits: int | None = None,
        country: str | None = None,
        top: int = 3,
        max_error: float = 0.005,
        turned: Turned | None = None,
        explain: bool = False,
        envelope_country: str | None = None,
    ) -> Reading:
        """Return what `picture` says, read as the options ask.

        picture: (H, W) grey or (H, W, 3) RGB, uint8 or float32, 0 to 255, any polarity.
        Raises ValueError where the picture is of another shape, type or range.
        """
        begun = self.begin(picture, Options(kind, digits, country, top, max_error, turned, explain, envelope_country))
        if isinstance(begun, PendingEnvelope):
            return self.finish_envelope(begun)
        return begun if isinstance(begun, Reading) else self.finish([begun])[0]

    def begin(self, picture: Picture, asked: Options) -> Reading | PendingDigit | PendingEnvelope:
        """Return what `read` returns, or what is pending: a digit, or a mail piece.

        `finish` classifies many digits at once. `finish_envelope` reads a mail piece, which costs as much as fifty
        strips, and nothing before.
        """
        if asked.kind == "envelope":
            return self._pending_envelope(checked(picture), asked.of_envelope)
        kind, picture = asked.kind, checked(picture)
        if kind == "auto" and asked.lengths != {1} and may_be_mail(picture):
            seen = survey(picture)
            if seen.is_mail:
                return self._pending_envelope(picture, asked.of_envelope, seen)
        if kind == "auto" and asked.lengths is not None:
            kind = "digit" if asked.lengths == {1} else "strip"
        turn = Turn(asked.degrees, picture.shape)
        found = None if kind == "strip" or asked.turned == "auto" else as_it_is(turn.picture(picture))
        if found is not None:
            return PendingDigit(found, asked, turn)
        begun = self._begun(find_ink(picture), picture.shape, kind, asked)
        if isinstance(begun, PendingDigit) or _chance(begun) >= _SURE:
            return begun
        # A form may be printed in a colour of its own: what is read without it counts where it is surer.
        inks = inks_apart(picture)
        if inks is None:
            return begun
        again = self._begun(inks.ink_of(inks.pen), picture.shape, kind, asked)
        surer = isinstance(again, Reading) and _chance(again) > _chance(begun)
        return again if surer and not self._is_written(inks.ink_of(inks.form)) else begun

    def _is_written(self, ink: Ink) -> bool:
        """Return whether `ink` reads as digits: people change pens, and boxes read as several 1s or as 7s at most."""
        glance = surest_glance(ink, self.sliding_networks[0])
        if glance is None or glance.sure <= _WRITTEN:
            return False
        return glance.text == "1" or not set(glance.text) <= set("17")

    def _begun(self, ink: Ink, shape: tuple[int, ...], kind: Kind, asked: Options) -> Reading | PendingDigit:
        """Return what `begin` does for the `ink` of a picture of this `shape`."""
        if kind != "digit":
            strip = Strip(ink, shape, asked, self.sliding_networks, self.classifier, self.upright, self.calibration)
            glance = strip.glance()
            if kind == "strip" or (glance is not None and glance.several > _PERHAPS_SEVERAL):
                first = strip.read(glance)
                if kind == "strip" or (first.strip is not None and first.strip.several > _SEVERAL):
                    return strip.settled(glance, first)
        if asked.turned == "auto":
            return self._digit_any_way(ink, shape, asked)
        return self._digit(Turn(asked.degrees, shape), ink, asked)

    def _digit(self, turn: Turn, ink: Ink, asked: Options) -> Reading | PendingDigit:
        ringed = ink.inside_ring is not ink
        inside = turn.ink(ink.inside_ring)
        found = found_in(inside, turn.upright_shape)
        if found is None:
            return nothing("digit", asked, self.calibration)
        inks = (turn.ink(ink), inside) if asked.explain else (None, None)
        return PendingDigit(found, asked, turn, beside(found, inside), ringed, inks)

    def _digit_any_way(self, ink: Ink, shape: tuple[int, ...], asked: Options) -> Reading:
        """Return the surest of a digit's readings, each another way up; refused where another text is about as sure."""
        begun = [self._digit(Turn(degrees, shape), ink, asked) for degrees in TURNS]
        pending = [each for each in begun if isinstance(each, PendingDigit)]
        if not pending:
            return nothing("digit", asked, self.calibration)
        return surest(self.finish(pending))

    def finish_envelope(self, pending: PendingEnvelope) -> Reading:
        """Return the reading of a mail piece."""
        return Envelope(
            pending.seen or survey(pending.picture),
            pending.picture.shape,
            pending.asked,
            self.sliding_networks,
            self.classifier,
            self.choice,
            self.calibration,
        ).reading()

    def _pending_envelope(
        self, picture: Picture, asked: Options, seen: Survey | None = None
    ) -> Reading | PendingEnvelope:
        """Return a pending mail piece, refused already where nothing says what a code is. asked: `of_envelope`."""
        if asked.lengths is None:
            return nothing("envelope", asked, self.calibration, "country_needed")
        return PendingEnvelope(picture, asked, seen)

    def finish(self, pending: Sequence[PendingDigit]) -> list[Reading]:
        """Return the readings of pending digits, at least one, all classified in one forward pass."""
        images = [each.found.images for each in pending]
        probabilities, chances = judged(self.classifier, np.stack([image for several in images for image in several]))
        ends = np.cumsum([len(several) for several in images])
        return [
            each.turn.as_sent(
                digit_reading(
                    each, probabilities[end - len(several) : end], chances[end - len(several) : end], self.calibration
                )
            )
            for each, several, end in zip(pending, images, ends.tolist(), strict=True)
        ]

    def prepare(self, picture: Picture) -> Image:
        """Return what the network sees of the one digit in `picture`: (28, 28) float32; zero without ink."""
        picture = checked(picture)
        found = as_it_is(picture) or found_in(find_ink(picture).inside_ring, picture.shape)
        return found.image if found else np.zeros((SIDE, SIDE), dtype=np.float32)

    def digits_probabilities(self, pictures: NDArray[np.uint8]) -> Probabilities:
        """Return the probabilities that `read` gives each of `pictures` of one digit: (N, 10) float32.

        pictures: (N, H, W) or (N, H, W, 3) uint8. This is how evaluation measures exactly what is served.
        """
        images: Images = np.stack([self.prepare(picture) for picture in pictures])
        return self.classifier.probabilities(images)


def _chance(reading: Reading) -> float:
    """Return the chance of what was read, before it is calibrated."""
    return 0.0 if reading.evidence is None else reading.evidence.chance
