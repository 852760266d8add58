from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("org", "0005_retention_listings"),
    ]

    operations = [
        migrations.AddField(
            model_name="retentionlisting",
            name="kept_days",
            field=models.PositiveIntegerField(default=0),
        ),
    ]
