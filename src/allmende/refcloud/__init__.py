"""The reference cloud: a real, small OpenStack from a blueprint, as supervised processes of this machine."""
