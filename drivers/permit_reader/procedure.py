"""One reading of one chip, from the first command to the values: access, files, meaning.

PACE where EF.CardAccess offers a protocol we speak, else BAC (ICAO Doc 9303-11 §4.2). BAC also where PACE fails to start, as long as
the chip has not refused the key.

A chip may end the session over a command it does not like. Then everything is read once more in a new one, without that command
(`drivers.permit_reader.habits`). A forged answer ends the reading at once.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

import structlog

from drivers.permit_reader.apdu import OK, SELECT, Command
from drivers.permit_reader.bac import open_with_bac
from drivers.permit_reader.channel import CardLine, trouble
from drivers.permit_reader.conversation import Conversation
from drivers.permit_reader.files import (
    APPLICATION,
    CARD_ACCESS,
    COM,
    DG1,
    DG2,
    DG11,
    SOD,
    FileReader,
    SessionEnded,
    no_application,
    unusable,
)
from drivers.permit_reader.habits import SESSIONS, Habits
from drivers.permit_reader.lds import LdsError, face, mrz, names, present_groups
from drivers.permit_reader.pace import PaceNotStarted, open_with_pace
from drivers.permit_reader.pace_info import PaceInfo, best, parse_card_access
from drivers.permit_reader.sod import hashes_fit
from drivers.permit_reader.tlv import TlvError
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.domain.permit import ChipData, ChipKey

SELECT_MASTER = Command(0, SELECT, 0x00, 0x0C, bytes.fromhex("3F00"))
log = structlog.get_logger(__name__)


async def read_chip(
    line: CardLine, key: ChipKey, *, answer_timeout: float, entropy: Callable[[int], bytes] = os.urandom
) -> ChipData:
    """The connected card's data. Raises DeviceError as `PermitReader.read` says."""
    habits = Habits()
    for session in range(SESSIONS):
        talk = Conversation(line, answer_timeout)
        if session:
            await talk.send(SELECT_MASTER)  # in plain, which ends what is left of the old session; chips may refuse it
        protocol = await _open(talk, habits, key, entropy)
        files = FileReader(talk, habits)
        try:
            groups, sod = await _read_files(files)
        except SessionEnded as error:
            if session == SESSIONS - 1 or not files.learn_from_the_end():
                raise
            log.info("permit_chip_session_again", reason=error.hint)
        else:
            break
    return _meaning(groups, sod, protocol)


async def _open(talk: Conversation, habits: Habits, key: ChipKey, entropy: Callable[[int], bytes]) -> str:
    """The application opened with the key; how, is told."""
    infos, offers = await _pace_offers(FileReader(talk))
    chosen = best(infos)
    if chosen is not None:
        try:
            await open_with_pace(talk, key, chosen, entropy, ambiguous=len({info.parameter for info in infos}) > 1)
        except PaceNotStarted as error:
            log.info("permit_chip_pace_not_started", native=str(error))
        else:
            selected = await talk.send(habits.select(0x04, APPLICATION))
            if habits.learn_selection(selected.sw):
                selected = await talk.send(habits.select(0x04, APPLICATION))
            if selected.sw != OK:
                raise no_application(selected.sw)
            return "pace"
    try:
        await open_with_bac(talk, key, entropy, habits)
    except DeviceError as error:
        if offers and error.kind is ErrorKind.UNSUPPORTED:
            raise trouble(
                ErrorKind.UNSUPPORTED, "The chip offers only protocols that this reader does not speak."
            ) from error
        raise
    return "bac"


async def _pace_offers(files: FileReader) -> tuple[list[PaceInfo], int]:
    """What EF.CardAccess says; nothing for a chip that has none, or one that cannot be read."""
    try:
        data = (await files.read(CARD_ACCESS)).get(CARD_ACCESS)
        return ([], 0) if data is None else parse_card_access(data)
    except TlvError as error:
        log.info("permit_chip_card_access_malformed", reason=str(error))
    except DeviceError as error:
        if error.kind is not ErrorKind.MEDIA_BAD:
            raise
        log.info("permit_chip_card_access_unreadable", reason=error.hint)
    return [], 0


async def _read_files(files: FileReader) -> tuple[dict[int, bytes], bytes | None]:
    """The data groups by number, and EF.SOD: empty where it cannot be read (it vouches for nothing then), None where there is none."""
    found = await files.read(COM, DG1, SOD, DG2, optional=(COM, SOD))
    for number, name in ((DG1, "DG1"), (DG2, "DG2")):
        if number not in found:
            raise unusable(f"{name} is missing")
    groups = {1: found[DG1], 2: found[DG2]}
    if _lists_dg11(found.get(COM, b"")):
        more = await _read_names(files)
        if DG11 in more:
            groups[11] = more[DG11]
    return groups, found.get(SOD)


async def _read_names(files: FileReader) -> dict[int, bytes]:
    """DG11, or nothing where the chip wants more than the line's key for it; it is read last, so no session is needed after it."""
    try:
        return await files.read(DG11)
    except SessionEnded as error:
        log.info("permit_chip_names_refused", reason=error.hint)
        return {}


def _lists_dg11(com: bytes) -> bool:
    """True too where EF.COM says nothing we understand: then the chip is asked."""
    try:
        return 11 in present_groups(com)
    except LdsError:
        log.info("permit_chip_without_list")
        return True


def _meaning(groups: Mapping[int, bytes], sod: bytes | None, protocol: str) -> ChipData:
    try:
        full_name, personal_number = names(groups[11]) if 11 in groups else ("", "")
        return ChipData(
            dg1=mrz(groups[1]),
            photo=face(groups[2]),
            full_name=full_name,
            personal_number=personal_number,
            protocol=protocol,
            hashes_fit=None if sod is None else hashes_fit(sod, groups),
        )
    except LdsError as error:
        raise unusable(str(error)) from None  # the cause would carry content into a traceback
