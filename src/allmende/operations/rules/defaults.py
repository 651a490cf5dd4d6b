"""What a new status page begins with; everything of it can be changed."""

from allmende.operations.model.status import Severity

PHASES = ("scheduled", "investigating", "cause known", "mending", "watching", "over")
SEVERITIES = (
    Severity(name="maintenance", value=25),
    Severity(name="limited", value=50),
    Severity(name="broken", value=100),
)
IMPACT_TYPES = {
    "fails": "Requests or resources fail.",
    "slow": "It works, and takes longer than usual.",
    "interrupted": "It is interrupted on purpose, as was announced.",
}
"""Their descriptions by their names."""
