from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("lending", "0032_withdrawals"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="loanproposal",
            name="one_open_proposal_a_kind",
        ),
        migrations.AddConstraint(
            model_name="loanproposal",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("state", "PROPOSED"),
                    models.Q(
                        ("kind__in", ["CHARGED", "EARLY_REPAID", "RECOVERED", "REPAID"]),
                        _negated=True,
                    ),
                ),
                fields=("loan", "kind"),
                name="one_open_proposal_a_kind",
            ),
        ),
    ]
