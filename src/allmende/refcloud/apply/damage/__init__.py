"""Breaking a cloud on purpose, and bringing back exactly what was there.

Each kind of thing has two functions: one reads the state that a step is about to change, the other brings the thing to
a given state, whatever state it is in now. Breaking and mending are the same work with another state.
"""
