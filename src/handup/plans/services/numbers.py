"""Numbers of plans that nobody has."""

from handup.kernel.luhn import random_number
from handup.plans.models import Plan

NUMBER_LENGTH = 9


def free_numbers(count: int) -> list[str]:
    """That many plan numbers nobody has."""
    free: list[str] = []
    while len(free) < count:
        drawn = {random_number(NUMBER_LENGTH) for _time in range(count - len(free))} - set(free)
        taken = Plan.objects.filter(number__in=drawn).values_list("number", flat=True)
        free += sorted(drawn - set(taken))
    return free
