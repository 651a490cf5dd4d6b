"""Repairing a cloud: from what fails to exact changes, carried out with the operator's credential."""
