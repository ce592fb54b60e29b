"""What a simulated printer says of itself and of its jobs (RFC 8011, 5.3 and 5.4; supplies as in PWG 5100.9)."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

from drivers.document_printer import ipp
from drivers.document_printer.ipp import Field, Message, Op, Tag
from drivers.document_printer.job import State
from drivers.document_printer.paper import PrintJob

_JOB_REASONS: Mapping[State, str] = {
    State.HELD: "job-data-insufficient",
    State.PENDING: "none",
    State.PROCESSING: "job-printing",
    State.CANCELED: "job-canceled-by-user",
    State.ABORTED: "aborted-by-system",
    State.COMPLETED: "job-completed-successfully",
}


FORMATS = ("application/pdf", "application/octet-stream")
_BAD, _FORMAT, _CHARSET, _UNKNOWN_OP, _VERSION = 0x0400, 0x040A, 0x040D, 0x0501, 0x0503
_HEAD: Sequence[Field] = (
    ("attributes-charset", Tag.CHARSET, "utf-8"),
    ("attributes-natural-language", Tag.LANGUAGE, "en"),
)
_SERVED = frozenset(op for op in Op if op < 0x4000)
_GROUPS = ("all", "printer-description", "job-description", "job-template")


def refusal(request: Message) -> int | None:
    """The status for a request that no printer may take (RFC 8011, 4.1); None for a good one."""
    asked = request.group(Tag.OPERATION)
    if request.code not in _SERVED:
        return _UNKNOWN_OP
    if request.request_id == 0 or list(asked)[:2] != ["attributes-charset", "attributes-natural-language"]:
        return _BAD
    if ipp.first(asked, "attributes-charset") not in ("utf-8", "us-ascii"):
        return _CHARSET
    if "printer-uri" not in asked and "job-uri" not in asked:
        return _BAD
    if request.code == Op.SEND_DOCUMENT and "last-document" not in asked:
        return _BAD
    if ipp.first(asked, "document-format") not in (None, *FORMATS):
        return _FORMAT
    return None


def wanted(request: Message, fields: list[Field], usual: Sequence[str] = ()) -> list[Field]:
    """Those of `fields` that `requested-attributes` names; where it is absent the `usual` ones, or all."""
    names = ipp.words(request.group(Tag.OPERATION), "requested-attributes") or usual
    if not names or any(name in _GROUPS for name in names):
        return fields
    return [each for each in fields if each[0] in names]


def reply(request: Message, groups: Sequence[tuple[Tag, Sequence[Field]]], status: int = 0) -> bytes:
    return ipp.encode(status, request.request_id, [(Tag.OPERATION, _HEAD), *groups], version=request.version)


def unreadable(body: bytes) -> bytes:
    """The answer to what is no IPP request this printer can read; empty where not even its head is there."""
    if len(body) < 8:
        return b""
    version, _, request_id = struct.unpack_from(">HHI", body)
    status = _BAD if version >> 8 in (1, 2) else _VERSION
    return ipp.encode(status, request_id, [(Tag.OPERATION, _HEAD)], version=0x0101)


def printer(
    uri: str, *, state: int, reasons: Sequence[str], accepting: bool, waiting: int, toner: int, up_s: int
) -> list[Field]:
    """`toner` in percent, `up_s` seconds since it was switched on."""
    return [
        ("printer-state", Tag.ENUM, state),
        ("printer-state-reasons", Tag.KEYWORD, list(reasons)),
        ("printer-is-accepting-jobs", Tag.BOOLEAN, accepting),
        ("queued-job-count", Tag.INTEGER, waiting),
        ("marker-types", Tag.KEYWORD, "toner"),
        ("marker-levels", Tag.INTEGER, toner),
        ("sides-supported", Tag.KEYWORD, ["one-sided", "two-sided-long-edge", "two-sided-short-edge"]),
        ("document-format-supported", Tag.MIME, list(FORMATS)),
        ("document-format-default", Tag.MIME, "application/pdf"),
        ("operations-supported", Tag.ENUM, sorted(int(op) for op in _SERVED)),
        ("ipp-versions-supported", Tag.KEYWORD, ["1.1", "2.0"]),
        ("charset-supported", Tag.CHARSET, "utf-8"),
        ("charset-configured", Tag.CHARSET, "utf-8"),
        ("natural-language-configured", Tag.LANGUAGE, "en"),
        ("generated-natural-language-supported", Tag.LANGUAGE, "en"),
        ("compression-supported", Tag.KEYWORD, "none"),
        ("pdl-override-supported", Tag.KEYWORD, "attempted"),
        ("uri-authentication-supported", Tag.KEYWORD, "none"),
        ("uri-security-supported", Tag.KEYWORD, "none"),
        ("printer-uri-supported", Tag.URI, uri),
        ("printer-name", Tag.NAME, "onetrip-a4"),
        ("printer-info", Tag.TEXT, "OneTrip A4 simulator"),
        ("printer-location", Tag.TEXT, ""),
        ("printer-up-time", Tag.INTEGER, up_s),
        ("printer-more-info", Tag.URI, "http://localhost/"),
        ("media-col-default", Tag.NO_VALUE, None),
        ("copies-default", Tag.INTEGER, 1),
        ("sides-default", Tag.KEYWORD, "one-sided"),
        ("media-default", Tag.KEYWORD, "iso_a4_210x297mm"),
        ("media-supported", Tag.KEYWORD, "iso_a4_210x297mm"),
        ("pages-per-minute", Tag.INTEGER, 30),
        ("printer-make-and-model", Tag.TEXT, "OneTrip A4 simulator"),
    ]


def job(job: PrintJob, up_s: int) -> list[Field]:
    def time(name: str, at: int | None) -> Field:
        return name, Tag.INTEGER if at is not None else Tag.NO_VALUE, at

    return [
        ("job-id", Tag.INTEGER, job.number),
        ("job-uri", Tag.URI, f"ipp://localhost/jobs/{job.number}"),
        ("job-printer-uri", Tag.URI, "ipp://localhost/ipp/print"),
        ("job-name", Tag.NAME, job.name),
        ("job-originating-user-name", Tag.NAME, job.user),
        ("job-state", Tag.ENUM, int(job.state)),
        ("job-state-reasons", Tag.KEYWORD, _JOB_REASONS[job.state]),
        time("time-at-creation", job.created),
        time("time-at-processing", job.processed),
        time("time-at-completed", job.ended),
        ("job-printer-up-time", Tag.INTEGER, up_s),
        ("job-impressions-completed", Tag.INTEGER, job.impressions),
        ("job-media-sheets-completed", Tag.INTEGER, job.sheets),
    ]
