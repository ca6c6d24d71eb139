"""What Snowflake's connector raises → one line that says what to do, alike for all versions, and without secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field

from sqlcheck.errors import SqlcheckError
from sqlcheck.warehouses.session import OverdueError, RefusedError

_SECRET = re.compile(r"password|passcode|token|secret|private_key|passphrase|pwd", re.IGNORECASE)
_PATH = re.compile(r"_(?:path|file)\Z")
_ID = re.compile(r"\s*\(?(?:\b\w+[=:]\s*)?\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b,?\)?")
"""The id of a request or a statement, which is another one every time."""
_PADDING = re.compile(
    r"\A\d{6}(?: \(\w+\))?: |Failed to connect to DB: [^ ]+ |Failed to login: |Login error: |, code: \d+\Z"
    r"|Configuration error: |Configuration validation failed \(\d+ issue\(s\)\): (?:\w+: )?|Failed to execute request: "
)
"""What the connector puts around the words of the account."""
_CLIENT = 250_000
"""The numbers of errors that are not about a statement begin here."""
_STOPPED, _NO_WAREHOUSE, _TIME_LIMIT = 604, 606, 630
"""Errors that are about a statement but not about its text."""

_LOGIN = "refused the login of {user}: "
_KEPT_OUT = "cannot be logged in to: "
_HINTS = {
    # first, since the words quote the value
    r"\b252005\b": "sent a value that has no form here, as a date after the year 9999: select another one",
    r"\b390100\b": _LOGIN + "the name or the password is wrong",
    r"\b39430[12]\b": _LOGIN + "the token is too old or too new; look at the clock of this machine",
    r"\b(?:390144|39430[034])\b": _LOGIN + "the key is not the one that DESCRIBE USER shows, or the account is another",
    r"\b390422\b": _LOGIN + "this machine's address is not in its network policy",
    r"\b39010[12]\b": _LOGIN + "the user is locked or disabled",
    r"\b(?:390186|390189)\b": _LOGIN + "the user may not use the role {role}",
    r"\b(?:390104|39011[124]|390195|250002)\b": "has ended the session: run the command again",
    r"\b39\d{4}\b": _LOGIN + "{words}",
    rf"\A{_NO_WAREHOUSE}\b|No active warehouse": "runs nothing, as no warehouse is in use: set `warehouse` in the "
    "connection, and grant the role {role} USAGE on it",
    rf"\A{_STOPPED}\b": "stopped the statement: somebody has cancelled it there",
    r"could not decrypt key|key is encrypted|Authentication failed\. Unspecified": _KEPT_OUT
    + "the private key does not open; its passphrase is wrong or missing",
    r"private.key.file|FileNotFoundError": _KEPT_OUT + "the private key cannot be read: {words}",
    r"\b251005\b|parameter 'user'": _KEPT_OUT + "the connection has no user",
    r"\b251006\b|parameter 'password'": _KEPT_OUT + "the connection has no password, key or token",
    r"(?:HTTP|status:?) 40[34]\b|account name is correct": "is not known, or does not let this machine in (HTTP 403): "
    "look at the account and its region",
    r"lookup address|Name or service|refused \(os|Connection refused|\b251011\b|login timed out": "cannot be reached: "
    "no answer from {host}; look at the account and its region, and at the network",
    r"(?:HTTP|status:?) 5\d\d\b|\b251012\b": "has an error of its own (HTTP 5xx): try again later",
    r"reset by peer|Connection aborted|closed before|end of file": "broke the connection: run the command again",
    r"[Tt]imed out|deadline exceeded": "did not answer in time",
}
"""What is said of an error, by what is found in its number and words; the first that fits counts.

Numbers from 390000 are the account's, and among those of a key pair's token in
https://docs.snowflake.com/en/user-guide/key-pair-auth-troubleshooting; from 250000 they are the connector's.
"""


def refused(error: Exception) -> RefusedError | None:
    """Give what Snowflake said of a statement, or None when the trouble is another."""
    errno = getattr(error, "errno", None)
    if type(error).__name__ not in ("ProgrammingError", "IntegrityError") or not isinstance(errno, int):
        return None
    if not 0 < errno < _CLIENT or errno in (_STOPPED, _NO_WAREHOUSE, _TIME_LIMIT):
        return None
    state = getattr(error, "sqlstate", None)
    return RefusedError(_ID.sub("", _words(error)).strip(), errno, None if state == "n/a" else state)


def unusable(error: Exception) -> str:
    """Say why the profiles cannot be read; what stands in them is not told."""
    found = re.search(r"[^\s']+\.toml", _words(error))
    if found and re.search(r"writable|permission", _words(error), re.IGNORECASE):
        return f"the profiles in {found[0]} are not used, since others may write to it: chmod 600 it"
    return "the profiles of Snowflake's connector cannot be read: see whether connections.toml and config.toml are TOML"


@dataclass(frozen=True)
class Login:
    """The options that a connection was opened with, as far as a message may tell them."""

    options: Dictionary[str, object] = field(repr=False)

    def silence(self) -> SqlcheckError:
        """Say that the login was never answered."""
        return SqlcheckError(self._fill("cannot be reached: no answer from {host} to the login", ""))

    def trouble(self, error: Exception) -> SqlcheckError:
        """Say in one line what is wrong, and what to do."""
        chain = list(_chain(error))
        text = " / ".join(f"{getattr(each, 'errno', '')} {_words(each)}" for each in chain)
        if getattr(error, "errno", None) == _TIME_LIMIT:
            return OverdueError("Snowflake stopped the statement at its time limit: give it longer with --timeout")
        say = next((say for pattern, say in _HINTS.items() if re.search(pattern, text)), "gave an error: {words}")
        return SqlcheckError(self._fill(say, _words(error)))

    def _fill(self, say: str, words: str) -> str:
        account = self.options.get("account", "?")
        filled = say.format(
            user=f"`{self.options.get('user', '?')}`",
            role=f"`{self.options['role']}`" if self.options.get("role") else "of the user",
            host=self.options.get("host") or f"{account}.snowflakecomputing.com",
            words=self._discreet(words),
        )
        return f"Snowflake account `{account}` {filled}"

    def _discreet(self, words: str) -> str:
        """Give words in one line, or none of them when they repeat a secret of the connection."""
        secrets = [
            value
            for name, value in self.options.items()
            if isinstance(value, str) and value and _SECRET.search(name) and not _PATH.search(name)
        ]
        if any(secret in words for secret in secrets):
            return "its words are not shown, since they repeat a secret"
        return " ".join(_PADDING.sub("", _ID.sub("", words)).split())


def _chain(error: BaseException) -> Iterator[Exception]:
    """Give an error and those behind it: before 5 the connector tells there alone what has really happened."""
    seen: BaseException | None = error
    while isinstance(seen, Exception):
        yield seen
        seen = seen.__cause__ or seen.__context__


def _words(error: Exception) -> str:
    """Give the message of an error; one that is not the connector's own is often nothing without its name."""
    return str(getattr(error, "raw_msg", None) or f"{type(error).__name__}: {error}")
