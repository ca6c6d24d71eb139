"""The checks, one function a rule; `sqlcheck.engine` finds them by family and name."""
