"""Say out of which fund loans and grants come; those of before are of the fund that is always
there.
"""

import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0010_cost_keys"),
        ("lending", "0038_premiums_handed_on"),
    ]

    operations = [
        migrations.AddField(
            model_name="enterprisegrant",
            name="fund",
            field=models.ForeignKey(
                default=uuid.UUID("00000000-0000-7000-8000-000000000001"),
                on_delete=django.db.models.deletion.PROTECT,
                related_name="grants",
                to="ledger.fund",
                verbose_name="fund",
            ),
        ),
        migrations.AddField(
            model_name="lender",
            name="fund",
            field=models.ForeignKey(
                default=uuid.UUID("00000000-0000-7000-8000-000000000001"),
                on_delete=django.db.models.deletion.PROTECT,
                related_name="lenders",
                to="ledger.fund",
                verbose_name="fund",
            ),
        ),
        migrations.AddField(
            model_name="loan",
            name="fund",
            field=models.ForeignKey(
                db_index=False,
                default=uuid.UUID("00000000-0000-7000-8000-000000000001"),
                on_delete=django.db.models.deletion.PROTECT,
                related_name="loans",
                to="ledger.fund",
                verbose_name="fund",
            ),
        ),
        migrations.AddField(
            model_name="oldloan",
            name="fund",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="ledger.fund",
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="fund",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="loan_products",
                to="ledger.fund",
                verbose_name="fund",
            ),
        ),
    ]
