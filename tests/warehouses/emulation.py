"""fakesnow's server behind the account on loopback: the connector's statements run on DuckDB."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection

from tests.warehouses.account import Engine, Json, Reply, Statement


@contextmanager
def emulating(setup: Sequence[str]) -> Iterator[Engine]:
    """Start fakesnow's server, run statements there, and give what answers the statements that follow."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    run = [sys.executable, "-W", "ignore", "-m", "fakesnow", "--server", "--port", str(port)]
    server = subprocess.Popen(run, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _await(port)
        token = _post(port, "/session/v1/login-request", {"data": {"SESSION_PARAMETERS": {}}}, "None")["data"]["token"]

        def engine(statement: Statement) -> Reply:
            asked = {"sqlText": statement.sql, "describeOnly": statement.kind == "describe"}
            reply = _post(port, "/queries/v1/query-request", asked, token)
            if reply["data"]:
                reply["data"]["queryId"] = statement.id
            return Reply(reply)

        for sql in setup:
            body = engine(Statement(sql, "run")).body
            assert body["success"], body
        yield engine
    finally:
        server.terminate()
        server.wait(10)


def _await(port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("fakesnow's server did not start")


def _post(port: int, path: str, body: Json, token: str) -> Json:
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("POST", path, json.dumps(body), {"Authorization": f'Snowflake Token="{token}"'})
        reply: Json = json.loads(connection.getresponse().read())
        return reply
    finally:
        connection.close()
