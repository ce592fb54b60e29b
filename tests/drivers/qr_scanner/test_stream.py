"""The pure parts under hostile bytes: splitting, answers, text, debounce."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from drivers.qr_scanner.debounce import SeenInView, SeenOnLine
from drivers.qr_scanner.dialects import Dialect, Newland, Verdict, language
from drivers.qr_scanner.splitter import _ENDS, Splitter, Suffix
from drivers.qr_scanner.symbology import Symbology, split_identifier
from drivers.qr_scanner.text import text_of

HOSTILE = st.binary(max_size=200) | st.lists(
    st.sampled_from(
        [b"\r", b"\n", b"\x03", b"\x02\x010000", b"#SCNTRG1", b"\x06;\x03", b"\x16M\r", b"A", b"\xff", b"!", b"."]
    ),
    max_size=40,
).map(b"".join)


@given(st.lists(st.binary(min_size=1, max_size=50).filter(lambda b: not set(b) & {3, 10, 13}), max_size=8), st.data())
def test_codes_come_out_as_they_went_in_however_they_are_cut(codes: list[bytes], data: st.DataObject) -> None:
    for suffix in (Suffix.CR, Suffix.LF, Suffix.CRLF, Suffix.ETX, Suffix.AUTO):
        end = _ENDS[suffix][0]
        stream = b"".join(code + end for code in codes)
        splitter, out = Splitter(suffix), []
        while stream:
            cut = data.draw(st.integers(1, len(stream)))
            out += splitter.feed(stream[:cut])
            stream = stream[cut:]
        assert out == codes
        assert not splitter.pending


@given(st.lists(HOSTILE, max_size=10), st.sampled_from(list(Suffix)), st.integers(1, 60))
def test_no_stream_yields_an_empty_or_over_long_code_or_grows(pieces: list[bytes], suffix: Suffix, limit: int) -> None:
    splitter = Splitter(suffix, limit=limit)
    for piece in pieces:
        codes = [*splitter.feed(piece), *splitter.silence(ends_code=len(piece) % 2 == 0)]
        assert all(0 < len(code) <= limit for code in codes)
        assert len(splitter._data) <= limit + 2


@given(HOSTILE, st.sampled_from(list(Dialect)), st.booleans())
def test_answers_are_cut_out_and_no_byte_is_invented(data: bytes, dialect: Dialect, anywhere: bool) -> None:
    told = language(dialect)
    before, reply, after = told.split_reply(data, anywhere=anywhere)
    assert data.startswith(before)
    assert data.endswith(after)
    assert reply is not None or before == data
    assert 0 <= told.unfinished_reply(data, anywhere=anywhere) <= len(data)


def test_newland_answers_as_the_manual_prints_them() -> None:
    for byte, verdict in ((b"\x06", Verdict.ACK), (b"\x15", Verdict.NAK), (b"\x05", Verdict.ENQ)):
        raw = b"\x02\x010000#SCNMOD0" + byte + b";\x03"
        before, reply, after = Newland().split_reply(b"CODE\r" + raw + b"X", anywhere=True)
        assert (before, after) == (b"CODE\r", b"X")
        assert reply is not None
        assert (reply.command, reply.verdict) == (b"SCNMOD0", verdict)
        assert Newland().split_reply(b"CODE\r" + raw, anywhere=False)[1] is None
        for cut in range(1, len(raw)):
            assert Newland().unfinished_reply(b"CODE\r" + raw[:cut], anywhere=True) == 5


@given(st.binary(max_size=300))
def test_text_is_strict_and_has_no_control_characters(raw: bytes) -> None:
    text = text_of(raw)
    if text is not None:
        assert all(ord(c) >= 32 and not 127 <= ord(c) < 160 for c in text)


def test_text_known_answers() -> None:
    assert text_of("违法".encode()) == "违法"
    assert text_of("违法".encode("gbk")) == "违法"
    assert text_of("𠮷".encode("gb18030")) == "𠮷"
    assert text_of(b"\xef\xbb\xbfabc\r\n") == "abc"
    assert text_of(b"\x80") is None
    assert text_of(b"\xd5") is None
    assert text_of(b"") == ""


@given(st.binary(max_size=20))
def test_identifier_is_taken_off_only_when_it_is_one(raw: bytes) -> None:
    symbology, rest = split_identifier(raw)
    assert raw.endswith(rest)
    assert len(raw) - len(rest) in (0, 3)
    if symbology is not Symbology.UNKNOWN:
        assert raw[:1] == b"]"


def test_line_debounce_is_prolonged_by_each_arrival() -> None:
    seen = SeenOnLine(1.5)
    assert not seen.is_repeat(b"a", 0.0)
    seen.give(b"a", 0.0)
    assert seen.is_repeat(b"a", 1.4)
    assert seen.is_repeat(b"a", 2.8)
    assert not seen.is_repeat(b"b", 2.8)
    assert not seen.is_repeat(b"a", 4.3)


def test_view_debounce_needs_the_code_seen_absent() -> None:
    seen = SeenInView(1.5, unwatched_limit=30)
    seen.look(0.0, [b"a"])
    seen.give(b"a")
    seen.look(10.0, [b"a"])  # ten seconds nobody looked: still the same showing
    assert seen.was_given(b"a")
    seen.look(11.0, [])
    seen.look(12.0, [b"a"])  # out of view for one second only
    assert seen.was_given(b"a")
    seen.look(13.0, [])
    seen.look(14.6, [b"a"])
    assert not seen.was_given(b"a")
    seen.give(b"a")
    seen.look(50.0, [b"a"])  # nobody looked for so long that it may be another person
    assert not seen.was_given(b"a")
