"""Addresses of `groups`."""

from django.urls import URLPattern, URLResolver, path

from handup.groups.views import (
    cooperative,
    dues,
    groups,
    meetings,
    papers,
    ruling,
    shares,
    told,
)

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
    path("<uuid:pk>/dues/", dues.DuesPage.as_view(), name="dues"),
    path("<uuid:pk>/dues/tariffs/new/", dues.VoteDues.as_view(), name="dues_vote"),
    path("<uuid:pk>/dues/years/new/", dues.InvoiceDues.as_view(), name="dues_invoice"),
    path("<uuid:pk>/dues/payments/new/", dues.TakeDues.as_view(), name="dues_take"),
    path("<uuid:pk>/dues/categories/", dues.SetDuesCategory.as_view(), name="dues_category"),
    path("dues/<uuid:pk>/waive/", dues.WaiveDues.as_view(), name="dues_waive"),
    path("dues/payments/<uuid:pk>/receipt/", dues.Receipt.as_view(), name="dues_receipt"),
    path("dues/payments/<uuid:pk>/back/", dues.TakeBackDues.as_view(), name="dues_back"),
    path(
        "<uuid:pk>/cooperative/new/",
        cooperative.BecomeCooperative.as_view(),
        name="cooperative_new",
    ),
    path("<uuid:pk>/statutes/new/", cooperative.AdoptStatutes.as_view(), name="statutes_new"),
    path("<uuid:pk>/shares/", shares.SharesPage.as_view(), name="shares"),
    path(
        "<uuid:pk>/shares/subscribe/",
        shares.SubscribeShares.as_view(),
        name="shares_subscribe",
    ),
    path("<uuid:pk>/shares/pay/", shares.PayShares.as_view(), name="shares_pay"),
    path("<uuid:pk>/shares/redeem/", shares.RedeemShares.as_view(), name="shares_redeem"),
    path("shares/<uuid:pk>/back/", shares.TakeBackShares.as_view(), name="shares_back"),
    path("told/opportunities/<uuid:pk>/", told.TellGroups.as_view(), name="told_opportunity"),
    path("told/prices/<uuid:pk>/", told.TellGroupsPrice.as_view(), name="told_price"),
]
