"""The values of the reference cloud: what a blueprint says, what one cloud has been given, what is to be done."""
