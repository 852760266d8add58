"""Registers the domain `results` with the house."""

from django.apps import AppConfig


class ResultsConfig(AppConfig):
    """Facts, indicators, reports; reads everything, writes nothing elsewhere."""

    name = "handup.results"
    label = "results"

    def ready(self) -> None:
        """Declare the permissions of this domain."""
        from handup.org import permissions
        from handup.results.permissions import PERMISSIONS

        permissions.register(PERMISSIONS)
