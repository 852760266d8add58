"""Reads of people used in more than one place: search, duplicates, consents, categories,
households."""

from handup.people.queries.categories import (
    CategoryFacts,
    any_of_count,
    category_facts,
    derived_of,
    household_views,
)
from handup.people.queries.consents import (
    ConsentMissing,
    consents_in_force,
    has_consent,
    not_consenting,
    persons_consenting,
    require_consent,
)
from handup.people.queries.duplicates import PossibleDuplicate, possible_duplicates
from handup.people.queries.facts import FACT_NAMES, facts_for, providers
from handup.people.queries.households import (
    heads_on,
    household_members_on,
    households_of,
    owners_on,
)
from handup.people.queries.participation import (
    current_rule,
    participants,
    participation_of,
    takes_part,
    to_decide,
)
from handup.people.queries.persons import (
    find_persons,
    open_enquiries,
)
from handup.people.queries.places import last_told, places_told

__all__ = [
    "FACT_NAMES",
    "CategoryFacts",
    "ConsentMissing",
    "PossibleDuplicate",
    "any_of_count",
    "category_facts",
    "consents_in_force",
    "current_rule",
    "derived_of",
    "facts_for",
    "find_persons",
    "has_consent",
    "heads_on",
    "household_members_on",
    "household_views",
    "households_of",
    "last_told",
    "not_consenting",
    "open_enquiries",
    "owners_on",
    "participants",
    "participation_of",
    "persons_consenting",
    "places_told",
    "possible_duplicates",
    "providers",
    "require_consent",
    "takes_part",
    "to_decide",
]
