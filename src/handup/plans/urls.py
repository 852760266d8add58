"""Addresses of `plans`."""

from django.urls import URLPattern, URLResolver, path

from handup.plans.views import benchmarks, forms, lists, papers, records, visit_calendar, words

app_name = "plans"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", lists.PlanList.as_view(), name="plan_list"),
    path("persons/<uuid:pk>/new/", forms.StartPlan.as_view(), name="plan_new"),
    path("visits/", lists.VisitList.as_view(), name="visit_list"),
    path("visits/again/", visit_calendar.DrawVisits.as_view(), name="draw_visits_again"),
    path("visits/<uuid:pk>/", records.VisitPage.as_view(), name="visit_detail"),
    path("visits/<uuid:pk>/make/", forms.MakeVisit.as_view(), name="make_visit"),
    path("visits/<uuid:pk>/miss/", forms.MissVisit.as_view(), name="miss_visit"),
    path("new/", forms.StartOrganisationPlan.as_view(), name="organisation_plan_new"),
    path("<uuid:pk>/again/", forms.RepeatPlan.as_view(), name="repeat_plan"),
    path("usual/", benchmarks.BenchmarkList.as_view(), name="benchmark_list"),
    path("usual/new/", benchmarks.WorkOutBenchmarks.as_view(), name="work_out_benchmarks"),
    path("checks/<uuid:pk>/stand/", benchmarks.LetClaimStand.as_view(), name="let_claim_stand"),
    path("<uuid:pk>/", records.PlanPage.as_view(), name="plan_detail"),
    path("<uuid:pk>/plan.pdf", papers.PlanPdf.as_view(), name="plan_pdf"),
    path("<uuid:pk>/months.csv", papers.PlanCsv.as_view(), name="plan_csv"),
    path("<uuid:pk>/plan.xlsx", papers.PlanXlsx.as_view(), name="plan_xlsx"),
    path("<uuid:pk>/sheet/", forms.SaveHouseholdSheet.as_view(), name="save_household_sheet"),
    path("<uuid:pk>/costing/", forms.SaveCosting.as_view(), name="save_costing"),
    path("<uuid:pk>/finance/", forms.AskFinance.as_view(), name="ask_finance"),
    path("<uuid:pk>/about/", words.ChangePlan.as_view(), name="change_plan"),
    path("<uuid:pk>/market/", words.AnswerMarket.as_view(), name="answer_market"),
    path("<uuid:pk>/production/", words.AnswerProduction.as_view(), name="answer_production"),
    path("<uuid:pk>/people/", words.AnswerPeople.as_view(), name="answer_people"),
    path("<uuid:pk>/law/", words.AnswerLaw.as_view(), name="answer_law"),
    path("<uuid:pk>/risks/", words.AnswerRisks.as_view(), name="answer_risks"),
    path("<uuid:pk>/screening/", words.ScreenPlan.as_view(), name="screen_plan"),
    path("<uuid:pk>/what-ifs/", words.SaveScenarios.as_view(), name="save_scenarios"),
    path("<uuid:pk>/steps/", words.SaveActionPoints.as_view(), name="save_action_points"),
    path("steps/<uuid:pk>/done/", words.FinishActionPoint.as_view(), name="finish_action_point"),
    path("<uuid:pk>/submit/", forms.SubmitPlan.as_view(), name="submit_plan"),
    path("<uuid:pk>/return/", forms.ReturnPlan.as_view(), name="return_plan"),
    path("<uuid:pk>/advise/", forms.AdvisePlan.as_view(), name="advise_plan"),
    path("<uuid:pk>/review/", forms.ApprovePlan.as_view(), name="approve_plan"),
    path("<uuid:pk>/prices/", forms.ConfirmPrices.as_view(), name="confirm_prices"),
    path("<uuid:pk>/visits/", visit_calendar.PlanVisits.as_view(), name="plan_visits"),
    path("<uuid:pk>/visit/", forms.RecordVisit.as_view(), name="record_visit"),
    path("<uuid:pk>/month/", forms.RecordActualMonth.as_view(), name="record_actual_month"),
]
