"""What a CI service tells a job by its environment."""

from __future__ import annotations

import os

from sqlcheck.formats._checkout import Checkout


def in_github() -> bool:
    """Tell whether GitHub Actions reads what is printed."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def checkout() -> Checkout:
    """Tell where the repository is that is being checked; without a CI service it is the current folder.

    https://docs.github.com/en/actions/reference/workflows-and-actions/variables
    https://docs.gitlab.com/ci/variables/predefined_variables/
    """
    environ = os.environ
    if in_github():
        parts = [environ.get(f"GITHUB_{name}", "") for name in ("SERVER_URL", "REPOSITORY", "SHA")]
        return Checkout(environ.get("GITHUB_WORKSPACE"), "{}/{}/blob/{}/".format(*parts) if all(parts) else "")
    if environ.get("GITLAB_CI") == "true":
        parts = [environ.get(f"CI_{name}", "") for name in ("PROJECT_URL", "COMMIT_SHA")]
        return Checkout(environ.get("CI_PROJECT_DIR"), "{}/-/blob/{}/".format(*parts) if all(parts) else "")
    return Checkout(os.getcwd())
