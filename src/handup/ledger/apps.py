"""Registers the domain `ledger` with the house; the journal's triggers follow every migration."""

from typing import Any

from django.apps import AppConfig
from django.apps import apps as installed
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _

from handup.ledger.rules.words import UNRESTRICTED_ID


def _drop_triggers(using: str, plan: list[tuple[Any, bool]], **_kwargs: Any) -> None:
    """Take the triggers away before a migration of this domain rebuilds its tables."""
    from handup.ledger import triggers

    if any(migration.app_label == "ledger" for migration, _backwards in plan):
        triggers.drop(connections[using])


def _settle_database(using: str, apps: Any = installed, **_kwargs: Any) -> None:
    """After every migration: the triggers as this version has them, and the unrestricted fund."""
    from handup.ledger import triggers

    triggers.create(connections[using])
    try:
        fund = apps.get_model("ledger", "Fund")
    except LookupError:
        return
    fund._base_manager.using(using).get_or_create(
        pk=UNRESTRICTED_ID,
        defaults={"code": "UNRESTRICTED", "name": "Unrestricted", "kind": "UNRESTRICTED"},
    )


class LedgerConfig(AppConfig):
    """Books, accounts, journal entries, periods: knows no loan and no group."""

    name = "handup.ledger"
    label = "ledger"

    def ready(self) -> None:
        """Declare permissions and proofs, and keep the triggers in place."""
        from handup.ledger import close_checks, keeping
        from handup.ledger.permissions import PERMISSIONS
        from handup.ledger.verify import CHECKS
        from handup.org import duties, permissions, retention, triggers, verify
        from handup.org.rules.duties import Duty
        from handup.org.web import navigation
        from handup.org.web.navigation import Entry, Section

        permissions.register(PERMISSIONS)
        verify.register(*CHECKS)
        retention.register(*keeping.RULES)
        for model in (
            *("Run", "RunTotal", "RunDetail"),
            *(
                "Reconciliation",
                "StatedInput",
                "CostKey",
                "CostShare",
                "LateFactSeen",
                "CostedService",
            ),
        ):
            triggers.append_only(f"ledger.{model}")
        close_checks.register(*close_checks.CHECKS)
        for step in ("approve_draft", "decline_draft", "close_period", "confirm_count"):
            duties.register(Duty(f"ledger.{step}"))
        navigation.register(
            *(
                Entry(
                    Section.BOOKS, label, f"ledger:{name}_list", f"ledger.view_{seen}", order=order
                )
                for order, (label, name, seen) in enumerate(
                    (
                        (_("Journal"), "entry", "entry"),
                        (_("Books"), "book", "book"),
                        (_("Books together"), "consolidation", "account"),
                        (_("Months"), "period", "period"),
                        (_("Late facts"), "late", "entry"),
                        (_("Runs"), "run", "run"),
                        (_("Entries by hand"), "draft", "draft"),
                        (_("Entries from files"), "draftbatch", "draft"),
                        (_("Tills counted"), "cashcount", "account"),
                        (_("Funds"), "fund", "fund"),
                        (_("Keys of shared costs"), "costkey", "account"),
                        (_("Services and their costs"), "service", "account"),
                        (_("Exchange rates"), "rate", "fund"),
                    ),
                    start=10,
                )
            )
        )
        pre_migrate.connect(_drop_triggers, sender=self, dispatch_uid="ledger.drop_triggers")
        post_migrate.connect(_settle_database, sender=self, dispatch_uid="ledger.settle_database")
