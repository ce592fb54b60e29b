"""What can go wrong inside a simulated permit unit, and how long its movements take."""

from __future__ import annotations

from collections.abc import Mapping

from drivers.permit_unit.codes import Trouble

FAULTS: Mapping[str, str] = {
    "JAM.ENTRANCE": "the card jams while it is drawn in; a later movement frees it unless the fault is still armed",
    "JAM.READER": "the card jams on its last way to the reader position",
    "JAM.WRITER": "the card jams on its way to the writer, or `on`: back, on its way back from it",
    "JAM.PRINTER": "the card jams on its way to the printer, or `on`: back, on its way back from it",
    "JAM.EXIT": "the card jams on its way to the mouth or into the bin",
    "CARD.LONG": "the next card is too long and is given back at the mouth",
    "CARD.SHORT": "the next card is too short and is given back at the mouth",
    "CARD.FOREIGN": "the next thing put in is no card and is given back at the mouth",
    "CARD.WRONG_WAY": "the next card lies the wrong way and is given back at the mouth",
    "CARD.NOT_TAKEN": "the person does not take the card: `take` does nothing",
    "SHUTTER.STUCK": "the shutter does not open",
    "SHUTTER.OPEN": "the shutter does not close any more, until cleared",
    "SENSOR.DEAD": "the unit cannot see where the card is, until cleared",
    "MOTOR.STUCK": "the motor does not turn: the card stays where it is",
    "BIN.FULL": "the bin is full, until cleared",
    "BIN.MISSING": "the bin is taken out, until cleared",
    "WRITE.REFUSED": "the writer refuses the sealed data; the chip is not touched",
    "WRITE.FAILS": "the writer gives up before it changes anything in the chip",
    "WRITE.MIDWAY": "the writer gives up in the middle: the chip undoes the half-written set",
    "WRITE.VERIFY": "what is read back from the chip is not what was written",
    "WRITE.ANSWER_LOST": "the chip is written, and the answer never comes, not even to a repetition",
    "PRINT.FAILS": "the print head fails in the middle: the back is erased and not printed",
    "PRINT.ANSWER_LOST": "the back is printed, and the answer never comes, not even to a repetition",
    "PICTURE.NONE": "the camera gives no picture",
    "OCR.NOISE": "one look-alike character of the line is read wrongly; `at`: which one (0…29)",
    "OCR.EMPTY": "no line is read",
    "POWER.BEFORE_WRITE": "the power goes before the chip is changed; it is back after `seconds` (1.0), null: when switched on",
    "POWER.DURING_WRITE": "the power goes while the chip is written: the chip undoes the half-written set; `seconds` as above",
    "POWER.AFTER_WRITE": "the power goes when the chip is written, before the unit has noted so; `seconds` as above",
    "POWER.PHASE": "the power goes in the phase `at` (a word of `state`'s phase, e.g. printing); `seconds` as above",
}

PHASES: Mapping[str, float] = {
    "entering": 1.2,
    "seating": 0.6,
    "to_writer": 0.6,
    "opening_chip": 0.8,
    "writing": 4.0,
    "verifying": 1.2,
    "from_writer": 0.6,
    "to_printer": 0.8,
    "erasing": 8.0,
    "printing": 18.0,
    "checking": 1.0,
    "from_printer": 0.8,
    "to_mouth": 1.2,
    "to_bin": 1.5,
    "locating": 2.0,
    "looking": 0.6,
}
"""Seconds at speed 1: about 40 s from the order to write until the back is printed, as in the halls."""

POWER_IN_PHASE = {
    "opening_chip": "POWER.BEFORE_WRITE",
    "writing": "POWER.DURING_WRITE",
    "verifying": "POWER.AFTER_WRITE",
}
JAMS = {
    "entering": ("JAM.ENTRANCE", Trouble.JAM_ENTRANCE),
    "seating": ("JAM.READER", Trouble.JAM_READER),
    "locating": ("JAM.READER", Trouble.JAM_READER),
    "to_writer": ("JAM.WRITER", Trouble.JAM_WRITER),
    "from_writer": ("JAM.WRITER", Trouble.JAM_WRITER),
    "to_printer": ("JAM.PRINTER", Trouble.JAM_PRINTER),
    "from_printer": ("JAM.PRINTER", Trouble.JAM_PRINTER),
    "to_mouth": ("JAM.EXIT", Trouble.JAM_EXIT),
    "to_bin": ("JAM.EXIT", Trouble.JAM_EXIT),
}
REJECTIONS = {
    "CARD.LONG": Trouble.LONG_CARD,
    "CARD.SHORT": Trouble.SHORT_CARD,
    "CARD.FOREIGN": Trouble.FOREIGN_OBJECT,
    "CARD.WRONG_WAY": Trouble.WRONG_WAY,
}
