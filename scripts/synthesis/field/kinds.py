"""All kinds of pictures from the field."""

from synthesis.field import company, numbers, plain, rings
from synthesis.field.sample import FieldKind

KINDS: tuple[FieldKind, ...] = (*plain.KINDS, *rings.KINDS, *company.KINDS, *numbers.KINDS)
