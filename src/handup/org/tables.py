"""All tables of an application made in one step of a migration.

Django renders the models anew after each single step, together with all that they point to; here
nearly everything points to the staff, so two hundred tables one by one took minutes.

operations = [CreateTables(tables=[migrations.CreateModel(...), migrations.CreateModel(...)])]
"""

from collections.abc import Sequence

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class CreateTables(Operation):
    """Make tables that may point to one another, in any order; undone, they are dropped."""

    serialization_expand_args = ["tables"]

    def __init__(self, tables: Sequence[CreateModel]) -> None:
        self.tables = tables

    def deconstruct(self) -> tuple[str, Sequence[object], dict[str, object]]:
        """How Django writes the step down."""
        return type(self).__name__, (), {"tables": self.tables}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Add all models, and let them be rendered once, when somebody asks."""
        state.__dict__.pop("apps", None)
        for table in self.tables:
            table.state_forwards(app_label, state)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Make the tables; PostgreSQL is told last which point to which."""
        for table in self.tables:
            table.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Drop the tables, the last first."""
        for table in reversed(self.tables):
            table.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        """What `showmigrations` and the log say."""
        return f"Create {len(self.tables)} tables"
