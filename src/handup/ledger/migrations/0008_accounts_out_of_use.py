from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0007_consolidations")]

    operations = [
        migrations.AddField(
            model_name="account",
            name="closed_from",
            field=models.DateField(blank=True, null=True, verbose_name="out of use from"),
        ),
    ]
