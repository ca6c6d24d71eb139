"""`-- sqlcheck:` comments of a query → directives: settings in its header, and ignores.

A header stands before the first token. An ignore at the end of a line is for that line; alone on a line
it is for the next line that holds code; `ignore-file` in the header is for the whole text. The grammar is

    sqlcheck: KEY=VALUE …  ignore[RULE, …](COLUMN, …) REASON

in which each part may be missing, and `ignore-file` may stand for `ignore`. Columns follow the bracket without a
blank; one in double quotes is compared as it is, any other without case. A comment is one by the tokens of the
text, never by a look at a line, so that nothing in a string literal counts.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from sqlcheck.model import Directive, Finding, Ignore, Key, Place, Setting, Source, Span
from sqlcheck.names import closest
from sqlcheck.parse import Query
from sqlcheck.settings import DeclaredAttribute, LoadTimestamp, Model, Value

KEYS = ("load_timestamp", "type", "time_zone", "offset", "identities", "attributes", "api", "schema", "data_plan")
LISTS = frozenset({"identities", "attributes", "schema"})

_ANY = re.compile(r"sqlcheck", re.IGNORECASE)
_COMMENT = re.compile(r"(?:--|//)(?P<line>[^\r\n]*)|/\*(?P<block>.*?)(?:\*/|\Z)", re.DOTALL)
_LEADING = re.compile(r"(?:[\s;]|(?:--|//)[^\r\n]*|/\*.*?(?:\*/|\Z))*", re.DOTALL)
_BEGIN = re.compile(r"^[\s*]*(?=sqlcheck\s*:)", re.IGNORECASE | re.MULTILINE)
_MARK = re.compile(r"[\s*]*(?P<word>sqlcheck)(?:\s*(?P<colon>:)|\s+(?=ignore(?:-file)?\s*\[))", re.IGNORECASE)
_IGNORE = re.compile(
    r"(?P<word>ignore-file|ignore)\s*\[(?P<names>[^\]\r\n]*)(?P<close>\]"
    r"""(?P<open>\((?P<keys>(?:"(?:[^"\r\n]|"")*"|[^)"\r\n])*)(?P<shut>\))?)?)?""",
    re.IGNORECASE,
)
_KEYED = re.compile(r"""(?:"(?:[^"]|"")*"|[^,\s"])(?:"(?:[^"]|"")*"|[^,"])*""")
_KEY = re.compile(r"(?P<key>[A-Za-z_][\w-]*)\s*=(?:[ \t]+(?![\w-]+\s*=))?")
_QUOTED = r"""(?P<mark>["'])(?P<quoted>[^"'\r\n]*)(?P=mark)(?P<tail>[^\s,]*)|(?P<open>["'])[^\r\n]*"""
_PART = re.compile(_QUOTED + r"""|(?P<plain>[^\s,"'][^\s,]*)""")
_SINGLE = re.compile(_QUOTED + r"|(?P<plain>\S+)")
_COMMA = re.compile(r"\s*,\s*")
_WORD = re.compile(r"\S+")
_VALUE = re.compile(r"\s+[^\s=]+(?=\s|\Z)(?!\s*=)")
_NAME = re.compile(r"[^,\s][^,]*")


def read(query: Query, apis: Collection[str] = ()) -> tuple[Directive, ...]:
    """Read every directive of a query; what cannot be read is a problem of its directive.

    `apis` are the names that the setting `api` may have; none given means that any will do.
    """
    text = query.text
    if "sqlcheck" not in text.casefold():
        return ()
    seen: set[str] = set()
    found = []
    for comment, content in _comments(query):
        mark = _MARK.match(text, content.start, content.end)
        if mark:
            found.append(_Reader(query, text, comment, content.end, seen, apis).read(mark))
    return tuple(found)


def configure(model: Model, directives: tuple[Directive, ...], source: Source) -> Model:
    """Lay the settings of a header over a model; the header wins."""
    settings = {setting.key: setting for directive in directives for setting in directive.settings}
    if not settings:
        return model

    def value(key: str) -> Value[str] | None:
        setting = settings.get(key)
        return Value(setting.value, Place(source, setting.span)) if setting else None

    stamp = model.load_timestamp
    offset = value("offset")
    stamp = LoadTimestamp(
        field=value("load_timestamp") or stamp.field,
        type=value("type") or stamp.type,
        time_zone=value("time_zone") or stamp.time_zone,
        offset=_whole(offset) if offset else stamp.offset,
    )
    model = model._replace(load_timestamp=stamp)
    if "identities" in settings:
        parts = settings["identities"].parts
        model = model._replace(identities=tuple(Value(name, Place(source, span)) for name, span in parts))
    if "attributes" in settings:
        parts = settings["attributes"].parts
        model = model._replace(attributes=tuple(_attribute(name, span, source) for name, span in parts))
    if "api" in settings:
        model = model._replace(api=settings["api"].value)
    if "schema" in settings:
        parts = settings["schema"].parts
        model = model._replace(schema=tuple(Value(path, Place(source, span)) for path, span in parts))
    if "data_plan" in settings:
        model = model._replace(data_plan=value("data_plan"))
    return model


def _attribute(text: str, span: Span, source: Source) -> DeclaredAttribute:
    """Read `name`, `name:type` or `name:type:table.column`."""
    name, _, rest = text.partition(":")
    type_, _, origin = rest.partition(":")
    type_start = span.end - len(rest)
    origin_start = span.end - len(origin)
    return DeclaredAttribute(
        name=name,
        type=Value(type_, Place(source, Span(type_start, type_start + len(type_)))) if type_ else None,
        origin=Value(origin, Place(source, Span(origin_start, span.end))) if origin else None,
        place=Place(source, Span(span.start, span.start + len(name))),
    )


def _comments(query: Query) -> Iterator[tuple[Span, Span]]:
    """Give the span of every comment that may hold a directive, and of what stands in it."""
    places = (found.start() for found in _ANY.finditer(query.text))
    for gap in dict.fromkeys(_gap(query, place) for place in places) if query.tokens else (_leading(query),):
        for found in _COMMENT.finditer(query.text, gap.start, gap.end):
            whole, block = Span(*found.span()), Span(*found.span("block"))
            if found["line"] is not None:
                yield whole, Span(*found.span("line"))
                continue
            begins = [mark.start() for mark in _BEGIN.finditer(query.text, *block)]
            if len(begins) < 2:
                yield whole, block
            else:
                # Each directive of a block is then a comment of its own, so that a fix leaves the others alone.
                yield from ((part, part) for part in map(Span, begins, [*begins[1:], block.end]))


def _leading(query: Query) -> Span:
    """Give the blanks and comments in front of a text that has no tokens."""
    found = _LEADING.match(query.text)
    return Span(0, found.end() if found else 0)


def _whole(written: Value[str]) -> Value[int] | Value[str]:
    """Read a whole number; what is none is kept as it is written, to be reported as the offset that it was to be."""
    is_whole = re.fullmatch(r"[+-]?[0-9]{1,18}", written.value, re.ASCII)
    return Value(int(written.value), written.place) if is_whole else written


def _gap(query: Query, offset: int) -> Span:
    """Give the blanks and comments around an offset, nothing when it lies in a token."""
    index = query.token_at(offset)
    end = query.tokens[index].start if index < len(query.tokens) else len(query.text)
    start = query.tokens[index - 1].end + 1 if index else 0
    return Span(start, end) if offset < end else Span(offset, offset)


def may_begin(query: Query, offset: int) -> bool:
    """Tell whether a comment can begin at an offset: not inside a token, nor where a comment is."""
    index = query.token_at(offset)
    if not query.tokens:
        gap = _leading(query)
        if offset > gap.end:
            return False
    elif index < len(query.tokens) and query.tokens[index].start < offset:
        return False
    else:
        end = query.tokens[index].start if index < len(query.tokens) else len(query.text)
        gap = Span(query.tokens[index - 1].end + 1 if index else 0, end)
    comments = _COMMENT.finditer(query.text, *gap)
    return not any(found.start() < offset < found.end() + (found["line"] is not None) for found in comments)


def _in_header(query: Query, offset: int) -> bool:
    """Tell whether an offset lies before all code."""
    # A byte order mark in front of it all is reported as what it is.
    tokens = [token for token in query.tokens[:2] if token.text != "\ufeff"]
    starts = [*(token.start for token in tokens[:1]), *(span.start for span in query.semicolons[:1])]
    return not starts or offset < min(starts)


def _line_for(query: Query, comment: Span) -> int:
    """Give the line that an ignore is for."""
    position = query.source.lines.position
    own = position(comment.start).line
    token = query.before(comment.start)
    ends = [token.end] if token else []
    ends += [span.end - 1 for span in query.semicolons if span.end <= comment.start]
    if ends and position(max(ends)).line == own:
        return own
    token = query.after(comment.end)
    starts = [token.start] if token else []
    starts += [span.start for span in query.semicolons if span.start >= comment.end]
    return position(min(starts)).line if starts else own


@dataclass(eq=False)
class _Reader:
    """Read one directive from left to right."""

    query: Query
    text: str
    comment: Span
    end: int
    seen: set[str]
    apis: Collection[str]
    settings: list[Setting] = field(default_factory=list)
    ignores: list[Ignore] = field(default_factory=list)
    problems: list[Finding] = field(default_factory=list)

    def read(self, mark: re.Match[str]) -> Directive:
        if mark["colon"] is None:
            self._problem(Span(*mark.span("word")), "`sqlcheck` wants a colon here", "write `sqlcheck: ignore[…]`")
        at = mark.end()
        while at < self.end:
            if self.text[at].isspace() or self.text[at] == "*":
                at += 1
                continue
            at = self._item(at)
        if not (self.settings or self.ignores or self.problems):
            place = Span(mark.start("word"), mark.end())
            self._problem(place, "this comment sets nothing", _usage())
        return Directive(self.comment, tuple(self.settings), tuple(self.ignores), tuple(self.problems))

    def _item(self, at: int) -> int:
        """Read what begins at an offset and give where it ends."""
        ignore = _IGNORE.match(self.text, at, self.end)
        if ignore:
            self._ignore(ignore)
            return self.end
        key = _KEY.match(self.text, at, self.end)
        if key:
            return self._setting(key)
        word = _WORD.match(self.text, at, self.end)
        assert word
        self._unknown(word[0].rstrip(","), at)
        if word[0].rstrip(",") not in KEYS:
            return self.end
        # What follows is the value that wants its equals sign, unless it is the next setting.
        value = _VALUE.match(self.text, word.end(), self.end)
        return value.end() if value else word.end()

    def _unknown(self, word: str, at: int) -> None:
        span = Span(at, at + len(word))
        bare = word.partition("[")[0]
        guess = closest(bare, (*KEYS, "ignore", "ignore-file"))
        if bare.lower() in ("ignore", "ignore-file"):
            self._problem(
                span, f"`{word}` names no rule", f"write `{bare.lower()}[rule-name]` and the reason behind it"
            )
        elif word in KEYS:
            self._problem(span, f"`{word}` has no value", f"write `{word}=…`")
        elif guess:
            self._problem(span, f"`{word}` is no directive", f"did you mean `{_written(guess)}`?")
        else:
            self._problem(span, f"`{word}` is no directive", _usage())

    def _ignore(self, found: re.Match[str]) -> None:
        whole = found["word"].lower() == "ignore-file"
        for opened, closed, mark in (("names", "close", "]"), ("keys", "shut", ")")):
            if found[opened] is not None and found[closed] is None:
                bracket = Span(found.start(opened) - 1, found.start(opened))
                self._problem(bracket, "this bracket is never closed", f"add `{mark}`")
                return
        keys = _keys(found)
        if found["open"] and not keys:
            self._problem(Span(*found.span("open")), "these brackets name no output column", "name one, or remove them")
            return
        if whole and not _in_header(self.query, self.comment.start):
            word = Span(*found.span("word"))
            self._problem(word, "`ignore-file` stands behind the beginning of the query", "move it to the top")
            return
        line = None if whole else _line_for(self.query, self.comment)
        named = False
        for name in _NAME.finditer(self.text, *found.span("names")):
            named = True
            rule = name[0].rstrip()
            self.ignores.append(Ignore(rule, Span(name.start(), name.start() + len(rule)), self.comment, line, keys))
        if not named:
            self._problem(
                Span(*found.span()), f"`{found['word']}` names no rule", "write the rule's name in the brackets"
            )

    def _setting(self, found: re.Match[str]) -> int:
        key, span = found["key"], Span(*found.span("key"))
        parts, end = self._values(found.end(), many=key in LISTS)
        if parts is None:
            return end
        if key not in KEYS:
            guess = closest(key, KEYS)
            known = f"did you mean `{guess}`?" if guess else f"the settings are {', '.join(KEYS)}"
            self._problem(span, f"`{key}` is not a setting", known)
        elif not parts or not parts[0][0]:
            self._problem(span, f"`{key}` has no value", f"write `{key}=…`")
        elif not _in_header(self.query, self.comment.start):
            self._problem(span, f"`{key}` is set behind the beginning of the query", "move it to the top")
            return self.end
        elif key in self.seen:
            self._problem(span, f"`{key}` is set twice", "keep one of the two")
        else:
            self.seen.add(key)
            self._take(key, span, parts)
        return end

    def _take(self, key: str, key_span: Span, parts: list[tuple[str, Span]]) -> None:
        span = Span(parts[0][1].start, parts[-1][1].end)
        value = parts[0][0] if key not in LISTS else self.text[span.start : span.end]
        if key == "api" and self.apis and value not in self.apis:
            guess = closest(value, self.apis)
            known = f"did you mean `{guess}`?" if guess else f"the versions are {', '.join(self.apis)}"
            self._problem(span, f"`{value}` is not a version of the API", known)
        else:
            self.settings.append(Setting(key, value, key_span, span, tuple(parts)))

    def _values(self, at: int, many: bool) -> tuple[list[tuple[str, Span]] | None, int]:
        """Read a value, or the values of a comma list; None after a quote that is never closed."""
        parts: list[tuple[str, Span]] = []
        while True:
            found = (_PART if many else _SINGLE).match(self.text, at, self.end)
            if not found:
                return parts, at
            if found["open"]:
                quote = found["open"]
                self._problem(Span(found.start(), found.start() + 1), "this quote is never closed", f"add `{quote}`")
                return None, self.end
            parts += _parts(found) if many else [_part(found)]
            at = found.end()
            comma = _COMMA.match(self.text, at, self.end) if many else None
            if not comma:
                return parts, at
            at = comma.end()

    def _problem(self, span: Span, message: str, help: str) -> None:
        self.problems.append(Finding(Place(self.query.source, span), message, help))


def _keys(found: re.Match[str]) -> tuple[Key, ...]:
    """Read the output columns that an ignore is for."""
    keys = []
    for key in _KEYED.finditer(found.string, *found.span("keys")) if found["keys"] else ():
        written = key[0].rstrip()
        span = Span(key.start(), key.start() + len(written))
        quoted = len(written) > 1 and written[0] == written[-1] == '"'
        keys.append(Key(written[1:-1].replace('""', '"') if quoted else written, quoted, span))
    return tuple(keys)


def _parts(found: re.Match[str]) -> list[tuple[str, Span]]:
    """Give the names of a list, which may stand in quotes as a whole."""
    if found["plain"] is not None or found["tail"]:
        return [_part(found)]
    names = _NAME.finditer(found.string, *found.span("quoted"))
    parts = [(name[0].rstrip(), Span(name.start(), name.start() + len(name[0].rstrip()))) for name in names]
    return parts or [_part(found)]


def _part(found: re.Match[str]) -> tuple[str, Span]:
    if found["plain"] is not None:
        return found["plain"], Span(*found.span("plain"))
    if found["tail"]:
        return found["quoted"] + found["tail"], Span(found.start("quoted"), found.end())
    return found["quoted"], Span(*found.span("quoted"))


def _written(word: str) -> str:
    return f"{word}[…]" if word.startswith("ignore") else f"{word}=…"


def _usage() -> str:
    return "write `key=value`, `ignore[rule-name]` or `ignore-file[rule-name]`"
