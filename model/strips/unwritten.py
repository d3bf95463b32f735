"""What reads as 0s and 1s -> whether nobody may have written it: a postmark's ring, bars, or a comb without digits."""

from model.confidence.evidence import Evidence

# Postmarks.
_MORE = 0.05  # of the ink: so much beside a 0 in a ring, or in lines through it, may be the rest of a postmark
_ROUND = 0.9  # times as wide as high: a handwritten 0 is narrower, a postmark is not
_THROUGH = 0.2  # of the ink, in lines through a round one
# Bars and the teeth of combs, which digits are written between.
_BARS, _NO_DIGIT = 3, 0.5  # so many 1s, one of which is less likely than this to be a digit, may be bars
_COMB, _BASE = 0.4, 0.13  # of the ink, in lines and beside the digits: as many 1s with so much may be teeth
_LINED, _EVEN = 0.2, 0.02  # of the ink, in lines beside 1s whose heights and middles differ by less: no hand is as even


def may_be_unwritten(seen: Evidence) -> bool:
    """Return whether the digits of a strip, with this evidence for them, may be no writing at all."""
    ones = len(seen.text) if set(seen.text) == {"1"} else 0
    comb = seen.taken > _COMB or seen.unread > _BASE
    even = seen.taken > _LINED and seen.heights + seen.levels < _EVEN
    bars = (ones >= _BARS and (seen.digit_chance < _NO_DIGIT or comb)) or (ones > 1 and even)
    more = max(seen.taken, seen.unread)
    return bars or may_be_postmark(seen.text, ringed=seen.ringed > 0, more=more, wide=seen.widest)


def may_be_postmark(text: str, *, ringed: bool, more: float, wide: float = 0.0) -> bool:
    """Return whether `text` may be a round postmark's inner ring.

    more: the share of the ink beside it, or in lines. wide: its width by its height, which counts in strips alone: who
    sends a digit as one sends no postmark.
    """
    if text != "0":
        return False
    return (ringed and (more > _MORE or wide > _ROUND)) or (wide > _ROUND and more > _THROUGH)
