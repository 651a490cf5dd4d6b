"""What makes a class a fact: something observed of a subject, which a check asks for by the type of its parameter."""


class Fact:
    """Something observed of a subject; each subclass is collected once per run by one function of `collect`."""

    __slots__ = ()
