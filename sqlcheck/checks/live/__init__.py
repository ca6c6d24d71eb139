"""Do the rows agree?"""

NEEDS = frozenset({"sample"})
"""Without a sample none of the checks in here can run, and a run does without the modules."""
