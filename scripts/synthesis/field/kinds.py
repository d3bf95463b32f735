"""All kinds of pictures from the field."""

from synthesis.field import paper, plain
from synthesis.field.sample import FieldKind

KINDS: tuple[FieldKind, ...] = (*plain.KINDS, *paper.KINDS)
