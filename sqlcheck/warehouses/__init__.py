"""Warehouses behind one door: connect, describe, fetch. One module a warehouse, imported when it is asked for.

Each gives a `Session` over the Snowflake connector's public DB-API; what differs between them is in `Traits`.
"""

from __future__ import annotations
