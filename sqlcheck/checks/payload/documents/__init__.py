"""Project files and bodies as the API takes them, and the data plans that they name."""

NEEDS = frozenset({"document", "project", "absent", "data_plan"})
"""Each check in here wants one of these values: a run that has neither does without the modules."""
