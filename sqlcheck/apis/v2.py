"""The API since October 2023, `/platform/v2/`.

Identities, attributes and limits are taken over from v1, as v1 pipelines were migrated without a change to their
queries (https://docs.mparticle.com/developers/warehouse-sync-api/migration/).
"""

from __future__ import annotations

from sqlcheck.apis.v1 import V1
from sqlcheck.model import Severity

V2 = V1._replace(
    name="v2",
    page="https://docs.mparticle.com/developers/warehouse-sync-api/reference/",
    # no page that could be read says whether v2 takes a WITH clause
    with_severity=Severity.INFO,
    # the limits page no longer has a number of columns: https://docs.mparticle.com/guides/default-service-limits/
    max_columns=None,
    # the bodies of data models and pipelines are not documented well enough to be written or checked
    resources={},
)
