"""What the lists of loans can be narrowed to: lenders, officers, offices, products, currencies.

Only what stands on a loan the reader may see is offered. What a page names is read at once, and
once a request: over many loans each of these questions costs as much as the list itself.
"""

from collections.abc import Callable, Sequence
from uuid import UUID

from django.db.models import CharField, F, Value
from django.db.models.functions import Cast

from handup.lending.models import Loan
from handup.org.models import StaffUser

Choices = list[tuple[str, str]]

# By kind: the path to what is chosen, and to its name.
_PATHS = {
    "lender": ("lender", "lender__name"),
    "officer": ("officer", "officer__display_name"),
    "office": ("office", "office__name"),
    "product": ("product_version__product", "product_version__product__name"),
    "currency": ("currency", "currency"),
}
ALL = tuple(_PATHS)
_KEPT = "_choices_of_loans"  # on the reader of one request, beside what she may reach


def of(kind: str, *beside: str) -> Callable[[StaffUser], Choices]:
    """The choices of one kind, by name, for a filter; read with those of the kinds beside it."""
    kinds = tuple(dict.fromkeys((kind, *beside)))
    return lambda staff: _of_all(staff, kinds)[kind]


def _of_all(staff: StaffUser, kinds: Sequence[str]) -> dict[str, Choices]:
    kept: dict[str, Choices] = vars(staff).setdefault(_KEPT, {})
    if missing := [kind for kind in kinds if kind not in kept]:
        kept.update(_read(staff, missing))
    return kept


def _read(staff: StaffUser, kinds: Sequence[str]) -> dict[str, Choices]:
    text = CharField()
    first, *others = (
        Loan.objects.visible_to(staff)
        .order_by()
        .filter(**{f"{path}__isnull": False})
        .values_list(Value(kind), Cast(path, text), Cast(F(name), text))
        .distinct()
        for kind in kinds
        for path, name in (_PATHS[kind],)
    )
    found: dict[str, Choices] = {kind: [] for kind in kinds}
    for kind, key, name in first.union(*others, all=True) if others else first:
        found[kind].append((key if kind == "currency" else str(UUID(key)), name))
    return {kind: sorted(pairs, key=lambda pair: pair[1]) for kind, pairs in found.items()}
