"""Addresses of `markets`."""

from django.urls import URLPattern, URLResolver, path

from handup.markets.views import chains, comparing, products

app_name = "markets"
CHAIN = "chains/<uuid:pk>"
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
]
