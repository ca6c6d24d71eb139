"""Profiles of connections.toml, and that nothing is said beside what sqlcheck says: each test a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.warehouses.account import Account, major, needs_connector

pytestmark = needs_connector

CODE = """
import sys

reached = set()
sys.addaudithook(lambda event, what: reached.add(what[1]) if event == "socket.connect" else None)

from sqlcheck.errors import SqlcheckError
from sqlcheck.warehouses.session import Limits
from sqlcheck.warehouses.snowflake import connect

for name in sys.argv[1:]:
    try:
        session = connect(name, None, {}, Limits(seconds=20))
        print(name, len(session.fetch("SELECT some").rows), flush=True)
        session.close()
    except SqlcheckError as error:
        print(name, error, flush=True)
print(*sorted({address[0] for address in reached}))
"""
SECRETS = {
    "password": "pa55-of-the-test",
    "right": "pa55phrase-of-the-test",
    "wrong": "guess-of-the-test",
    "token": "t0ken",
}
UNKNOWN = "no connection is called `{}`, in the project file or in connections.toml: "
NO_TOML = "the profiles of Snowflake's connector cannot be read: see whether connections.toml and config.toml are TOML"
KEPT_OUT = "Snowflake account `acme` cannot be logged in to: "


@pytest.fixture
def home(tmp_path: Path, account: Account) -> Path:
    """Make a SNOWFLAKE_HOME with profiles of the account on loopback, one for each way to log in."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = tmp_path / "key.p8"
    lock = serialization.BestAvailableEncryption(SECRETS["right"].encode())
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    key.write_bytes(rsa.generate_private_key(65537, 2048).private_bytes(pem, pkcs8, lock))
    key.chmod(0o600)
    by_key = {"authenticator": "SNOWFLAKE_JWT", "private_key_file": str(key)}
    profiles = {
        "password": {"password": SECRETS["password"]},
        "key": {**by_key, "private_key_file_pwd": SECRETS["right"]},
        "wrong-passphrase": {**by_key, "private_key_file_pwd": SECRETS["wrong"]},
        "no-passphrase": by_key,
        "access-token": {"authenticator": "PROGRAMMATIC_ACCESS_TOKEN", "token": SECRETS["token"]},
        "oauth": {"authenticator": "oauth", "token": SECRETS["token"]},
        "nothing": {},
    }
    own = {name: account.options[name] for name in ("account", "user", "host", "protocol", "port")}
    lines = []
    for name, fields in profiles.items():
        lines += [f"[{name}]", *(f"{key} = {value!r}" for key, value in {**own, **fields}.items())]
    lines += ["[password.session_parameters]", "TIMEZONE = 'Europe/Berlin'", "WEEK_START = 1"]
    return write(tmp_path, "\n".join(lines))


def write(folder: Path, text: str, mode: int = 0o600) -> Path:
    (folder / "connections.toml").write_text(text)
    (folder / "connections.toml").chmod(mode)
    return folder


def said(home: Path, *names: str) -> list[str]:
    """Give the lines of stdout; stderr must be empty, though all warnings are on."""
    environment = {**os.environ, "SNOWFLAKE_HOME": str(home), "HOME": str(home)}
    run = [sys.executable, "-W", "always", "-c", CODE, *names]
    done = subprocess.run(run, capture_output=True, text=True, timeout=60, env=environment, check=True)
    assert "" == done.stderr
    assert [] == [secret for secret in SECRETS.values() if secret in done.stdout]
    return done.stdout.splitlines()


REACHED = "127.0.0.1" if major() < 5 else ""
"""Whom a process calls that logs in; of 5 this shows nothing, as its core opens its sockets itself."""


def test_every_way_to_log_in_is_the_connectors_own_and_nobody_but_the_account_is_called(
    home: Path, account: Account
) -> None:
    ways = ("password", "key", "access-token", "oauth")
    assert [*(f"{way} 2" for way in ways), REACHED] == said(home, *ways)
    kinds = [str(login.get("AUTHENTICATOR", "")).upper() for login in account.logins]
    assert ("1", "UTC") == tuple(
        str(account.logins[0]["SESSION_PARAMETERS"][key]) for key in ("WEEK_START", "TIMEZONE")
    )
    assert ["", "SNOWFLAKE_JWT", "PROGRAMMATIC_ACCESS_TOKEN", "OAUTH"] == kinds


def test_a_profile_that_does_not_do_says_what_it_lacks(home: Path) -> None:
    passphrase = KEPT_OUT + "the private key does not open; its passphrase is wrong or missing"
    expected = [
        f"wrong-passphrase {passphrase}",
        f"no-passphrase {passphrase}",
        f"nothing {KEPT_OUT}the connection has no password, key or token",
        f"pasword {UNKNOWN.format('pasword')}did you mean `password`?",
        "",
    ]
    assert expected == said(home, "wrong-passphrase", "no-passphrase", "nothing", "pasword")


@pytest.mark.parametrize(
    ("text", "mode", "expected"),
    [
        ("[x]", 0o666, "the profiles in {} are not used, since others may write to it: chmod 600 it"),
        (f"[x\npassword = '{SECRETS['password']}'", 0o600, NO_TOML),
        ("", 0o600, UNKNOWN.format("x") + "there are none"),
    ],
)
def test_profiles_that_cannot_be_read_say_why(text: str, mode: int, expected: str, tmp_path: Path) -> None:
    home = write(tmp_path, text, mode)
    assert [f"x {expected.format(home / 'connections.toml')}", ""] == said(home, "x")
