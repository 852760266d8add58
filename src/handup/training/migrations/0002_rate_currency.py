"""The currency a rate leads to. Rates from before led from smallest unit to smallest unit of the
programme's currency; they are told from main unit to main unit now.
"""

from typing import Any

from django.db import migrations, models

from handup.kernel.money import divide
from handup.org.web.money import currency_digits


def from_main_unit(apps: Any, schema_editor: Any) -> None:
    """Say of every rate where it leads, and tell it between main units."""
    lines = apps.get_model("training", "CostLine")._base_manager
    foreign = lines.exclude(rate_numerator=None).exclude(currency=models.F("programme__currency"))
    told = foreign.values_list("pk", "currency", "programme__currency", "rate_numerator")
    for pk, currency, into, rate in list(told):
        scaled = divide(rate * 10 ** currency_digits(currency), 10 ** currency_digits(into))
        lines.filter(pk=pk).update(rate_currency=into, rate_numerator=scaled)


class Migration(migrations.Migration):
    dependencies = [
        ("training", "0001_tables"),
    ]

    operations = [
        migrations.AddField(
            model_name="costline",
            name="rate_currency",
            field=models.CharField(blank=True, default="", max_length=3, verbose_name="rate into"),
        ),
        migrations.RunPython(from_main_unit, migrations.RunPython.noop, elidable=True),
    ]
