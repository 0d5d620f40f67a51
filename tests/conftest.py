"""How laws are tried: without a clock, because a busy machine breaks no law."""

from hypothesis import HealthCheck, settings

settings.register_profile("steady", max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")
