"""The API of 2023, `/platform/v1/`: the experimental one under another address."""

from __future__ import annotations

from sqlcheck.apis.experimental import EXPERIMENTAL

V1 = EXPERIMENTAL._replace(
    name="v1",
    page="https://docs.mparticle.com/developers/warehouse-sync-api/v1/reference/",
)
