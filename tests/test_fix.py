"""Fixes: edits on the author's text, each proved by a second look, and files written in one step."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import pytest

from sqlcheck.errors import SqlcheckError
from sqlcheck.fix import Fixed, Look, apply, diff, fix, write_atomic
from sqlcheck.inputs import collect
from sqlcheck.model import Diagnostic, Edit, Fix, Severity, Source, Span


def diagnostic(text: str, rule: str, *edits: Edit, safe: bool = True) -> Diagnostic:
    at = edits[0].span if edits else Span(0, 0)
    return Diagnostic(
        rule, Severity.ERROR, "static", Source("query.sql", text), at, f"{rule} at {at.start}", fix=Fix(safe, edits)
    )


def replacing(rules: dict[str, tuple[str, str, bool]]):  # type: ignore[no-untyped-def]  # a look is what it gives
    """Give a look that finds each pattern and offers its replacement; `!` makes a text unreadable, digits are names."""

    def look(text: str) -> Look:
        found = [
            diagnostic(text, rule, Edit(Span(*match.span()), match.expand(replacement)), safe=safe)
            for rule, (pattern, replacement, safe) in rules.items()
            for match in re.finditer(pattern, text)
        ]
        shape = None if "!" in text else tuple(re.findall(r"\d", text))
        return Look(tuple(sorted(found, key=lambda each: each.span)), (shape,))

    return look


def brief(fixed: Fixed) -> tuple[str, list[str], list[tuple[str, str]]]:
    return fixed.text, [each.rule for each in fixed.applied], [(each.rule, each.reason) for each in fixed.withdrawn]


def test_all_safe_fixes_are_applied_and_the_rest_of_the_text_stays() -> None:
    look = replacing({"a": ("a", "x", True), "b": ("b", "y", False)})
    assert ("x b x\r\n", ["a", "a"], []) == brief(fix("a b a\r\n", look))
    assert ("x y x\r\n", ["a", "a", "b"], []) == brief(fix("a b a\r\n", look, unsafe=True))
    assert ("a y a\r\n", ["b"], []) == brief(fix("a b a\r\n", look, unsafe=True, rules={"b"}))


def test_a_fix_may_make_room_for_another() -> None:
    look = replacing({"a": ("ab", "b", True), "b": ("bc", "c", True)})
    assert ("c", ["a", "b"], []) == brief(fix("abc", look))


def test_a_fix_that_breaks_the_text_is_withdrawn_and_the_others_hold() -> None:
    look = replacing({"good": ("a", "x", True), "bad": ("b", "!", True)})
    assert ("x b x", ["good", "good"], [("bad", "the result cannot be read")]) == brief(fix("a b a", look))


def test_a_safe_fix_that_changes_an_output_name_is_withdrawn_and_an_unsafe_one_is_not() -> None:
    reason = "the name of an output column would change"
    assert ("a1", [], [("n", reason)]) == brief(fix("a1", replacing({"n": ("1", "2", True)})))
    assert ("a2", ["n"], []) == brief(fix("a1", replacing({"n": ("1", "2", False)}), unsafe=True))


def test_a_fix_that_leaves_its_fault_is_withdrawn() -> None:
    assert ("a", [], [("n", "the fault would remain")]) == brief(fix("a", replacing({"n": ("a+", "aa", True)})))


def test_fixes_that_undo_each_other_come_to_an_end() -> None:
    look = replacing({"one": ("a", "b", True), "two": ("b", "a", True)})
    first = fix("a", look)
    assert ("b", ["one"], [("two", "the result is what stood there before")]) == brief(first)


def test_a_fix_that_makes_an_unreadable_text_readable_holds_whatever_is_found_then() -> None:
    look = replacing({"n": ("!", "m m", True), "m": ("m", "k", False)})
    assert ("m m", ["n"], []) == brief(fix("!", look))


def test_equal_edits_of_two_findings_are_applied_once() -> None:
    def look(text: str) -> Look:
        edit = Edit(Span(0, 1), "")
        found = [diagnostic(text, rule, edit) for rule in ("one", "two") if text.startswith("a")]
        return Look(tuple(found), ((),))

    assert ("b", ["one", "two"], []) == brief(fix("ab", look))


def test_insertions_at_one_place_go_one_after_the_other() -> None:
    def look(text: str) -> Look:
        found = [diagnostic(text, rule, Edit(Span(0, 0), rule)) for rule in ("x", "y") if rule not in text]
        return Look(tuple(found), ((),))

    assert ("yxa", ["x", "y"], []) == brief(fix("a", look))


def test_line_breaks_of_an_edit_take_the_form_of_the_text() -> None:
    edits = [Edit(Span(1, 1), "\n--\r\n")]
    assert "a\r\n--\r\n\r\nb" == apply("a\r\nb", edits)
    assert "a\n--\r\n\nb" == apply("a\nb", edits)


def test_a_diff_shows_what_changed_and_nothing_for_equal_texts() -> None:
    assert "" == diff("a\n", "a\n", "q.sql")
    assert "--- q.sql\n+++ q.sql\n@@ -1,2 +1,2 @@\n a\x0bb\r\n-c\n\\ No newline at end of file\n+d\n" == diff(
        "a\x0bb\r\nc", "a\x0bb\r\nd\n", "q.sql"
    )


def test_a_file_is_replaced_with_its_mode_and_through_links(tmp_path: Path) -> None:
    target, link = tmp_path / "target.sql", tmp_path / "link.sql"
    target.write_bytes(b"old")
    target.chmod(0o640)
    link.symlink_to(target)
    write_atomic(link, b"new")
    assert (b"new", 0o640, True, ["link.sql", "target.sql"]) == (
        target.read_bytes(),
        stat.S_IMODE(target.stat().st_mode),
        link.is_symlink(),
        sorted(os.listdir(tmp_path)),
    )


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root may give a file away")
def test_a_file_that_is_somebody_else_s_stays_so(tmp_path: Path) -> None:
    path = tmp_path / "query.sql"
    path.write_bytes(b"old")
    os.chown(path, 1234, 1235)
    write_atomic(path, b"new")
    assert (b"new", 1234, 1235) == (path.read_bytes(), path.stat().st_uid, path.stat().st_gid)


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_atomic(pipe, b"new")
    assert (b"new", True, ["pipe"]) == (os.read(reader, 9), pipe.is_fifo(), os.listdir(tmp_path))
    os.close(reader)


def test_what_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(SqlcheckError, match=r"\Acannot write .*/a\0b: .*embedded null (byte|character in path)\Z"):
        write_atomic(tmp_path / "a\0b", b"")
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(SqlcheckError, match=r"\Acannot write .*/loop: Too many levels of symbolic links\Z"):
        write_atomic(tmp_path / "loop", b"")
    with pytest.raises(SqlcheckError, match=r"\Acannot write .*/absent/x: No such file or directory\Z"):
        write_atomic(tmp_path / "absent" / "x", b"")


BOM = b"\xef\xbb\xbf"


def test_bytes_that_no_edit_touches_stay_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "query.sql"
    path.write_bytes(BOM + b"SELECT 1 AS a -- sqlcheck: ignore[select-star]\r\n,\t2 AS b -- \xc3\xa9\r\n")
    (entry,) = collect([str(path)]).inputs
    fixed = entry.fix(rules={"unused-ignore"})
    assert BOM + b"SELECT 1 AS a\r\n,\t2 AS b -- \xc3\xa9\r\n" == entry.text.encode(fixed.text)


def test_a_text_in_a_wrong_encoding_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "query.sql"
    path.write_bytes("SELECT 1; -- é".encode("latin-1"))
    (entry,) = collect([str(path)]).inputs
    assert Fixed("SELECT 1; -- \ufffd") == entry.fix(unsafe=True)
