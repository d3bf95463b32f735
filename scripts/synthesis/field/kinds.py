"""All kinds of pictures from the field."""

from synthesis.field import forms, lines, plain, short
from synthesis.field.sample import FieldKind

KINDS: tuple[FieldKind, ...] = (*plain.KINDS, *short.KINDS, *lines.KINDS, *forms.KINDS)
