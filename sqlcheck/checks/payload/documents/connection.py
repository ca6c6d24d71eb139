"""The fields of a Snowflake connection: have they the form that Snowflake gives them?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlcheck.documents.bodies import Body, bodies
from sqlcheck.documents.document import Document
from sqlcheck.documents.nodes import Node
from sqlcheck.model import Finding
from sqlcheck.names import closest, distance, skeleton

_ARN = re.compile(r"arn:aws(-cn|-us-gov)?:iam::[0-9]+:user/[\w+=,.@/-]+\Z")
_EXTERNAL_ID = re.compile(r"[\w.-]+=[0-9]+_[A-Za-z0-9+/_-]+={1,2}\Z")
_ACCOUNT = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")
_URL = re.compile(r"(?:https?://)?([\w.-]+?)\.snowflakecomputing\.(?:com|cn)", re.IGNORECASE)

_DIRECTION = r"(?=[a-z])(north|south|central)?(east|west)?(north|south|central)?"
_AWS = re.compile(
    rf"(af|ap|ca|cn|eu|il|me|mx|sa|us)(-gov|-iso[a-z]?)?-{_DIRECTION}-[0-9]{{1,2}}(\.(fhplus|dod|cds))?\Z"
)
_GCP = re.compile(rf"(africa|asia|australia|europe|me|northamerica|southamerica|us)-{_DIRECTION}[0-9]{{1,2}}\Z")
_AZURE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*(\.fhplus)?\Z")
_CLOUD = re.compile(r"\A(?:(?:fhplus|dod)\.)?(.+)\.(aws|gcp|azure)\Z")
_PREFIX = re.compile(r"(?:public\.)?(aws|gcp|azure)[_.-]")

# the ids in account identifiers: https://docs.snowflake.com/en/user-guide/admin-account-identifier
_REGIONS = [
    "us-west-2",
    "us-east-2.aws",
    "us-east-1",
    "us-gov-west-1.aws",
    "us-gov-east-1.aws",
    "ca-central-1.aws",
    "sa-east-1.aws",
    "eu-west-1",
    "eu-west-2.aws",
    "eu-west-3.aws",
    "eu-central-1",
    "eu-central-2.aws",
    "eu-north-1.aws",
    "af-south-1.aws",
    "ap-northeast-1.aws",
    "ap-northeast-2.aws",
    "ap-northeast-3.aws",
    "ap-south-1.aws",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3.aws",
    "us-central1.gcp",
    "us-east4.gcp",
    "europe-west2.gcp",
    "europe-west3.gcp",
    "europe-west4.gcp",
    "me-central2.gcp",
    "australia-southeast2.gcp",
    "west-us-2.azure",
    "central-us.azure",
    "south-central-us.azure",
    "east-us-2.azure",
    "us-gov-virginia.azure",
    "canada-central.azure",
    "mexico-central.azure",
    "uk-south.azure",
    "north-europe.azure",
    "west-europe.azure",
    "switzerland-north.azure",
    "uae-north.azure",
    "sweden-central.azure",
    "central-india.azure",
    "japan-east.azure",
    "korea-central.azure",
    "southeast-asia.azure",
    "australia-east.azure",
]
_BY_LETTERS = {skeleton(_CLOUD.sub(r"\1", region)): region for region in _REGIONS}
_AZURE_WORDS = {word for region in _REGIONS if region.endswith(".azure") for word in re.findall("[a-z]{4,}", region)}
_NAMES = ("role", "warehouse", "database", "user")


def bad_arn(document: Document) -> Iterator[Finding]:
    """Report an ARN that is none of an AWS user."""
    for body, node, text in _fields(document, "snowflake_aws_iam_user_arn"):
        if not _ARN.match(text):
            advice = "copy STORAGE_AWS_IAM_USER_ARN from DESCRIBE INTEGRATION: `arn:aws:iam::<account number>:user/…`"
            yield Finding(body.place(node), f"`{text}` is not the ARN of an AWS user", advice)


def bad_external_id(document: Document) -> Iterator[Finding]:
    """Report an external id that is not as Snowflake makes them."""
    for body, node, text in _fields(document, "snowflake_aws_external_id"):
        if not _EXTERNAL_ID.match(text):
            advice = "copy all of STORAGE_AWS_EXTERNAL_ID from DESCRIBE INTEGRATION, as `GD1234=2_abcdefg=`"
            yield Finding(body.place(node), f"`{text}` is not an external id of Snowflake", advice)


def bad_account(document: Document) -> Iterator[Finding]:
    """Report an account that is not given by its locator."""
    for body, node, text in _fields(document, "source_account_id"):
        if not _ACCOUNT.match(text):
            advice = _account_advice(body, text)
            yield Finding(body.place(node), f"`{text}` is not an account locator", advice)


def bad_region(document: Document) -> Iterator[Finding]:
    """Report a region that has none of the forms of Snowflake's region ids."""
    for body, node, text in _fields(document, "region"):
        if not _is_region(text.lower()):
            yield Finding(body.place(node), f"`{text}` is not a region id of Snowflake", _region_advice(text.lower()))


def quoted_connection_name(document: Document) -> Iterator[Finding]:
    """Report double quotes in a name of the connection."""
    for name in _NAMES:
        for body, node, text in _fields(document, name):
            if '"' in text:
                message = f"`{name}` of {body.title} has double quotes in it"
                yield Finding(body.place(node), message, "use a name that Snowflake takes without quotes")


def _fields(document: Document, name: str) -> Iterator[tuple[Body, Node, str]]:
    for body in bodies(document):
        found = body.settled(name) if body.kind == "connection" else None
        if found:
            yield body, *found


def _account_advice(body: Body, text: str) -> str:
    url = _URL.match(text)
    host = url.group(1) if url else text
    locator, dot, region = host.partition(".")
    if dot and _ACCOUNT.match(locator):
        return f"write the locator alone, `{locator}`, and `{region}` as the `{body.called('region')}`"
    query = "`SELECT CURRENT_ACCOUNT()` in Snowflake gives it"
    if "-" in host and not re.search(r"\s", host):
        return f"this is the name of an account in its organization; {query}"
    return f"it is letters and digits, as `gd1234`; {query}"


def _is_region(text: str) -> bool:
    found = _CLOUD.match(text)
    base, cloud = found.groups() if found else (text, "aws")
    if cloud == "azure":
        return _AZURE.match(base) is not None and (skeleton(base) in _BY_LETTERS or not _misspelt(base))
    return (_GCP if cloud == "gcp" else _AWS).match(base) is not None


def _misspelt(base: str) -> bool:
    """Tell whether a word of an Azure region is one letter away from a known one."""
    words = set(re.findall("[a-z]{4,}", base)) - _AZURE_WORDS
    return any(distance(word, known, 1) == 1 for word in words for known in _AZURE_WORDS)


def _region_advice(text: str) -> str:
    base = _CLOUD.sub(r"\1", _PREFIX.sub("", text))
    guess = _BY_LETTERS.get(skeleton(base))
    if guess is None and _GCP.match(base):
        guess = f"{base}.gcp"
    if guess is None:
        guess = closest(text, _REGIONS)
    if guess:
        return f"did you mean `{guess}`?"
    return "it is like `us-east-1`, `us-central1.gcp` or `west-europe.azure`"
