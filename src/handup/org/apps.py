"""Registers the house with Django."""

from django.apps import AppConfig


class OrgConfig(AppConfig):
    """Who works here and where."""

    name = "handup.org"
    label = "org"

    def ready(self) -> None:
        """Declare permissions, append-only tables and proofs; listen where others only signal."""
        from allauth.mfa import signals
        from django.db.backends.signals import connection_created
        from django.db.models.signals import post_migrate
        from django.utils.translation import gettext
        from django.utils.translation import gettext_lazy as _

        from handup.kernel.errors import speak_by
        from handup.org import (
            checks,
            condition,
            days,
            factors,
            keeping,
            meters,
            nightly,
            notices,
            permissions,
            reads,
            recovery,
            retention,
            rotation,
            statements,
            texting,
            triggers,
            verify,
        )
        from handup.org.cleaning import cut_off_log_at_night
        from handup.org.permission_table import PERMISSIONS
        from handup.org.proving import prove_everything
        from handup.org.services.access import look_at_grants
        from handup.org.services.incidents import look_at_read_log
        from handup.org.services.retention import list_what_is_due
        from handup.org.web import navigation
        from handup.org.web.settings import ENTRIES

        speak_by(gettext)
        recovery.install()
        statements.keep_by_thread()
        connection_created.connect(statements.keep_prepared, dispatch_uid="handup_prepared")
        days.read_once()
        rotation.guard_keys()
        permissions.register(PERMISSIONS)
        navigation.register(*ENTRIES)
        for table in ("AuditLine", "ReadEntry", "ProofRun"):
            triggers.append_only(f"org.{table}")
        nightly.register(prove_everything, list_what_is_due, look_at_read_log, look_at_grants)
        nightly.register(cut_off_log_at_night, notices.look_at_night, texting.drop_at_night)
        post_migrate.connect(triggers.after_migrate, sender=self, dispatch_uid="handup_triggers")
        retention.register(*keeping.RULES)
        verify.register(
            verify.Check("READ_LOG", _("The read log is whole"), reads.check_chain),
            verify.Check("APPEND_ONLY", _("Append-only tables are guarded"), checks.unguarded),
        )
        meters.register(*condition.GAUGES)
        signals.authenticator_used.connect(factors.used, dispatch_uid="handup_factor_used")
        signals.authenticator_added.connect(factors.changed, dispatch_uid="handup_factor_added")
        signals.authenticator_removed.connect(factors.removed, dispatch_uid="handup_factor_removed")
