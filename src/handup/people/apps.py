"""Registers the domain `people` with the house."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    """Outreach, registration, households, enterprises, consent, eligibility, duplicates,
    referrals."""

    name = "handup.people"
    label = "people"

    def ready(self) -> None:
        """Declare the permissions of this domain, and hide whom only a case team may know of."""
        from handup.kernel.named_lists import add_once
        from handup.people.handover_mover import FACT, MOVER, who_goes
        from handup.projects import handover

        add_once(handover.movers, MOVER)
        add_once(handover.askers, who_goes)
        add_once(handover.facts, FACT)
        from handup.org import duties, permissions, rotation, triggers, verify
        from handup.org.rules.duties import Duty
        from handup.org.scope import exceptions
        from handup.people import unproved
        from handup.people.permissions import PERMISSIONS
        from handup.people.queries.matching import keys_that_differ
        from handup.people.queries.persons import exceptions_of
        from handup.people.services import duplicates, match_models, merging, selection
        from handup.people.services.erasure import APPROVE, erased_unregistered
        from handup.people.services.grievances import DUTIES
        from handup.people.services.impact import DECIDE
        from handup.people.services.names_at_rest import names_that_differ
        from handup.people.services.sharing import SIGN

        permissions.register(PERMISSIONS)
        known = (*duplicates.DUTIES, *match_models.DUTIES, *merging.DUTIES, *selection.DUTIES)
        duties.register(*DUTIES, *known, Duty(APPROVE), Duty(SIGN), Duty(DECIDE))
        verify.register(
            verify.Check(
                "PEOPLE_MATCH_KEYS",
                _("Every person is found again by what is known of her"),
                keys_that_differ,
            ),
            verify.Check(
                "PEOPLE_NAMES",
                _("Names lie sealed or plain, as the setting says"),
                names_that_differ,
            ),
            verify.Check(
                "PEOPLE_ERASED",
                _("Whoever was erased stands in the erasure register"),
                erased_unregistered,
            ),
        )
        triggers.append_only("people.GrievanceStep", may_change=("note", "restricted_note"))
        if exceptions_of not in exceptions:
            exceptions.append(exceptions_of)
        self._register_rights()
        self._register_cases()
        triggers.append_only("people.DisclosedPerson")
        rotation.beside.append(rotation.Beside(unproved.key_ids, unproved.reseal))
        triggers.append_only("people.Scorecard")
        triggers.append_only("people.Instrument")
        for name in ("ProxyMeansTest", "TargetingRun", "SampleVisit"):
            triggers.append_only(f"people.{name}")
        triggers.append_only("people.RankingMeeting")
        triggers.append_only("people.TargetingRow", may_change=("groups",))
        triggers.append_only("people.MeansScore", may_change=("facts", "result"))
        triggers.append_only("people.InstrumentAnswer", may_change=("answers", "outcome"))
        self._register_pages()
        self._register_edited()

    def _register_edited(self) -> None:
        """Let lists of people be edited in a spreadsheet; who is erased is in no such list."""
        from handup.org import editing
        from handup.people import subject
        from handup.people.editing import ENTERPRISES, PERSONS, forget_edited

        editing.register(PERSONS, ENTERPRISES)
        if forget_edited not in subject.erase:
            subject.erase.append(forget_edited)

    def _register_pages(self) -> None:
        """Put the pages of this domain into the rail."""
        from handup.org.web import navigation
        from handup.org.web.navigation import Entry, Section

        part = Section.PEOPLE
        navigation.register(
            Entry(part, _("Persons"), "people:person_list", "people.view_person", 10),
            Entry(part, _("Enquiries"), "people:enquiry_list", "people.view_enquiry", 20),
            Entry(part, _("Campaigns"), "people:campaign_list", "people.view_campaign", 30),
            Entry(part, _("Enterprises"), "people:enterprise_list", "people.view_enterprise", 40),
            Entry(
                part,
                _("Participations"),
                "people:participation_list",
                "people.view_participation",
                50,
            ),
            Entry(
                part,
                _("Complaints and praise"),
                "people:grievance_list",
                "people.view_grievance",
                70,
            ),
            Entry(
                part,
                _("Requests about data"),
                "people:subjectrequest_list",
                "people.view_subject_request",
                75,
            ),
            Entry(
                part, _("Open in an emergency"), "people:breakglass_new", "people.break_glass", 78
            ),
            Entry(
                part, _("Emergency access"), "people:breakglass_list", "people.view_break_glass", 79
            ),
            Entry(part, _("Referrals"), "people:referral_list", "people.view_referral", 68),
            Entry(
                part,
                _("Data given to others"),
                "people:sharingagreement_list",
                "people.view_sharing",
                77,
            ),
            Entry(
                part,
                _("Impact assessments"),
                "people:impactassessment_list",
                "people.view_impact",
                78,
            ),
            Entry(part, _("Restricted cases"), "people:case_list", "people.open_compartment", 72),
            Entry(part, _("To decide"), "people:to_decide", "people.decide_eligibility", 60),
            Entry(part, _("Registered twice?"), "people:match_list", "people.view_match", 65),
            Entry(part, _("Records made one"), "people:merge_list", "people.view_merge", 66),
        )
        self._register_choosing()

    def _register_choosing(self) -> None:
        """Put the pages on how people are chosen into the rail."""
        from handup.org.web import navigation
        from handup.org.web.navigation import Entry, Section

        part = Section.PEOPLE
        navigation.register(
            Entry(part, _("Scorecards"), "people:scorecard_list", "people.view_scorecard", 80),
            Entry(
                part, _("Questionnaires"), "people:instrument_list", "people.view_instrument", 82
            ),
            Entry(
                part,
                _("Proxy means tests"),
                "people:proxymeanstest_list",
                "people.view_scorecard",
                84,
            ),
            Entry(part, _("Targeting"), "people:targetingrun_list", "people.view_targeting", 62),
            Entry(part, _("Selections"), "people:selection_list", "people.view_targeting", 63),
            Entry(
                part, _("Wealth rankings"), "people:wealthranking_list", "people.view_ranking", 86
            ),
            Entry(part, _("How people are chosen"), "people:choices", "people.choose", 90),
            Entry(part, _("Who may take part"), "people:rule_list", "people.view_rule", 85),
            Entry(part, _("Notices"), "people:notice_list", "people.view_notice", 90),
        )

    def _register_cases(self) -> None:
        """What the team of a case sees on a person's page, and how a case follows her."""
        from handup.org import audit
        from handup.org.services import access
        from handup.people import merging, sections
        from handup.people.models import CASE_TABLES
        from handup.people.services.keeping_cases import only_keepers
        from handup.people.services.protection import move_cases, move_cases_back
        from handup.people.views.cases import actions_of, section_of

        audit.own_pages.update(table._meta.label_lower for table in CASE_TABLES)
        if section_of not in sections.record_sections:
            sections.record_sections.append(section_of)
            sections.record_actions.append(actions_of)
            merging.on_merge.append(move_cases)
            merging.on_unmerge.append(move_cases_back)
            access.still_needed.append(only_keepers)

    def _register_rights(self) -> None:
        """Say what is told of a person, blanked, held and counted, and who is referred first."""
        from handup.org import exposure, nightly, notices, retention, rotation
        from handup.org.web.settings import incidents
        from handup.people import (
            assessed,
            counted,
            erasing,
            keeping,
            matched,
            merged,
            merging,
            subject,
            words,
        )
        from handup.people.exposed import on_her_device, persons_table
        from handup.people.queries.facts import providers
        from handup.people.services import unserved
        from handup.people.services.glass import look_at_break_glass, opened_since
        from handup.people.services.grievances import blank
        from handup.people.services.match_keys import rebuild_keys
        from handup.people.services.referrals import look_for_answers, priority_facts

        for tell in (words.told, assessed.told, matched.told, merged.told):
            if tell not in subject.collect:
                subject.collect.append(tell)
        for erase in (blank, assessed.erase, matched.erase, merged.erase, erasing.erase):
            if erase not in subject.erase:
                subject.erase.append(erase)
        if merged.move not in merging.on_merge:
            merging.on_merge.append(merged.move)
        subject.holds += (counted.open_complaints, counted.open_cases)
        subject.figures.append(counted.books)
        nightly.register(look_for_answers, look_at_break_glass)
        notices.register(
            notices.Notice(
                "EMERGENCY",
                _("Emergency access was opened"),
                _("Somebody opened a person in an emergency. Sign in and review it soon."),
                "people.review_break_glass",
                opened_since,
            )
        )
        retention.register(*keeping.RULES, unserved.RULE)
        if unserved.taking_part not in subject.serving:
            subject.serving += (unserved.taking_part, unserved.in_a_case)
        if on_her_device not in exposure.tells:
            exposure.tells.append(on_her_device)
        if rebuild_keys not in rotation.rebuilds:
            rotation.rebuilds.append(rebuild_keys)
        if persons_table not in incidents.persons_of:
            incidents.persons_of.append(persons_table)
        providers.append((frozenset({"referral_priority"}), priority_facts))
