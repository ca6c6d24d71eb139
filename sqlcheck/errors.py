"""What stops a run. What is wrong with a query or a document is a diagnostic instead."""

from __future__ import annotations


class SqlcheckError(Exception):
    """A run cannot go on; the message is one line that says what to do. Exit code 2."""


class CheckCrashError(Exception):
    """A check has a bug: names the rule and the file, and carries the traceback as its cause."""

    def __init__(self, rule: str, path: str) -> None:
        super().__init__(f"the check {rule!r} crashed on {path}; this is a bug in sqlcheck")
        self.rule = rule
        self.path = path

    def __reduce__(self) -> tuple[type[CheckCrashError], tuple[str, str]]:
        """Let a worker process hand it on."""
        return type(self), (self.rule, self.path)
