"""The proof of plans: every frozen version is what its stored inputs and engine give."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from handup.org.verify import Check, Difference, checks
from handup.plans.freezing import frozen_of
from handup.plans.models import PlanVersion
from handup.plans.rules.evaluate import ENGINE_VERSION
from handup.plans.rules.inputs import fingerprint, from_json
from handup.plans.services.benchmarks import reckoned_with


def changed_versions() -> Iterator[Difference]:
    """Versions whose fingerprint or results differ from what their inputs give.

    Inputs and results may be blanked when a person is erased, never changed otherwise.
    """
    for version in (
        PlanVersion.objects.exclude(inputs={}).prefetch_related("checks").iterator(chunk_size=200)
    ):
        inputs = from_json(version.inputs)
        key = f"{version.plan_id} v{version.number}"
        print_ = fingerprint(inputs, version.engine_version)
        if print_ != version.sha256:
            yield Difference(key, version.sha256, print_)
        elif version.engine_version == ENGINE_VERSION:
            computed = frozen_of(inputs).results
            names = [name for name in computed if computed[name] != version.results.get(name)]
            if names:
                yield Difference(key, "stored", f"differs in {', '.join(names)}")
            reckoned = reckoned_with(version, version.checks.all())
            if reckoned != version.adjusted:
                yield Difference(key, "stored", "differs in what is reckoned with")


def register() -> None:
    """Add the proof once."""
    code = "PLANS_FROZEN"
    if code not in {check.code for check in checks}:
        checks.append(
            Check(code, _("Every frozen plan is what its inputs give"), changed_versions, deep=True)
        )
