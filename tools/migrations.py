"""Takes an empty database through every migration, one after the other, as the tests ask for.

    python -m tools.migrations

The same steps as `django migrate`, with one shortcut. At each step Django reads every table that
leads in any way to the changed one anew, which here are some four hundred at each of some seven
hundred steps. Only the changed one is read here; a step that looks at rows reads all of them, as
ever. That the database made so is the one the models describe is compared by
tests/test_migrations.py, in the long run also with the one Django makes alone.
"""

import sys
from unittest.mock import patch

import django
from django.core.management import call_command
from django.db.migrations.state import ProjectState


def only_itself(
    state: ProjectState, app_label: str, model_name: str, delay: bool = False
) -> set[tuple[str, str]]:
    """What is read anew when this table changes; the rest once a step asks for rows."""
    state.is_delayed = True
    return {(app_label, model_name)}


def main() -> int:
    """Every migration, on the database of the surroundings."""
    django.setup()
    with patch.object(ProjectState, "_find_reload_model", only_itself):
        call_command("migrate", interactive=False, verbosity=0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
