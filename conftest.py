"""How much the property tests try: quick for everyday work, thorough in `make soak`."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "everyday", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.register_profile("soak", parent=settings.get_profile("everyday"), max_examples=5_000)
settings.load_profile("everyday")
