"""What Handup does not know of an activity, put back from its raw copy, in the order of the
schema.
"""

from copy import deepcopy

from lxml import etree

ORDER = (
    "iati-identifier",
    "reporting-org",
    "title",
    "description",
    "participating-org",
    "other-identifier",
    "activity-status",
    "activity-date",
    "contact-info",
    "activity-scope",
    "recipient-country",
    "recipient-region",
    "location",
    "sector",
    "tag",
    "country-budget-items",
    "humanitarian-scope",
    "policy-marker",
    "collaboration-type",
    "default-flow-type",
    "default-finance-type",
    "default-aid-type",
    "default-tied-status",
    "budget",
    "planned-disbursement",
    "capital-spend",
    "transaction",
    "document-link",
    "related-activity",
    "legacy-data",
    "conditions",
    "result",
    "crs-add",
    "fss",
)
UNKNOWN = frozenset(
    {
        "contact-info",
        "country-budget-items",
        "humanitarian-scope",
        "capital-spend",
        "legacy-data",
        "conditions",
        "fss",
    }
)
"""Elements Handup has no record for."""

WHERE_NONE = frozenset({"tag", "policy-marker", "planned-disbursement", "crs-add"})
"""Elements that are taken from the raw copy where Handup says nothing itself."""

ATTRIBUTES = ("linked-data-uri", "budget-not-provided")
PLACE = {tag: place for place, tag in enumerate(ORDER)}


def put_back(made: etree._Element, raw: etree._Element) -> list[str]:
    """Add to an activity that was made what only its raw copy knows. Returns what was added."""
    told = {child.tag for child in made}
    added = []
    for child in raw:
        if not isinstance(child.tag, str):
            continue
        is_foreign = child.tag.startswith("{")
        if (
            is_foreign
            or child.tag in UNKNOWN
            or (child.tag in WHERE_NONE and child.tag not in told)
        ):
            copy = deepcopy(child)
            copy.tail = None
            made.append(copy)
            added.append(child.tag)
    for name in ATTRIBUTES:
        if raw.get(name) and not made.get(name):
            made.set(name, raw.get(name, ""))
            added.append(f"@{name}")
    made[:] = sorted(made, key=lambda child: PLACE.get(str(child.tag), len(ORDER)))
    return added
