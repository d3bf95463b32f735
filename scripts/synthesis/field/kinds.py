"""All kinds of pictures from the field."""

from synthesis.field import (
    columns,
    company,
    forms,
    numbers,
    over_print,
    paper,
    pens,
    plain,
    rings,
    ruled_paper,
    short,
    signs,
)
from synthesis.field.sample import FieldKind

KINDS: tuple[FieldKind, ...] = (
    *plain.KINDS,
    *paper.KINDS,
    *columns.KINDS,
    *over_print.KINDS,
    *short.KINDS,
    *ruled_paper.KINDS,
    *forms.KINDS,
    *rings.KINDS,
    *company.KINDS,
    *numbers.KINDS,
    *signs.KINDS,
    *pens.KINDS,
)
