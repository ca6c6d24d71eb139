"""Names that mean something: near misses of identities, helper columns, secrets, names that are no names.

Every rule about the name of a column asks here, so that two rules never speak about one name for two reasons.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from sqlcheck.apis.facts import Api
from sqlcheck.names import distance, skeleton

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_]+")
_NUMBERED = re.compile(r"(.*[^0-9_])_?([0-9]+)\Z")


@lru_cache(maxsize=4096)
def words(name: str) -> tuple[str, ...]:
    """Split a name written in snake, kebab, camel or upper case into words in lower case; numbers are words."""
    return tuple(word.lower() for word in _WORD.findall(name))


class NearMiss(NamedTuple):
    """A name that is not reserved but was probably meant to be."""

    identity: str
    """The reserved name to use; empty where none stands for it."""
    reason: str
    """Why it is one: `elsewhere` (another mParticle API knows it), `prefix`, `number`, `writing` or `typo`."""


_PREFIXES = ("user_identities.", "device_identities.", "user_attributes.")
_NOT_A_SLIP = frozenset(
    # ordinary words a letter or two away from a word of a reserved name
    "ad aid app bid bother boggle camp cd cid custom customs customized did either ether fare file fine five gid "
    "gmail googled googler grid guid hire idea ide idle ids idx if imp in ind ip is it kid lid mail map member mid "
    "mother my nid numeral numeric otter outer paid phones photo pid pub pushed rid rush sid taken tip tire "
    "titter toggle valid vid void wahoo wire xid zip mails mailed emailed order action os io"
    .split()
)  # fmt: skip
_SHORT = 3
"""Words up to this length are too close to each other for a guess on them alone."""


class _Reserved(NamedTuple):
    name: str
    words: tuple[str, ...]
    skeleton: str
    letters: int
    """The letters that occur, as bits."""


def _letters(text: str) -> int:
    found = 0
    for character in text:
        found |= 1 << (ord(character) & 63)
    return found


class IdentityNames:
    """The identity names of an API version, laid out so that a near miss is found fast."""

    def __init__(self, api: Api) -> None:
        reserved = tuple(api.identities)
        self._uses = api.near_misses
        self._reserved = frozenset(reserved)
        self._exact = {skeleton(name): api.aliases.get(name, name) for name in reserved}
        self._elsewhere = {skeleton(name): name for name in api.near_misses}
        self._entries = tuple(
            _Reserved(name, words(name), skeleton(name), _letters(skeleton(name)))
            for name in reserved
            if name not in api.aliases and not name[-1].isdigit() and len(skeleton(name)) > 4
        )
        self._seen: dict[str, NearMiss | None] = {}

    def near(self, name: str) -> NearMiss | None:
        """Tell which identity a name just misses; None when it is one, or none is near."""
        if name not in self._seen:
            self._seen[name] = self._near(name)
        return self._seen[name]

    def _near(self, name: str) -> NearMiss | None:
        lower = name.lower()
        if lower in self._reserved:
            return None
        for prefix in _PREFIXES:
            if lower.startswith(prefix):
                bare = skeleton(lower[len(prefix) :])
                use = self._exact.get(bare) or self._uses.get(self._elsewhere.get(bare, ""))
                return NearMiss(use, "prefix") if use else None
        plain = skeleton(name)
        if plain in self._elsewhere:
            return NearMiss(self._uses[self._elsewhere[plain]], "elsewhere")
        if plain in self._exact:
            return NearMiss(self._exact[plain], "writing")
        found = _NUMBERED.match(lower)
        stem, number = (found[1], found[2]) if found else (lower, "")
        return self._misnumbered(stem, number) or self._typo(name, plain, stem, number)

    def _misnumbered(self, stem: str, number: str) -> NearMiss | None:
        """Recognise the numbered identities under a number, or a stem, that they do not have."""
        plain = skeleton(stem)
        if plain in ("other", "otherid") and "other" in self._exact:
            return NearMiss("other" if number in ("", "1") else self._exact.get("otherid" + number, ""), "number")
        if plain in ("mobilenumber", "phonenumber") and number and "mobilenumber" in self._exact:
            wanted = "mobile_number" if number == "1" else self._exact.get("phonenumber" + number, "")
            return NearMiss(wanted, "number")
        return None

    def _typo(self, name: str, plain: str, stem: str, number: str) -> NearMiss | None:
        if number:
            # the number has to be right; the slip is in what stands before it
            for wanted in ("otherid", "phonenumber"):
                use = self._exact.get(wanted + number)
                if use and distance(skeleton(stem), wanted, 1) <= 1 and not _is_english(words(stem), wanted):
                    return NearMiss(use, "typo")
            return None
        size, letters = len(plain), _letters(plain)
        for entry in self._entries:
            wanted = entry.skeleton
            limit = 1 if len(wanted) < 9 else 2
            if abs(size - len(wanted)) > limit or (letters ^ entry.letters).bit_count() > 2 * limit:
                continue
            if distance(plain, wanted, limit) <= limit and _is_slip(words(name), plain, entry, limit):
                return NearMiss(entry.name, "typo")
        return None


identity_names = lru_cache(maxsize=8)(IdentityNames)


def near_identity(name: str, api: Api) -> NearMiss | None:
    """Tell which reserved identity an output name just misses; None when it is one, or none is near."""
    return identity_names(api).near(name)


def _is_english(mine: tuple[str, ...], candidate: str) -> bool:
    return any(word in _NOT_A_SLIP and word not in candidate for word in mine)


def _is_slip(mine: tuple[str, ...], plain: str, entry: _Reserved, limit: int) -> bool:
    """Tell a slip of the fingers from another word that happens to look alike."""
    if plain == entry.skeleton + "s":
        return False
    if len(mine) == len(entry.words):
        pairs = zip(mine, entry.words, strict=True)
        return all(_is_word_slip(a, b, entry, limit) for a, b in pairs if a != b)
    if any(word in _NOT_A_SLIP and word not in entry.words for word in mine):
        return False
    # a word too many or too few is another name, unless the words just run together or apart
    slips = distance(plain, entry.skeleton, 1) <= 1
    return slips and len(entry.skeleton) >= 9


def _is_word_slip(mine: str, wanted: str, entry: _Reserved, limit: int) -> bool:
    if mine in _NOT_A_SLIP:
        return False
    if len(wanted) <= _SHORT and len(entry.skeleton) < 7:
        # `amp_id` has neighbours everywhere (app_id, emp_id, map_id, dmp_id): only doubled and swapped letters count
        doubled = len(mine) == len(wanted) + 1 and any(wanted == mine[:i] + mine[i + 1 :] for i in _doubles(mine))
        return doubled or (sorted(mine) == sorted(wanted) and mine != wanted)
    allowed = 2 if len(wanted) >= 8 else 1
    return distance(mine, wanted, min(allowed, limit)) <= min(allowed, limit)


def _doubles(word: str) -> list[int]:
    return [i for i in range(1, len(word)) if word[i] == word[i - 1]]


_HELPER = re.compile(
    r"rn_?\d*|rnum|rnk_?\d*|_?row_?(?:num|number|no)|rownum|seq_?num|rank|dense_?rank|drnk|rk|"
    # loaders and transformers: Fivetran, Airbyte, dbt, Singer/Stitch, dlt, Hevo, Rivery, Snowflake itself
    r"_(?:fivetran|airbyte|ab|dbt|sdc|dlt|hevo|stitch|rivery|portable|estuary)_.*|dbt_.*_at|dbt_scd_id|"
    r"dbt_valid_(?:from|to)|dbt_is_deleted|etl_.*|__.*|metadata\$.*",
    re.IGNORECASE | re.DOTALL,
)


def is_helper(name: str) -> bool:
    """Tell whether a name is one that steps of a pipeline give to their own columns."""
    return _HELPER.fullmatch(name) is not None


class Sensitive(NamedTuple):
    """What makes a name sensitive: the words found, and whether the value is a secret or a special category."""

    words: str
    kind: str


_SECRETS = """
password|passwd|pwd|pword|passphrase|passcode|pass word|pass phrase|secret|secret key|secret question|secret answer
security question|security answer|token|jwt|api key|private key|access key|encryption key|signing key|ssh key|ssn
ssn number|social security|social security number|social security no|social insurance number
national insurance number|national id|national id number|national identification number|tax id|tax id number
taxpayer id|tax number|aadhaar|aadhaar number|passport|passport number|passport no|passport id|drivers license
driver license|driving licence|drivers license number|driver license number|driving licence number
driving license number|drivers licence number|card number|card no|card num|credit card|debit card|credit card number
credit card no|credit card num|cc number|debit card number|cc num|cvv|cvv 2|cvc|cvc 2|cvn|card security code
security code|card pin|atm pin|pin number|iban|iban number|bank account|bank account number|bank account no
routing number|sort code|otp|otp code|one time password|salt|mother maiden name|mothers maiden name
mother s maiden name
"""
_CATEGORIES = """
religion|religious belief|religious beliefs|religious affiliation|faith|ethnicity|ethnic group|ethnic origin|race
ethnic background|racial origin|caste|sexual orientation|sexual preference|sexuality|political party|political view
political views|political opinion|political opinions|political belief|political beliefs|political affiliation
political leaning|political orientation|trade union|union membership|trade union membership|medical record
medical record number|medical condition|medical conditions|medical history|health condition|health conditions
health status|diagnosis|diagnoses|disability|disabilities|hiv status|hiv positive|pregnant|blood type|blood group
genetic data|biometric data|criminal record|pregnancy status
"""
_PHRASES: dict[tuple[str, ...], str] = {
    tuple(phrase.split()): kind
    for kind, phrases in (("secret", _SECRETS), ("category", _CATEGORIES))
    for line in phrases.strip().splitlines()
    for phrase in line.split("|")
}
_FUSED = {"".join(phrase): phrase for phrase in _PHRASES if len(phrase) > 1}
_HEADS = {phrase[-1] for phrase in _PHRASES}
# what still leaves the value itself, or its digest, in the column
_TAILS = frozenset("hash hashed encrypted enc plain plaintext raw value text string digest clear".split())
_WHETHER = frozenset(
    "has had is was are needs need requires forgot reset resets changed uses used use num count total no n days "
    "masked redacted hides without last4 expired invalid valid".split()
)
_ALONE = frozenset({("race",), ("passport",), ("faith",), ("caste",)})
"""Words with another common sense: they count only when they are the whole name."""
_SALTED = frozenset("password passwd pwd hash user auth crypto encryption login account secret".split())
_OTHER_CARDS = frozenset(
    "loyalty gift member membership club library bonus reward rewards store student punch sim id business score "
    "fidelity staff employee health report post travel".split()
)
_OTHER_TOKENS = frozenset("nft crypto game reward rewards bonus chain utility governance favorite favourite".split())


@lru_cache(maxsize=4096)
def sensitive(name: str) -> Sensitive | None:
    """Tell whether a name says that the column holds a secret or data of a special category.

    The last words decide: `user_password` is one, `password_changed_at` and `token_count` are about one.
    """
    parts = words(name)
    while parts and (parts[-1] in _TAILS or (len(parts) > 1 and parts[-1].isdigit() and parts[-2:] not in _PHRASES)):
        parts = parts[:-1]
    if not parts:
        return None
    fused = _FUSED.get(parts[-1])
    if fused:
        parts = (*parts[:-1], *fused)
    elif parts[-1] not in _HEADS:
        return None
    for size in range(min(5, len(parts)), 0, -1):
        kind = _PHRASES.get(parts[-size:])
        if kind:
            return _judge(parts[:-size], parts[-size:], kind)
    return None


def _judge(before: tuple[str, ...], phrase: tuple[str, ...], kind: str) -> Sensitive | None:
    """Weigh what stands before the words that were found."""
    if kind == "secret" and _WHETHER.intersection(before):
        return None
    if before and phrase in _ALONE:
        return None
    others = {"salt": _SALTED, "token": _OTHER_TOKENS}.get(phrase[-1])
    if phrase == ("salt",) and before and not _SALTED.intersection(before):
        return None
    if phrase == ("token",) and others and others.intersection(before):
        return None
    if phrase[0] == "card" and before and before[-1] in _OTHER_CARDS:
        return None
    if phrase in (("pin", "number"), ("security", "code")) and _OTHER_CARDS.intersection(before):
        return None
    return Sensitive(" ".join(phrase), kind)


# The patterns down here are for the few names that have a digit or a dot: each is compiled when it is first needed.
_DATE = (
    r"'?(?:(?:19|20)\d\d([-/._ ]?)(?:0?[1-9]|1[0-2])(?:\1(?:0?[1-9]|[12]\d|3[01]))?(?:[T ]\d\d?:\d\d.*)?|"
    r"\d{1,2}([-/.])\d{1,2}\2(?:\d\d){1,2}|"
    r"\d{1,2}[ -](?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[ -]\d{2,4}|"
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* \d{1,2},? \d{4})'?"
)
_URL = r"(?:[a-z][a-z0-9+.-]*://|www\.)\S+|(?:[a-z0-9-]+\.)+[a-z]{2,}/\S*"
_ID = r"'?\d{6,}'?|[^@\s]+@[^@\s]+\.[^@\s.]+"
_LONG_ID = (
    r"(?<![0-9a-f])(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32}(?:[0-9a-f]{8})?(?:[0-9a-f]{24})?)"
    r"(?![0-9a-f])"
)
"""A UUID, or a digest in hexadecimal."""
_TELLING = re.compile(r"[\d./@]")
"""What a date, a URL or an id has at least one of."""
_JOINERS = "\u200c\u200d"


@lru_cache(maxsize=4096)
def oddity(name: str) -> str | None:
    """Say what is odd about an attribute's name, as the end of a sentence; None for a name that is one."""
    if name != name.strip():
        side = "begins" if name[:1].isspace() else "ends"
        return f"{side} with a blank"
    if not (name.isascii() and name.isprintable()):
        for at, character in enumerate(name):
            if _invisible(name, at):
                return f"holds the invisible character U+{ord(character):04X}"
    if _TELLING.search(name) is None:
        return None
    if re.fullmatch(_DATE, name, re.IGNORECASE):
        return "is a date"
    if re.fullmatch(_URL, name, re.IGNORECASE):
        return "is a URL"
    is_id = re.fullmatch(_ID, name) or (len(name) >= 32 and re.search(_LONG_ID, name, re.IGNORECASE))
    return "is an id" if is_id else None


def _invisible(name: str, at: int) -> bool:
    character = name[at]
    if " " <= character <= "~":
        return False
    category = unicodedata.category(character)
    if category == "Cf" and character in _JOINERS:
        # joiners are part of the spelling between letters of some scripts and inside emoji
        return not (0 < at < len(name) - 1 and name[at - 1] > "~" and name[at + 1] > "~")
    return category in ("Cc", "Cf", "Zl", "Zp") or (category == "Zs" and character != " ")


_BETWEEN_DIGITS = r"(?<!\d)[-_. ]+|[-_. ]+(?!\d)"


@lru_cache(maxsize=4096)
def twin_key(name: str) -> str:
    """Reduce a name to what is left without case and separators; a separator between two digits stays."""
    lower = name.lower()
    bare = lower.replace("_", "").replace(" ", "").replace("-", "").replace(".", "")
    return bare if bare.isalpha() else re.sub(_BETWEEN_DIGITS, "", lower)


_ORDINARY = r"other(?:_id_\d+)?|google|microsoft|facebook|twitter|yahoo|email"


def is_ordinary_word(identity: str) -> bool:
    """Tell whether an identity's name is a word that a column of quite another meaning may bear."""
    return re.fullmatch(_ORDINARY, identity.lower()) is not None
