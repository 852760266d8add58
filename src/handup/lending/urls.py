"""Addresses of `lending`."""

from django.urls import URLPattern, URLResolver, path

from handup.lending.views import (
    accounts,
    applications,
    arrears,
    bank,
    calls,
    collection,
    conditions,
    follow_up,
    grants,
    joint,
    lenders,
    loans,
    matches,
    papers,
    payments,
    portfolio,
    portfolio_loans,
    provisions,
    ratios,
    security,
    statements,
    steps,
    suspense,
)

app_name = "lending"
urlpatterns: list[URLPattern | URLResolver] = [
    path("loans/", loans.LoanList.as_view(), name="loan_list"),
    path("loans/<uuid:pk>/", loans.LoanPage.as_view(), name="loan_detail"),
    path("loans/<uuid:pk>/pay-out/", steps.DisburseLoan.as_view(), name="disburse_loan"),
    path("loans/<uuid:pk>/cancel/", steps.CancelLoan.as_view(), name="cancel_loan"),
    path("loans/<uuid:pk>/repayment/", steps.RecordRepayment.as_view(), name="record_repayment"),
    path("loans/<uuid:pk>/recovery/", steps.RecordRecovery.as_view(), name="record_recovery"),
    path("loans/<uuid:pk>/write-off/", steps.ProposeWriteOff.as_view(), name="propose_write_off"),
    path("loans/<uuid:pk>/schedule/", papers.SchedulePaper.as_view(), name="schedule_paper"),
    path("loans/<uuid:pk>/agreement/", papers.AgreementPaper.as_view(), name="agreement_paper"),
    path("proposals/<uuid:pk>/", steps.DecideWriteOff.as_view(), name="write_off"),
    path("payments/<uuid:pk>/", loans.EventPage.as_view(), name="event_detail"),
    path("payments/<uuid:pk>/receipt/", papers.ReceiptPaper.as_view(), name="receipt_paper"),
    path("payments/<uuid:pk>/reverse/", steps.ReverseRepayment.as_view(), name="reverse_repayment"),
    path(
        "lenders/<uuid:pk>/set-aside/",
        provisions.SetProvisionTable.as_view(),
        name="provision_table",
    ),
    path("portfolio/", portfolio.PortfolioPage.as_view(), name="portfolio"),
    path("portfolio/loans/", portfolio_loans.PortfolioLoans.as_view(), name="portfolio_loans"),
    path("portfolio/ratios/", ratios.RatioList.as_view(), name="ratio_list"),
    path("portfolio/ratios/keep/", ratios.RecordRatios.as_view(), name="record_ratios"),
    path("arrears/", arrears.ArrearsPage.as_view(), name="arrears"),
    path("reminders/", follow_up.RemindersPage.as_view(), name="reminders"),
    path("loans/<uuid:pk>/talk/", follow_up.RecordContact.as_view(), name="contact_new"),
    path("loans/<uuid:pk>/notice/", follow_up.ReminderPaper.as_view(), name="reminder_paper"),
    path("collection/", collection.CollectionSheet.as_view(), name="collection_sheet"),
    path("applications/", applications.ApplicationList.as_view(), name="application_list"),
    path("applications/new/", applications.ApplyForLoan.as_view(), name="application_new"),
    path(
        "applications/<uuid:pk>/", applications.ApplicationPage.as_view(), name="application_detail"
    ),
    path("applications/<uuid:pk>/appraise/", applications.Appraise.as_view(), name="appraise"),
    path("applications/<uuid:pk>/vote/", applications.CastVote.as_view(), name="vote"),
    path("applications/<uuid:pk>/decide/", applications.Decide.as_view(), name="decide"),
    path("applications/<uuid:pk>/sign/", applications.Sign.as_view(), name="sign"),
    path(
        "applications/<uuid:pk>/guarantor/", security.NewGuarantor.as_view(), name="guarantor_new"
    ),
    path(
        "applications/<uuid:pk>/collateral/",
        security.NewCollateral.as_view(),
        name="collateral_new",
    ),
    path("applications/<uuid:pk>/tie/", security.DeclareTie.as_view(), name="tie_new"),
    path(
        "guarantors/<uuid:pk>/release/",
        security.ReleaseGuarantor.as_view(),
        name="guarantor_release",
    ),
    path(
        "collateral/<uuid:pk>/value/", security.ValueCollateral.as_view(), name="collateral_value"
    ),
    path(
        "collateral/<uuid:pk>/release/",
        security.ReleaseCollateral.as_view(),
        name="collateral_release",
    ),
    path("conditions/<uuid:pk>/meet/", conditions.MeetCondition.as_view(), name="condition_meet"),
    path("conditions/<uuid:pk>/lift/", conditions.LiftCondition.as_view(), name="condition_lift"),
    path("grants/", grants.GrantList.as_view(), name="grant_list"),
    path("grants/new/", grants.ProposeGrant.as_view(), name="grant_new"),
    path("grants/<uuid:pk>/", grants.GrantPage.as_view(), name="grant_detail"),
    path("grants/<uuid:pk>/decide/", grants.DecideGrant.as_view(), name="grant_decide"),
    path(
        "tranches/<uuid:pk>/condition/",
        grants.MeetTrancheCondition.as_view(),
        name="tranche_condition",
    ),
    path("tranches/<uuid:pk>/pay/", grants.PayTranche.as_view(), name="tranche_pay"),
    path(
        "tranches/<uuid:pk>/take-back/", grants.TakeBackTranche.as_view(), name="tranche_take_back"
    ),
    path("tranches/<uuid:pk>/use/", grants.CheckTrancheUse.as_view(), name="tranche_use"),
    path("assets/<uuid:pk>/hand-over/", grants.HandOverAsset.as_view(), name="asset_hand_over"),
    path("assets/<uuid:pk>/check/", grants.CheckAsset.as_view(), name="asset_check"),
    path("joint-groups/", joint.JointGroupList.as_view(), name="joint_group_list"),
    path("joint-groups/new/", joint.NewJointGroup.as_view(), name="joint_group_new"),
    path("joint-groups/<uuid:pk>/", joint.JointGroupPage.as_view(), name="joint_group_detail"),
    path("joint-groups/<uuid:pk>/loan/", joint.JoinJointGroup.as_view(), name="joint_group_join"),
    path(
        "joint-groups/<uuid:pk>/close/", joint.CloseJointGroup.as_view(), name="joint_group_close"
    ),
    path("loans/<uuid:pk>/call/", calls.CallSecurity.as_view(), name="call_new"),
    path("calls/<uuid:pk>/", calls.CallPage.as_view(), name="call_detail"),
    path("calls/<uuid:pk>/payment/", calls.PayCall.as_view(), name="call_payment"),
    path("calls/<uuid:pk>/withdraw/", calls.WithdrawCall.as_view(), name="call_withdraw"),
    path("lenders/", lenders.LenderList.as_view(), name="lender_list"),
    path("lenders/new/", lenders.OpenLender.as_view(), name="lender_new"),
    path("lenders/<uuid:pk>/", lenders.LenderPage.as_view(), name="lender_detail"),
    path("products/", lenders.ProductList.as_view(), name="product_list"),
    path("products/new/", lenders.ProposeProduct.as_view(), name="product_new"),
    path("products/<uuid:pk>/", lenders.ProductPage.as_view(), name="product_detail"),
    path("products/<uuid:pk>/approve/", lenders.ApproveProduct.as_view(), name="product_approve"),
    path("bank-files/", bank.BankFileList.as_view(), name="bank_file_list"),
    path("bank-files/new/", bank.BringBankFile.as_view(), name="bank_file_new"),
    path("bank-files/<uuid:pk>/", bank.BankFilePage.as_view(), name="bank_file_detail"),
    path("bank-accounts/", accounts.BankAccountList.as_view(), name="bank_account_list"),
    path("bank-accounts/new/", accounts.OpenBankAccount.as_view(), name="bank_account_new"),
    path(
        "bank-accounts/<uuid:pk>/", accounts.BankAccountPage.as_view(), name="bank_account_detail"
    ),
    path(
        "bank-accounts/<uuid:pk>/pay-out/", payments.PreparePayments.as_view(), name="payments_new"
    ),
    path("loans/<uuid:pk>/account/", accounts.NameLoanAccount.as_view(), name="name_loan_account"),
    path("statements/", statements.StatementList.as_view(), name="statement_list"),
    path("statements/new/", statements.BringStatement.as_view(), name="statement_new"),
    path("statements/<uuid:pk>/", statements.StatementPage.as_view(), name="statement_detail"),
    path("statement-lines/", statements.LineList.as_view(), name="line_list"),
    path("statement-lines/<uuid:pk>/", suspense.LinePage.as_view(), name="bank_line"),
    path("statement-lines/<uuid:pk>/match/", suspense.MatchLine.as_view(), name="match_line"),
    path("statement-lines/<uuid:pk>/accept/", suspense.AcceptLoan.as_view(), name="accept_loan"),
    path("statement-lines/<uuid:pk>/undo/", suspense.UndoMatch.as_view(), name="undo_match"),
    path("suspense/", suspense.SuspenseQueue.as_view(), name="suspense"),
    path("matches/", matches.MatchQueue.as_view(), name="matches_to_decide"),
    path("matches/<uuid:pk>/", matches.DecideMatch.as_view(), name="decide_match"),
    path("payments-out/", payments.BatchList.as_view(), name="payments_list"),
    path("payments-out/answer/", payments.BringAnswer.as_view(), name="answer_new"),
    path("payments-out/<uuid:pk>/", payments.BatchPage.as_view(), name="payments_detail"),
    path("payments-out/<uuid:pk>/check/", payments.CheckPayments.as_view(), name="payments_check"),
    path(
        "payments-out/<uuid:pk>/release/",
        payments.ReleasePayments.as_view(),
        name="payments_release",
    ),
    path("payments-out/<uuid:pk>/file/", payments.SendPayments.as_view(), name="payments_send"),
    path(
        "payments-out/<uuid:pk>/cancel/", payments.CancelPayments.as_view(), name="payments_cancel"
    ),
]
