"""Addresses of `markets`."""

from django.urls import URLPattern, URLResolver, path

from handup.markets.views import chains, comparing, markets, prices, products, studies

app_name = "markets"
CHAIN = "chains/<uuid:pk>"
MARKET = "markets/<uuid:pk>"
PRICE = "prices/<uuid:pk>"
OPPORTUNITY = "opportunities/<uuid:pk>"
STUDY = "studies/<uuid:pk>"
PRODUCT = "products/<uuid:pk>"
urlpatterns: list[URLPattern | URLResolver] = [
    path("chains/", chains.ChainList.as_view(), name="chain_list"),
    path("chains/new/", chains.ChainNew.as_view(), name="chain_new"),
    path("chains/compare/", comparing.ChainsCompared.as_view(), name="chain_compare_all"),
    path(f"{CHAIN}/", chains.ChainPage.as_view(), name="chain_detail"),
    path(f"{CHAIN}/compare/", comparing.ChainCompared.as_view(), name="chain_compare"),
    path(f"{CHAIN}/actors/new/", chains.ActorNew.as_view(), name="actor_new"),
    path(f"{CHAIN}/rounds/new/", chains.RoundNew.as_view(), name="round_new"),
    path("rounds/<uuid:pk>/", chains.RoundPage.as_view(), name="round_detail"),
    path("rounds/<uuid:pk>/correct/", chains.RoundCorrect.as_view(), name="round_correct"),
    path("products/", products.CommodityList.as_view(), name="commodity_list"),
    path("products/new/", products.CommodityNew.as_view(), name="commodity_new"),
    path(f"{PRODUCT}/", products.CommodityPage.as_view(), name="commodity_detail"),
    path(f"{PRODUCT}/units/new/", products.UnitNew.as_view(), name="unit_new"),
    path("markets/", markets.MarketList.as_view(), name="market_list"),
    path("markets/new/", markets.OpenMarket.as_view(), name="market_new"),
    path(f"{MARKET}/", markets.MarketPage.as_view(), name="market_detail"),
    path(f"{MARKET}/board/", markets.PriceBoard.as_view(), name="price_board"),
    path(f"{MARKET}/duties/new/", markets.AssignPrices.as_view(), name="duty_new"),
    path(f"{MARKET}/prices/new/", prices.RecordPrice.as_view(), name="price_new"),
    path(f"{MARKET}/prices/publish/", markets.PublishPrices.as_view(), name="price_publish"),
    path("prices/", prices.PriceList.as_view(), name="price_list"),
    path("prices/series/", markets.PriceSeries.as_view(), name="price_series"),
    path("prices/due/", markets.DutyList.as_view(), name="duty_list"),
    path("prices/rules/", prices.RuleList.as_view(), name="rule_list"),
    path("prices/rules/new/", prices.SetPriceRule.as_view(), name="rule_new"),
    path("prices/index/", prices.IndexList.as_view(), name="index_list"),
    path("prices/index/new/", prices.RecordPriceIndex.as_view(), name="index_new"),
    path(f"{PRICE}/", prices.PricePage.as_view(), name="price_detail"),
    path(f"{PRICE}/confirm/", prices.ConfirmPrice.as_view(), name="price_confirm"),
    path(f"{PRICE}/reject/", prices.RejectPrice.as_view(), name="price_reject"),
    path("studies/", studies.StudyList.as_view(), name="study_list"),
    path("studies/new/", studies.StartStudy.as_view(), name="study_new"),
    path(f"{STUDY}/", studies.StudyPage.as_view(), name="study_detail"),
    path(f"{STUDY}/findings/new/", studies.RecordFinding.as_view(), name="finding_new"),
    path(f"{STUDY}/done/", studies.FinishStudy.as_view(), name="study_finish"),
    path(
        f"{STUDY}/opportunities/new/",
        studies.RecordOpportunity.as_view(),
        name="opportunity_new",
    ),
    path("opportunities/", studies.OpportunityList.as_view(), name="opportunity_list"),
    path(f"{OPPORTUNITY}/", studies.OpportunityPage.as_view(), name="opportunity_detail"),
    path(f"{OPPORTUNITY}/next/", studies.FollowOpportunity.as_view(), name="opportunity_follow"),
    path(f"{OPPORTUNITY}/starts/new/", studies.TraceStart.as_view(), name="start_new"),
]
