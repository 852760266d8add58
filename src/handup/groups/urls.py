"""Addresses of `groups`."""

from django.urls import URLPattern, URLResolver, path

from handup.groups import views

app_name = "groups"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.GroupList.as_view(), name="group_list"),
    path("new/", views.ChooseProgramme.as_view(), name="group_choose"),
    path("new/<uuid:pk>/", views.NewGroup.as_view(), name="group_new"),
    path("<uuid:pk>/", views.GroupPage.as_view(), name="group_detail"),
    path("<uuid:pk>/members/new/", views.NewMember.as_view(), name="member_new"),
    path("<uuid:pk>/meetings/new/", views.NewMeeting.as_view(), name="meeting_new"),
    path("meetings/<uuid:pk>/", views.MeetingPage.as_view(), name="meeting_detail"),
    path("meetings/<uuid:pk>/sheet/", views.MeetingSheet.as_view(), name="meeting_sheet"),
    path("meetings/<uuid:pk>/loans/new/", views.NewLoan.as_view(), name="loan_new"),
    path("meetings/<uuid:pk>/close/", views.CloseMeeting.as_view(), name="meeting_close"),
]
