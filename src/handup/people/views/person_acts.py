"""What may be done with a person from her page, the likeliest first, and what each asks."""

from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from handup.org.web.pages import Action

ACTS: tuple[tuple[Promise, str, str], ...] = (
    (_("Record consent"), "consent_new", "people.give_consent"),
    (_("Record a no"), "consent_refuse", "people.refuse_consent"),
    (_("Register her household"), "household_new", "people.register_household"),
    (_("Register her enterprise"), "enterprise_new", "people.register_enterprise"),
    (_("Record a legal status"), "status_new", "people.record_status"),
    (_("Record what she tells"), "vulnerability_new", "people.record_vulnerability"),
    (_("Record where she is found"), "place_new", "people.record_place"),
    (_("Score by a scorecard"), "assess", "people.assess"),
    (_("Ask a questionnaire"), "ask_instrument", "people.ask_instrument"),
    (_("Score by a proxy means test"), "means_new", "people.assess"),
    (_("Record a document"), "document_new", "people.record_document"),
    (_("Add a name"), "name_new", "people.correct_person"),
    (_("Print her card"), "person_card", "people.view_person"),
    (_("Correct"), "correct", "people.correct_person"),
    (_("Name her case officer"), "case_officer", "people.assign_case_officer"),
    (_("Record a complaint or praise"), "grievance_of", "people.record_grievance"),
    (_("She asks about her data"), "subjectrequest_new", "people.record_subject_request"),
    (_("Refer her to somebody"), "referral_new", "people.send_referral"),
    (_("She comes first"), "priority_new", "people.set_referral_priority"),
)

APPLY = (_("Apply to a programme"), "apply", "people.apply_to_programme")


def act_on(pk: UUID, act: tuple[Promise, str, str]) -> Action:
    """One button of a person's page."""
    label, verb, asks = act
    return Action(label, f"people:{verb}", asks, args=(pk,))


def acts_on(pk: UUID) -> list[Action]:
    """The buttons of a person's page; the page shows those the reader may use."""
    return [act_on(pk, act) for act in ACTS]
