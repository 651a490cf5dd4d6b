"""What all tests share."""

from hypothesis import HealthCheck, settings

# How long an example takes says how busy the machine is; figures are the business of bench/.
settings.register_profile("allmende", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("allmende")
