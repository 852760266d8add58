"""Addresses of `people`."""

from django.urls import URLPattern, URLResolver, path

from handup.people.views import (
    desk,
    duplicates,
    grievances,
    homes,
    outreach,
    participation,
    persons,
    scorecards,
)

app_name = "people"
PERSON = "persons/<uuid:pk>"
GRIEVANCE = "grievances/<uuid:pk>"
HOME = "households/<uuid:pk>"
PART = "participations/<uuid:pk>"
urlpatterns: list[URLPattern | URLResolver] = [
    path("campaigns/", outreach.CampaignList.as_view(), name="campaign_list"),
    path("campaigns/new/", outreach.CampaignNew.as_view(), name="campaign_new"),
    path("campaigns/<uuid:pk>/", outreach.CampaignPage.as_view(), name="campaign_detail"),
    path("enquiries/", outreach.EnquiryList.as_view(), name="enquiry_list"),
    path("enquiries/new/", outreach.EnquiryNew.as_view(), name="enquiry_new"),
    path("enquiries/<uuid:pk>/", outreach.EnquiryPage.as_view(), name="enquiry_detail"),
    path("enquiries/<uuid:pk>/close/", outreach.EnquiryClose.as_view(), name="enquiry_close"),
    path(
        "enquiries/<uuid:enquiry>/register/",
        desk.PersonNew.as_view(),
        name="person_from_enquiry",
    ),
    path("persons/", persons.PersonList.as_view(), name="person_list"),
    path("persons/new/", desk.PersonNew.as_view(), name="person_new"),
    path(f"{PERSON}/", persons.PersonPage.as_view(), name="person_detail"),
    path(f"{PERSON}/correct/", desk.PersonCorrect.as_view(), name="correct"),
    path(f"{PERSON}/names/new/", desk.NameNew.as_view(), name="name_new"),
    path(f"{PERSON}/documents/new/", desk.DocumentNew.as_view(), name="document_new"),
    path(f"{PERSON}/statuses/new/", desk.StatusNew.as_view(), name="status_new"),
    path(f"{PERSON}/told/new/", desk.VulnerabilityNew.as_view(), name="vulnerability_new"),
    path(f"{PERSON}/consents/new/", desk.ConsentNew.as_view(), name="consent_new"),
    path(f"{PERSON}/household/new/", homes.HouseholdNew.as_view(), name="household_new"),
    path(f"{PERSON}/enterprise/new/", homes.EnterpriseNew.as_view(), name="enterprise_new"),
    path(f"{PERSON}/assess/", scorecards.Assess.as_view(), name="assess"),
    path(f"{PERSON}/apply/", participation.Apply.as_view(), name="apply"),
    path(f"{PERSON}/reveal/<slug:field>/", desk.Reveal.as_view(), name="reveal"),
    path("documents/<uuid:pk>/reveal/", desk.RevealDocument.as_view(), name="reveal_document"),
    path("consents/<uuid:pk>/withdraw/", desk.ConsentWithdraw.as_view(), name="consent_withdraw"),
    path(f"{HOME}/", homes.HouseholdPage.as_view(), name="household_detail"),
    path(f"{HOME}/told/new/", homes.HouseholdFactNew.as_view(), name="household_fact_new"),
    path(f"{HOME}/head/", homes.ChangeHead.as_view(), name="change_head"),
    path("grievances/", grievances.GrievanceList.as_view(), name="grievance_list"),
    path("grievances/new/", grievances.GrievanceNew.as_view(), name="grievance_new"),
    path("grievances/state/", grievances.grievance_state, name="grievance_state"),
    path(f"{GRIEVANCE}/", grievances.GrievancePage.as_view(), name="grievance_detail"),
    path(f"{GRIEVANCE}/step/", grievances.GrievanceNext.as_view(), name="grievance_step"),
    path(f"{GRIEVANCE}/team/", grievances.GrievanceTeam.as_view(), name="grievance_team"),
    path(
        "grievances/team/<uuid:pk>/leave/",
        grievances.GrievanceLeave.as_view(),
        name="grievance_leave",
    ),
    path(f"{PERSON}/grievances/new/", grievances.GrievanceOf.as_view(), name="grievance_of"),
    path("matches/", duplicates.MatchList.as_view(), name="match_list"),
    path("matches/<uuid:pk>/", duplicates.MatchPage.as_view(), name="match_detail"),
    path("spellings/", duplicates.AliasList.as_view(), name="alias_list"),
    path("spellings/new/", duplicates.AliasNew.as_view(), name="alias_new"),
    path("spellings/<uuid:pk>/", duplicates.AliasPage.as_view(), name="alias_detail"),
    path("spellings/<uuid:pk>/away/", duplicates.AliasAway.as_view(), name="alias_away"),
    path("enterprises/", homes.EnterpriseList.as_view(), name="enterprise_list"),
    path("enterprises/<uuid:pk>/", homes.EnterprisePage.as_view(), name="enterprise_detail"),
    path("scorecards/", scorecards.ScorecardList.as_view(), name="scorecard_list"),
    path("scorecards/new/", scorecards.ScorecardNew.as_view(), name="scorecard_new"),
    path("scorecards/<uuid:pk>/", scorecards.ScorecardPage.as_view(), name="scorecard_detail"),
    path("participations/", participation.ParticipationList.as_view(), name="participation_list"),
    path("participations/to-decide/", participation.ToDecide.as_view(), name="to_decide"),
    path(f"{PART}/", participation.ParticipationPage.as_view(), name="participation_detail"),
    path(f"{PART}/decide/", participation.Decide.as_view(), name="participation_decide"),
    path(f"{PART}/move/", participation.Move.as_view(), name="participation_move"),
]
