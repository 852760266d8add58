"""The recorded sound of a question of a spoken test."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the sound."""

    dependencies = [
        ("org", "0011_keepers_of_webhooks"),
        ("training", "0015_spoken_tests"),
    ]

    operations = [
        migrations.AddField(
            model_name="spokenquestion",
            name="sound",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="org.storedfile",
                verbose_name="recorded question",
            ),
        ),
    ]
