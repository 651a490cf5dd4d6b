"""Sending the requests of a plan through the door to the cloud, with the operator's credential."""
