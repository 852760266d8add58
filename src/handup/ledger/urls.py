"""Addresses of `ledger`."""

from django.urls import URLPattern, URLResolver, path

from handup.ledger.views import (
    books,
    closing,
    drafts,
    fund_pages,
    funds,
    journal,
    runs,
    statements,
)

app_name = "ledger"
urlpatterns: list[URLPattern | URLResolver] = [
    path("entries/", journal.EntryList.as_view(), name="entry_list"),
    path("entries/<uuid:pk>/", journal.EntryPage.as_view(), name="entry_detail"),
    path("entries/<uuid:pk>/reverse/", journal.ReverseEntry.as_view(), name="reverse"),
    path("books/", books.BookList.as_view(), name="book_list"),
    path("books/<uuid:pk>/", books.BookPage.as_view(), name="book_detail"),
    path(
        "books/<uuid:pk>/trial-balance/",
        statements.TrialBalancePage.as_view(),
        name="trial_balance",
    ),
    path("books/<uuid:pk>/write/", drafts.WriteDraft.as_view(), name="draft_new"),
    path("books/<uuid:pk>/income/", statements.IncomePage.as_view(), name="income_statement"),
    path("books/<uuid:pk>/balance/", statements.BalancePage.as_view(), name="balance_sheet"),
    path("books/<uuid:pk>/cash-flow/", statements.CashPage.as_view(), name="cash_flow"),
    path("books/<uuid:pk>/funds/", fund_pages.FundReportPage.as_view(), name="fund_report"),
    path(
        "books/<uuid:pk>/sustainability/",
        fund_pages.SustainabilityPage.as_view(),
        name="sustainability",
    ),
    path("books/<uuid:pk>/state/", fund_pages.StateInput.as_view(), name="input_new"),
    path("books/<uuid:pk>/revalue/", closing.Revalue.as_view(), name="revalue"),
    path("books/<uuid:pk>/grants/", closing.ReleaseGrants.as_view(), name="release_grants"),
    path("books/<uuid:pk>/close-year/", closing.CloseYear.as_view(), name="close_year"),
    path("books/<uuid:pk>/accrual/", runs.PostAccrual.as_view(), name="post_accrual"),
    path("books/<uuid:pk>/provision/", runs.PostProvision.as_view(), name="post_provision"),
    path("runs/", runs.RunList.as_view(), name="run_list"),
    path("runs/changes/", runs.RunChanges.as_view(), name="run_changes"),
    path("runs/<uuid:pk>/", runs.RunPage.as_view(), name="run_detail"),
    path("accounts/<uuid:pk>/", books.AccountPage.as_view(), name="account_detail"),
    path("accounts/<uuid:pk>/bank/", closing.ReconcileBank.as_view(), name="reconcile_bank"),
    path("periods/<uuid:pk>/open/", closing.CloseChecks.as_view(), name="close_checks"),
    path("periods/", books.PeriodList.as_view(), name="period_list"),
    path("periods/<uuid:pk>/", books.PeriodPage.as_view(), name="period_detail"),
    path("periods/<uuid:pk>/soft-close/", books.SoftClose.as_view(), name="soft_close"),
    path("periods/<uuid:pk>/close/", books.Close.as_view(), name="close"),
    path("drafts/", drafts.DraftList.as_view(), name="draft_list"),
    path("drafts/<uuid:pk>/", drafts.DraftPage.as_view(), name="draft_detail"),
    path("drafts/<uuid:pk>/approve/", drafts.Approve.as_view(), name="approve"),
    path("drafts/<uuid:pk>/decline/", drafts.Decline.as_view(), name="decline"),
    path("funds/", funds.FundList.as_view(), name="fund_list"),
    path("funds/open/", funds.OpenFund.as_view(), name="fund_new"),
    path("funds/<uuid:pk>/", fund_pages.FundPage.as_view(), name="fund_detail"),
    path("rates/", funds.RateList.as_view(), name="rate_list"),
    path("rates/add/", funds.AddRate.as_view(), name="rate_new"),
]
