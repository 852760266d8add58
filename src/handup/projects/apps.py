"""Registers the domain `projects` with the house."""

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    """Programmes, phases, organisations, funding, budget lines, documents, lessons."""

    name = "handup.projects"
    label = "projects"

    def ready(self) -> None:
        """Declare the permissions of this domain."""
        from handup.org import permissions
        from handup.projects.permissions import PERMISSIONS

        permissions.register(PERMISSIONS)
