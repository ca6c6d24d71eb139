"""A Snowflake account on loopback: what the connector talks to in the tests, and a record of all that it sends."""

from __future__ import annotations

import gzip
import json
import socket
import struct
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qs, urlsplit

import pytest

Json = dict[str, Any]
Kind = Literal["describe", "run"]
Fault = Literal["500", "403", "drop", "hang"]


def major() -> int:
    """Give the major version of the connector, 0 when there is none."""
    try:
        return int(version("snowflake-connector-python").split(".")[0])
    except PackageNotFoundError:
        return 0


needs_connector = pytest.mark.skipif(not major(), reason="the connector is not installed")


@dataclass(frozen=True)
class Answer:
    """What the account replies to a statement: columns as (name, type, nullable), rows as texts, or an error."""

    columns: Sequence[tuple[str, str, bool]] = ()
    rows: Sequence[Sequence[str | None]] = ()
    error: str | None = None
    errno: int = 1003
    sqlstate: str = "42000"
    seconds: float = 0.0
    """How long it runs."""

    def body(self, statement: Statement) -> Json:
        """Write it as the reply to a query request."""
        if self.error is not None:
            data: Json = {"queryId": statement.id, "errorCode": f"{self.errno:06d}", "sqlState": self.sqlstate}
            return {"success": False, "code": f"{self.errno:06d}", "message": self.error, "data": data}
        rows = [] if statement.kind == "describe" else list(self.rows)
        data = {
            "queryId": statement.id,
            "rowtype": [_column(*column) for column in self.columns],
            "rowset": rows,
            "queryResultFormat": "json",
            "total": len(rows),
            "returned": len(rows),
            "parameters": [],
            "statementTypeId": 4096,
            "numberOfBinds": 0,
            "arrayBindSupported": False,
            "version": 1,
            "finalDatabaseName": None,
            "finalSchemaName": None,
            "finalWarehouseName": "W",
            "finalRoleName": "R",
        }
        return {"success": True, "code": None, "message": None, "data": data}


def _column(name: str, type: str, nullable: bool) -> Json:
    numeric = type == "FIXED"
    return {
        "name": name,
        "type": type,
        "nullable": nullable,
        "precision": 38 if numeric else None,
        "scale": 0 if numeric else 9 if type.startswith("TIME") else None,
        "length": 16777216 if type == "TEXT" else None,
        "byteLength": 16777216 if type == "TEXT" else None,
        "database": "",
        "schema": "",
        "table": "",
        "collation": None,
    }


@dataclass(frozen=True)
class Statement:
    """A statement that has reached the account."""

    sql: str
    kind: Kind
    id: str = field(default_factory=lambda: str(uuid.uuid4()), compare=False)


class Reply(NamedTuple):
    """What is replied to a statement, and how many seconds that takes."""

    body: Json
    seconds: float = 0.0


Engine = Callable[[Statement], Reply]


@dataclass
class Account:
    """What the account does, and what has reached it.

    `faults` are what happens instead of an answer, by the beginning of a path; `refused` is the reply to a login.
    """

    engine: Engine
    faults: dict[str, Fault] = field(default_factory=dict)
    refused: tuple[int, str] | None = None
    port: int = 0
    statements: list[Statement] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    logins: list[Json] = field(default_factory=list)
    aborted: set[str] = field(default_factory=set)
    closed: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    arrived: threading.Condition = field(default_factory=threading.Condition)
    _replies: dict[str, tuple[Json, float]] = field(default_factory=dict)

    @property
    def options(self) -> dict[str, object]:
        """Give the settings of a connection to it."""
        return {
            "account": "acme",
            "user": "ANN",
            "password": "pa55-of-the-test",
            "host": "127.0.0.1",
            "port": self.port,
            "protocol": "http",
            "role": "MP_ROLE",
            "warehouse": "WH",
        }

    @property
    def sent(self) -> list[tuple[Kind, str]]:
        """Give the statements that have reached the account, in order."""
        return [(statement.kind, statement.sql) for statement in self.statements]

    def await_statement(self, seconds: float = 10.0) -> None:
        """Wait until a statement has reached the account."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: bool(self.statements), seconds)

    def login(self, body: Json) -> Json:
        """Answer a login."""
        self.logins.append(body["data"])
        if self.refused:
            errno, message = self.refused
            return {
                "success": False,
                "code": str(errno),
                "message": message,
                "data": {"authnMethod": "USERNAME_PASSWORD"},
            }
        asked: Json = body["data"].get("SESSION_PARAMETERS") or {}
        return {
            "success": True,
            "code": None,
            "message": None,
            "data": {
                "token": "session-token-of-the-test",
                "masterToken": "master-token-of-the-test",
                "validityInSeconds": 3600,
                "masterValidityInSeconds": 14400,
                "displayUserName": "ANN",
                "serverVersion": "9.0.0",
                "sessionId": 1,
                "parameters": [{"name": name, "value": value} for name, value in asked.items()],
                "sessionInfo": {"databaseName": None, "schemaName": None, "warehouseName": "WH", "roleName": "MP_ROLE"},
            },
        }

    def query(self, body: Json) -> Json:
        """Answer a statement, or take it on when it is to run by itself."""
        statement = Statement(body["sqlText"], "describe" if body.get("describeOnly") else "run")
        with self.arrived:
            self.statements.append(statement)
            self.arrived.notify_all()
        reply = self.engine(statement)
        done = time.monotonic() + reply.seconds
        if not body.get("asyncExec"):
            while time.monotonic() < done and not self.ended.is_set():
                time.sleep(0.01)
            return reply.body
        self._replies[statement.id] = (reply.body, done)
        return {
            "success": True,
            "code": "333334",
            "message": "Asynchronous execution in progress.",
            "data": {
                "queryId": statement.id,
                "getResultUrl": f"/queries/{statement.id}/result",
                "queryAbortsAfterSecs": 300,
            },
        }

    def status(self, number: str) -> Json:
        """Tell how far a statement is."""
        reply, done = self._replies[number]
        query: Json = {"id": number, "status": "SUCCESS"}
        if number in self.aborted:
            query |= {"status": "ABORTED", "errorCode": "000604", "errorMessage": "SQL execution canceled"}
        elif time.monotonic() < done:
            query["status"] = "RUNNING"
        elif not reply["success"]:
            query |= {"status": "FAILED_WITH_ERROR", "errorCode": reply["code"], "errorMessage": reply["message"]}
        return {"success": True, "code": None, "message": None, "data": {"queries": [query]}}

    def answer(self, path: str, query: dict[str, list[str]], body: Json) -> Json:
        """Answer one request."""
        match [part for part in path.split("/") if part]:
            case ["session", "v1", "login-request"]:
                return self.login(body)
            case ["queries", "v1", "query-request"]:
                return self.query(body)
            case ["monitoring", "queries", number]:
                return self.status(number)
            case ["queries", number, "result"]:
                return self._replies[number][0]
            case ["queries", number, "abort-request"]:
                self.aborted.add(number)
            case ["session"] if query.get("delete"):
                self.closed.set()
        return {"success": True, "code": None, "message": None, "data": {}}


class _Handler(BaseHTTPRequestHandler):
    account: Account
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Content-Encoding") == "gzip":
            raw = gzip.decompress(raw)
        self._answer(json.loads(raw) if raw.strip() else {})

    def do_GET(self) -> None:
        self._answer({})

    def _answer(self, body: Json) -> None:
        url = urlsplit(self.path)
        self.account.paths.append(url.path)
        fault = next((fault for path, fault in self.account.faults.items() if url.path.startswith(path)), None)
        if fault == "hang":
            self.account.ended.wait(60)
        if fault in ("hang", "drop"):
            # a reset rather than an orderly end, as when a firewall forgets the connection
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()
            return
        reply = None if fault else self.account.answer(url.path, parse_qs(url.query), body)
        self._send(int(fault or 200), json.dumps(reply or {"message": "internal"}).encode())

    def _send(self, code: int, content: bytes) -> None:
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: object) -> None:
        """Keep quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Keep quiet of clients that have gone."""


def scripted(answers: dict[str, Answer]) -> Engine:
    """Answer the statements named, and refuse all others."""

    def engine(statement: Statement) -> Reply:
        answer = answers.get(statement.sql, Answer(error=f"no answer for {statement.sql}"))
        return Reply(answer.body(statement), 0.0 if statement.kind == "describe" else answer.seconds)

    return engine


@contextmanager
def serving(engine: Engine) -> Iterator[Account]:
    """Serve an account on a free port of loopback."""
    account = Account(engine)
    handler = type("Handler", (_Handler,), {"account": account})
    server = _Server(("127.0.0.1", 0), handler)
    account.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield account
    finally:
        account.ended.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
