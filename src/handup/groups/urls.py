"""Addresses of `groups`."""

from django.urls import URLPattern, URLResolver, path

from handup.groups.views import groups, meetings, papers, ruling, told

app_name = "groups"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", groups.GroupList.as_view(), name="group_list"),
    path("new/", groups.ChooseProgramme.as_view(), name="group_choose"),
    path("new/<uuid:pk>/", groups.NewGroup.as_view(), name="group_new"),
    path("<uuid:pk>/", groups.GroupPage.as_view(), name="group_detail"),
    path("<uuid:pk>/members/new/", groups.NewMember.as_view(), name="member_new"),
    path("<uuid:pk>/offices/new/", ruling.ElectOfficer.as_view(), name="office_new"),
    path("<uuid:pk>/rules/new/", ruling.ChangeRules.as_view(), name="rules_new"),
    path("<uuid:pk>/cycles/new/", ruling.StartCycle.as_view(), name="cycle_new"),
    path("<uuid:pk>/members/leave/", ruling.EndMembership.as_view(), name="member_leave"),
    path("<uuid:pk>/meetings/new/", meetings.NewMeeting.as_view(), name="meeting_new"),
    path("meetings/<uuid:pk>/", meetings.MeetingPage.as_view(), name="meeting_detail"),
    path("meetings/<uuid:pk>/sheet/", meetings.MeetingSheet.as_view(), name="meeting_sheet"),
    path("meetings/<uuid:pk>/loans/new/", meetings.NewLoan.as_view(), name="loan_new"),
    path("meetings/<uuid:pk>/close/", meetings.CloseMeeting.as_view(), name="meeting_close"),
    path("meetings/<uuid:pk>/minutes/", papers.Minutes.as_view(), name="meeting_minutes"),
    path("members/<uuid:pk>/passbook/", papers.Passbook.as_view(), name="member_passbook"),
    path("<uuid:pk>/cards/", papers.Cards.as_view(), name="group_cards"),
    path("told/opportunities/<uuid:pk>/", told.TellGroups.as_view(), name="told_opportunity"),
    path("told/prices/<uuid:pk>/", told.TellGroupsPrice.as_view(), name="told_price"),
]
