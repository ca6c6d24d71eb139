"""What the tests of the warehouses share: an account on loopback that notes all that reaches it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.warehouses.account import Account, Answer, scripted, serving

COLUMNS = [("CUSTOMER_ID", "FIXED", False), ("email", "TEXT", True), ("UPDATED_AT", "TIMESTAMP_NTZ", True)]
ANSWERS = {
    "SELECT some": Answer(COLUMNS, [["7", "ann@example.com", "1767225600.000000000"], ["8", None, None]]),
    "SELECT far": Answer(COLUMNS[2:], [["253402300800.000000000"]]),
    "SELECT slow": Answer([("N", "FIXED", False)], [["1"]], seconds=60.0),
    "SELECT wrong": Answer(
        error="SQL compilation error: error line 1 at position 7\ninvalid identifier 'WRONG'", errno=904
    ),
    "SELECT idle": Answer(error="No active warehouse selected in the current session.", errno=606, sqlstate="57P03"),
    "SELECT old": Answer(error="Your session has expired. Please log in again.", errno=390111),
    "SELECT late": Answer(
        error="Statement reached its statement or warehouse timeout of 60 second(s) and was canceled.", errno=630
    ),
}


@pytest.fixture
def account() -> Iterator[Account]:
    """Serve an account that answers a few statements, and records every one in `sent`."""
    with serving(scripted(ANSWERS)) as served:
        yield served
