"""The versions of the Warehouse Sync API as values: the facts that rules and payloads rest on."""

from __future__ import annotations

from sqlcheck.apis.experimental import EXPERIMENTAL
from sqlcheck.apis.facts import Api
from sqlcheck.apis.v1 import V1
from sqlcheck.apis.v2 import V2

API_VERSIONS: dict[str, Api] = {api.name: api for api in (EXPERIMENTAL, V1, V2)}
DEFAULT = V1.name

__all__ = ["API_VERSIONS", "DEFAULT"]
