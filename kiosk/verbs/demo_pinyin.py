"""How the demo's citizen writes Chinese: they know a word's letters, press them, and look through the candidates for it.

What they know is the keypad's own tables read backwards, so every character the keypad has can be written, and no other.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import lru_cache
from itertools import pairwise
from typing import Literal, NamedTuple

from config.keypad_tables import load_keypad
from kiosk.domain.input_method import MARKS
from kiosk.verbs.demo_hands import Hands
from kiosk.verbs.fingers import NotThere

Look = Callable[[], Awaitable[None]]
Sheet = Literal["pinyin", "signs", "letters"]
SHEETS: tuple[Sheet, ...] = ("pinyin", "signs", "letters")
SIGNS = frozenset("0123456789号弄幢栋座楼层室组路街巷村-（）·")
"""Characters with a key of their own on the sheet of numbers and addresses."""
MOST_PAGES = 60
"""A syllable has some hundred characters at most."""
_SEATS = 6


class Knowledge(NamedTuple):
    words: dict[str, str]
    """Letters of each word of two characters or more."""
    characters: dict[str, str]
    """The syllable at which a character is found soonest."""
    longest: int


class Piece(NamedTuple):
    """One thing to write. Without letters: a key, or a character nobody knows the sound of."""

    text: str
    letters: str = ""


@lru_cache(maxsize=1)
def knowledge() -> Knowledge:
    tables = load_keypad()
    words = {word.text: _joined(word.syllables) for word in tables.words if len(word.text) > 1}
    seats: dict[str, tuple[int, str]] = {}
    for syllable, characters in tables.syllables.items():
        for seat, character in enumerate(characters):
            seats[character] = min(seats.get(character, (seat, syllable)), (seat, syllable))
    found = {character: syllable for character, (_, syllable) in seats.items()}
    return Knowledge(words, found, max(map(len, words)))


def _joined(syllables: tuple[str, ...]) -> str:
    """xi'an, not xian."""
    parts = [("'" if after[0] in "aeo" else "") + after for _, after in pairwise(syllables)]
    return syllables[0] + "".join(parts)


def pieces(text: str) -> list[Piece]:
    """Words where the keypad has them, else characters. A blank beside Chinese is nothing a finger would write."""
    known, found, i = knowledge(), [], 0
    while i < len(text):
        if text[i] == " " and not (text[i - 1 : i].isascii() and text[i + 1 : i + 2].isascii()):
            i += 1
            continue
        lengths = range(min(known.longest, len(text) - i), 1, -1)
        word = next((text[i : i + n] for n in lengths if text[i : i + n] in known.words), "")
        if word:
            found.append(Piece(word, known.words[word]))
        elif text[i] in SIGNS or text[i].isascii():
            found.append(Piece(text[i]))
        else:
            found.append(Piece(text[i], known.characters.get(text[i], "")))
        i += len(word) or 1
    return found


async def write(hands: Hands, pad: str, text: str, look: Look) -> str:
    """Write at the caret. Returns the characters the keypad did not offer; the others are written. Raises NotThere.

    `look` is called before a candidate is tapped.
    """
    missing = ""
    for piece in pieces(text):
        if await _one(hands, pad, piece, look):
            continue
        for character in piece.text:
            single = Piece(character, knowledge().characters.get(character, ""))
            if single == piece or not await _one(hands, pad, single, look):
                missing += character
    return missing


async def _one(hands: Hands, pad: str, piece: Piece, look: Look) -> bool:
    offered = piece.letters or piece.text in MARKS
    return await (_choose(hands, pad, piece, look) if offered else _press(hands, pad, piece.text))


async def clear(hands: Hands, pad: str) -> None:
    """Everything in the field. In large type the key is on the sheet of numbers. Raises NotThere."""
    if all(hands.fingers.find(f"{pad}.{sheet}.clear") is None for sheet in SHEETS):
        await _turn(hands, pad, "signs")
    key = next((f"{pad}.{sheet}.clear" for sheet in SHEETS if hands.fingers.find(f"{pad}.{sheet}.clear")), pad)
    await hands.fingers.tap(key)


async def _choose(hands: Hands, pad: str, piece: Piece, look: Look) -> bool:
    """Its letters, then it itself among the candidates. False: not offered, and the letters are taken back."""
    fingers = hands.fingers
    await _turn(hands, pad, "pinyin")
    await fingers.type(f"{pad}.pinyin", piece.letters.upper())
    for _ in range(MOST_PAGES):
        for seat in range(1, _SEATS + 1):
            candidate = fingers.find(f"{pad}.candidate.{seat}")
            if candidate is not None and candidate.accessibleName() == piece.text:
                await look()
                await fingers.tap(f"{pad}.candidate.{seat}")
                return True
        if fingers.find(f"{pad}.candidates.next") is None:
            break
        await fingers.tap(f"{pad}.candidates.next")
    for _ in piece.letters:
        await fingers.tap(f"{pad}.pinyin.delete")
    return False


async def _press(hands: Hands, pad: str, character: str) -> bool:
    """A key of its own. False: there is none."""
    sheet: Sheet = "signs" if character in SIGNS else "letters"
    await _turn(hands, pad, sheet)
    if hands.fingers.find(f"{pad}.{sheet}.{character.upper()}") is None:
        return False
    await hands.fingers.type(f"{pad}.{sheet}", character.upper())
    return True


async def _turn(hands: Hands, pad: str, wanted: Sheet) -> None:
    """In large type there is no way from the numbers to the letters but over the pinyin. Raises NotThere."""
    fingers = hands.fingers
    for goal in (wanted, "pinyin", wanted):
        if fingers.find(f"{pad}.{wanted}") is not None:
            return
        keys = (f"{pad}.{here}.sheet.{goal}" for here in SHEETS)
        key = next((key for key in keys if fingers.find(key) is not None), None)
        if key is not None:
            await fingers.tap(key)
    if fingers.find(f"{pad}.{wanted}") is None:
        raise NotThere(f"{pad}.{wanted}")
