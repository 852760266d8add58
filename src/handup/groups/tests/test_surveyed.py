"""A questionnaire asked about groups: drawn, counted from the day each was formed, answered."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from handup.groups import surveyed
from handup.groups.models import Group, Meeting
from handup.groups.models.facts import MeetingStatus
from handup.groups.models.group import GroupStatus
from handup.groups.tests.conftest import staff_with
from handup.org.models import StaffUser
from handup.org.rules.access import Role
from handup.projects.models import Programme
from handup.surveys import registers, services
from handup.surveys.eligible_queries import eligible_for
from handup.surveys.models import Case, QuestionnaireVersion, Round
from handup.surveys.queries import answers_by_key
from handup.surveys.rules.codes import Purpose, QuestionType, RoundKind, SubjectKind
from handup.surveys.services import AnswerIn, QuestionIn, refusals


@pytest.fixture
def monitor(programme: Programme) -> StaffUser:
    """The M&E officer of the programme."""
    return staff_with("monitor", Role.ME_OFFICER, programme=programme.pk)


@pytest.fixture
def version(monitor: StaffUser, programme: Programme) -> QuestionnaireVersion:
    """A published questionnaire about groups."""
    row = services.draft_questionnaire(
        acting_staff=staff_with("everywhere", Role.ME_OFFICER), code="group_check",
        title="How groups are", purpose=Purpose.CHECKLIST, subject_kind=SubjectKind.GROUP,
        version="1",
        questions=[
            QuestionIn(name="books", type=QuestionType.TEXT, labels={"en": "Books?"},
                       handup_key="records_kept"),
        ],
    )  # fmt: skip
    return services.publish_version(
        acting_staff=staff_with("another", Role.ME_OFFICER), version=row
    )


def planned(monitor: StaffUser, version: QuestionnaireVersion, programme: Programme) -> Round:
    today = timezone.localdate()
    return services.plan_round(
        acting_staff=monitor, questionnaire=version.questionnaire, programme=programme,
        name="Check of groups", kind=RoundKind.VISIT, opens_date=today - timedelta(days=4000),
        closes_date=today + timedelta(days=4000), seed="s", anchor="FORMED", anchor_days=30,
    )  # fmt: skip


def test_a_group_is_drawn_counted_from_its_formation_and_asked(
    group: Group, monitor: StaffUser, version: QuestionnaireVersion, programme: Programme,
    client: Client,
) -> None:  # fmt: skip
    round = planned(monitor, version, programme)
    (item,) = eligible_for(monitor, round)
    assert (item.subject, item.interviewer) == (group, group.officer)
    assert registers.kind_of(group) is SubjectKind.GROUP
    (case,) = services.draw_sample(acting_staff=monitor, round=round, eligible=[item])
    case = Case.objects.get(pk=case.pk)
    assert (case.subject_kind, case.subject_id, str(case.subject)) == (
        "GROUP",
        group.pk,
        group.name,
    )
    assert case.due_date == group.formed_date + timedelta(days=30)
    assert (case.person_id, case.household_id, case.enterprise_id) == (None, None, None)
    services.open_round(acting_staff=monitor, round=round)
    case = Case.objects.get(pk=case.pk)
    row = services.record_submission(
        acting_staff=monitor,
        submission=services.SubmissionIn(
            case=case, version=version, answered_date=timezone.localdate(),
            answers=[AnswerIn(name="books", value="kept")],
        ),
    )  # fmt: skip
    services.accept_submission(
        acting_staff=staff_with("third", Role.ME_OFFICER, programme=programme.pk), submission=row
    )
    (fact,) = answers_by_key(keys=["records_kept"])
    assert (fact.subject_kind, fact.subject_id, fact.person_id) == (
        SubjectKind.GROUP,
        group.pk,
        None,
    )
    assert [flag.rule for flag in row.flags.all()] == [], "records are kept, and nothing says no"
    client.force_login(monitor)
    assert "Members: " in client.post("/surveys/cases/", {"q": ""}, follow=True).content.decode()
    for page in ("/surveys/cases/", "/surveys/answers/", f"/surveys/cases/{case.pk}/"):
        assert group.name in client.get(page).content.decode(), page
    shown = client.get(f"/surveys/rounds/{round.pk}/").content.decode()
    assert "formation" in shown


def test_closed_groups_and_practice_groups_are_not_asked(
    group: Group, monitor: StaffUser, version: QuestionnaireVersion, programme: Programme
) -> None:
    round = planned(monitor, version, programme)
    for changed in ({"status": GroupStatus.CLOSED}, {"practice": True}):
        Group._base_manager.filter(pk=group.pk).update(
            **({"status": GroupStatus.ACTIVE, "practice": False} | changed)
        )
        assert eligible_for(monitor, round) == []
    assert surveyed.formed_on([group.pk]) == {group.pk: group.formed_date}


def test_a_day_no_subject_has_is_refused_and_half_an_anchor_too(
    monitor: StaffUser, version: QuestionnaireVersion, programme: Programme
) -> None:
    today = timezone.localdate()

    def plan(anchor: str, days: int | None) -> Round:
        return services.plan_round(
            acting_staff=monitor, questionnaire=version.questionnaire, programme=programme,
            name="Never", kind=RoundKind.VISIT, opens_date=today, closes_date=today,
            anchor=anchor, anchor_days=days,
        )  # fmt: skip

    for anchor in ("REGISTERED", "NEVER"):
        with pytest.raises(refusals.AnchorUnknown):
            plan(anchor, 30)
    for anchor, days in (("FORMED", None), ("", 30)):
        with pytest.raises(refusals.AnchorIncomplete):
            plan(anchor, days)
    assert not Round.objects.exists()


def test_a_group_whose_meeting_was_recorded_keeps_records(
    group: Group, meeting: Meeting, monitor: StaffUser, version: QuestionnaireVersion,
    programme: Programme,
) -> None:  # fmt: skip
    """surveys.md 4.7: a registered cross-check fails, and the answers deserve a second look."""
    Meeting._base_manager.filter(pk=meeting.pk).update(status=MeetingStatus.CLOSED)
    round = planned(monitor, version, programme)
    (item,) = eligible_for(monitor, round)
    (case,) = services.draw_sample(acting_staff=monitor, round=round, eligible=[item])
    services.open_round(acting_staff=monitor, round=round)
    day = meeting.held_date

    def flags(answer: str, days: int) -> list[str]:
        row = services.record_submission(
            acting_staff=monitor,
            submission=services.SubmissionIn(
                case=Case.objects.get(pk=case.pk), version=version,
                answered_date=day + timedelta(days=days),
                answers=[AnswerIn(name="books", value=answer)],
            ),
        )  # fmt: skip
        return [f"{one.rule} {one.detail}" for one in row.flags.all() if one.rule == "IMPOSSIBLE"]

    assert flags("no", 10) == ["IMPOSSIBLE records_kept, meetings"]
    assert flags("yes", 10) == []
    assert flags("no", 91) == [], "who stopped since keeps none"
