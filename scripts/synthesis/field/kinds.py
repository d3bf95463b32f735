"""All kinds of pictures from the field."""

from synthesis.field import company, forms, lines, numbers, paper, plain, rings, short
from synthesis.field.sample import FieldKind

KINDS: tuple[FieldKind, ...] = (
    *plain.KINDS,
    *paper.KINDS,
    *short.KINDS,
    *lines.KINDS,
    *forms.KINDS,
    *rings.KINDS,
    *company.KINDS,
    *numbers.KINDS,
)
