"""Addresses ODK Collect knows: /collect/<project>/ is what is typed into its settings."""

from django.urls import URLPattern, URLResolver, path

from handup.surveys.views import collect

app_name = "collect"
urlpatterns: list[URLPattern | URLResolver] = [
    path("<str:project>/formList", collect.form_list, name="form_list"),
    path("<str:project>/forms/<str:code>/<path:version>.xml", collect.form, name="form"),
    path(
        "<str:project>/forms/<str:code>/<path:version>/manifest", collect.manifest, name="manifest"
    ),
    path("<str:project>/forms/<str:code>/<path:version>/cases.csv", collect.cases, name="cases"),
    path("<str:project>/submission", collect.submission, name="submission"),
]
