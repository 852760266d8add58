from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("lending", "0033_one_pay_out_waits"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="statementline",
            constraint=models.UniqueConstraint(
                condition=models.Q(("fate", "MATCHED"), ("reversal", False)),
                fields=("event",),
                name="one_matched_line_an_event",
            ),
        ),
    ]
