"""The product's addresses and, under /kinds/, one page of each kind with invented content."""

from django.urls import include, path

from handup.config.urls import handler400, handler403, handler404, handler500
from handup.config.urls import urlpatterns as product
from tests.frame import kinds

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

pages = [
    path("today/", kinds.Today.as_view(), name="today"),
    path("list/", kinds.Rates.as_view(), name="list"),
    path("list/<uuid:pk>/", kinds.Loan.as_view(), name="record"),
    path("form/", kinds.Repayment.as_view(), name="form"),
    path("sheet/", kinds.sheet, name="sheet"),
    path("queue/", kinds.Queue.as_view(), name="queue"),
    path("figures/", kinds.Figures.as_view(), name="figures"),
    path("paper/<uuid:pk>/", kinds.Paper.as_view(), name="paper"),
]
urlpatterns = [path("kinds/", include((pages, "kinds"))), *product]
