"""Nobody is on two pathways of one programme at once."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("lending", "0041_end_second_pathways")]

    operations = [
        migrations.AddConstraint(
            model_name="pathwayenrolment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "RUNNING")),
                fields=("person", "programme"),
                name="one_running_pathway_in_a_programme",
            ),
        ),
    ]
