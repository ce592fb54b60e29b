"""Known answers: the worked examples of ICAO Doc 9303-11 (appendices D and G.1) and published curve facts."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable

import pytest

from drivers.permit_reader import curves
from drivers.permit_reader.apdu import Answer, Command
from drivers.permit_reader.bac import basic_keys, open_with_bac
from drivers.permit_reader.channel import goes_on
from drivers.permit_reader.ciphers import ENC, MAC, PACE, Des3, Kind, check_digit, derive, key_seed
from drivers.permit_reader.conversation import Conversation
from drivers.permit_reader.messaging import MessagingError, SecureMessaging
from drivers.permit_reader.pace import open_with_pace, password_suite
from drivers.permit_reader.pace_info import PaceInfo, encode_info, parse_card_access, protocol
from drivers.permit_reader.points import PointError
from drivers.permit_reader.tlv import tlv
from kiosk.domain.permit import ChipKey


def h(text: str) -> bytes:
    return bytes.fromhex(text)


class ScriptedCard:
    """A `CardLine` that knows the whole conversation by heart and accepts no other."""

    def __init__(self, *exchanges: tuple[str, str]) -> None:
        self.left = [(h(command), h(answer)) for command, answer in exchanges]

    async def transmit(self, commands: Iterable[bytes], deadline: float) -> AsyncGenerator[tuple[bytes, bytes], None]:
        for command in commands:
            expected, answer = self.left.pop(0)
            assert command.hex() == expected.hex()
            yield command, answer
            if not goes_on(answer):
                return


def entropy(*values: str) -> Callable[[int], bytes]:
    ready = [h(value) for value in values]

    def draw(size: int) -> bytes:
        value = ready.pop(0)
        assert len(value) == size
        return value

    return draw


BAC_KEY = ChipKey("L898902C", "690806", "940623")


def test_basic_access_keys_of_appendix_d() -> None:
    seed = key_seed(BAC_KEY)[:16]
    assert seed == h("239AB9CB282DAF66231DC5A4DF6BFBAE")
    assert derive(seed, ENC, Kind.DES3) == h("AB94FDECF2674FDFB9B391F85D7F76F2")
    assert derive(seed, MAC, Kind.DES3) == h("7962D9ECE03D1ACD4C76089DCE131543")


@pytest.mark.parametrize(
    ("text", "digit"), [("L898902C<", "3"), ("690806", "1"), ("940623", "6"), ("C00000000", "4"), ("240420", "0")]
)
def test_check_digits(text: str, digit: str) -> None:
    assert check_digit(text) == digit


async def test_mutual_authentication_and_secured_reading_of_appendix_d() -> None:
    card = ScriptedCard(
        ("00A4040C07A0000002471001", "9000"),
        ("0084000008", "4608F919887022129000"),
        (
            "008200002872C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F25F1448EEA8AD90A728",
            "46B9342A41396CD7386BF5803104D7CEDC122B9132139BAF2EEDC94EE178534F2F2D235D074D74499000",
        ),
        ("0CA4020C158709016375432908C044F68E08BF8B92D635FF24F800", "990290008E08FA855A5D4C50A8ED9000"),
        ("0CB000000D9701048E08ED6705417E96BA5500", "8709019FF0EC34F9922651990290008E08AD55CC17140B2DED9000"),
        (
            "0CB000040D9701128E082EA28A70F3C7B53500",
            "871901FB9235F4E4037F2327DCC8964F1F9B8C30F42C8E2FFF224A990290008E08C8B2787EAEA07D749000",
        ),
    )
    talk = Conversation(card, 1.0)
    await open_with_bac(talk, BAC_KEY, entropy("781723860C06C226", "0B795240CB7049B01C19B33E32804F0B"))
    # All three at once: they are wrapped ahead, the answers come after.
    answers = await talk.send_all(
        [
            Command(0, 0xA4, 0x02, 0x0C, h("011E")),
            Command(0, 0xB0, 0, 0, le=4),
            Command(0, 0xB0, 0, 4, le=18),
        ]
    )
    assert [answer.sw for answer in answers] == [0x9000] * 3
    assert answers[1].data == h("60145F01")
    assert answers[2].data == h("04303130365F36063034303030305C026175")
    assert not card.left


def test_a_secured_answer_that_was_changed_is_refused() -> None:
    keys = Des3(h("979EC13B1CBFE9DCD01AB0FED307EAE5"), h("F1CB1F1FB5ADF208806B89DC579DC1F8"))
    good = h("8709019FF0EC34F9922651990290008E08AD55CC17140B2DED")
    counter = int.from_bytes(h("887022120C06C22A"), "big")
    assert SecureMessaging(keys).unwrap_answer(Answer(good, 0x9000), counter).data == h("60145F01")
    for at in range(len(good)):
        forged = good[:at] + bytes((good[at] ^ 0x01,)) + good[at + 1 :]
        with pytest.raises(MessagingError):
            SecureMessaging(keys).unwrap_answer(Answer(forged, 0x9000), counter)
    for other in (b"", good[:-10], good + b"\x99\x02\x90\x00"):
        with pytest.raises(MessagingError):
            SecureMessaging(keys).unwrap_answer(Answer(other, 0x9000), counter)
    with pytest.raises(MessagingError):
        SecureMessaging(keys).unwrap_answer(Answer(good, 0x9000), counter + 2)


def test_the_chips_side_takes_the_commands_of_appendix_d() -> None:
    keys = Des3(h("979EC13B1CBFE9DCD01AB0FED307EAE5"), h("F1CB1F1FB5ADF208806B89DC579DC1F8"))
    chip = SecureMessaging(keys, int.from_bytes(h("887022120C06C226"), "big"))
    select = chip.unwrap_command(Command.decode(h("0CA4020C158709016375432908C044F68E08BF8B92D635FF24F800")))
    assert (select.ins, select.data) == (0xA4, h("011E"))
    assert chip.wrap_answer(Answer(b"", 0x9000)).encode() == h("990290008E08FA855A5D4C50A8ED9000")
    read = chip.unwrap_command(Command.decode(h("0CB000000D9701048E08ED6705417E96BA5500")))
    assert (read.ins, read.le) == (0xB0, 4)
    expected = h("8709019FF0EC34F9922651990290008E08AD55CC17140B2DED9000")
    assert chip.wrap_answer(Answer(h("60145F01"), 0x9000)).encode() == expected


# --- PACE, appendix G.1: ECDH, generic mapping, AES-128, brainpoolP256r1 ----------------------------------------------

PACE_KEY = ChipKey("T22000129", "640812", "101031")
INFO = PaceInfo(protocol(Kind.AES128), Kind.AES128, 13)
MAP_PRIVATE = "7F4EF07B9EA82FD78AD689B38D0BC78CF21F249D953BC46F4C6E19259C010F99"
MAP_PUBLIC = (
    "047ACF3EFC982EC45565A4B155129EFBC74650DCBFA6362D896FC70262E0C2CC5E"
    "544552DCB6725218799115B55C9BAA6D9F6BC3A9618E70C25AF71777A9C4922D"
)
MAP_CHIP = (
    "04824FBA91C9CBE26BEF53A0EBE7342A3BF178CEA9F45DE0B70AA601651FBA3F57"
    "30D8C879AAA9C9F73991E61B58F4D52EB87A0A0C709A49DC63719363CCD13C54"
)
AGREE_PRIVATE = "A73FB703AC1436A18E0CFA5ABB3F7BEC7A070E7A6788486BEE230C4A22762595"
AGREE_PUBLIC = (
    "042DB7A64C0355044EC9DF190514C625CBA2CEA48754887122F3A5EF0D5EDD301C"
    "3556F3B3B186DF10B857B58F6A7EB80F20BA5DC7BE1D43D9BF850149FBB36462"
)
AGREE_CHIP = (
    "049E880F842905B8B3181F7AF7CAA9F0EFB743847F44A306D2D28C1D9EC65DF6DB"
    "7764B22277A2EDDC3C265A9F018F9CB852E111B768B326904B59A0193776F094"
)
CONVERSATION = (
    ("0022C1A40F800A04007F00070202040202830101", "9000"),
    ("10860000027C0000", "7C12801095A3A016522EE98D01E76CB6B98B42C39000"),
    (f"10860000457C438141{MAP_PUBLIC}00", f"7C438241{MAP_CHIP}9000"),
    (f"10860000457C438341{AGREE_PUBLIC}00", f"7C438441{AGREE_CHIP}9000"),
    ("008600000C7C0A8508C2B0BD78D94BA86600", "7C0A86083ABB9674BCE93C089000"),
)


def drawn(private: str) -> str:
    """The random bytes from which `KeyPair.draw` makes this private key: it adds one."""
    return (int(private, 16) - 1).to_bytes(40, "big").hex()


def test_the_offer_of_appendix_g() -> None:
    access = h("31143012060A04007F0007020204020202010202010D")
    assert parse_card_access(access) == ([INFO], 1)
    assert tlv(0x31, encode_info(INFO)) == access


def test_the_nonce_of_appendix_g() -> None:
    assert key_seed(PACE_KEY) == h("7E2D2A41C74EA0B38CD36F863939BFA8E9032AAD")
    assert derive(key_seed(PACE_KEY), PACE, Kind.AES128) == h("89DED1B26624EC1E634C1989302849DD")
    nonce = password_suite(Kind.AES128, PACE_KEY).decrypt(h("95A3A016522EE98D01E76CB6B98B42C3"))
    assert nonce == h("3F00C4D39D153F2B2A214A078D899B22")


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Kind.DES3, "89DFD0B36725EC1F624C1989312949DC"),
        (Kind.AES192, "D79A23C126202AC9051FEBFBC0E8A03B1C6645D85752B4B7"),
        (Kind.AES256, "D79A23C126202AC9051FEBFBC0E8A03B1C6645D85752B4B71408FA229AB6D56B"),
    ],
)
def test_the_same_password_for_other_ciphers(kind: Kind, expected: str) -> None:
    assert derive(key_seed(PACE_KEY), PACE, kind) == h(expected)


async def test_the_whole_conversation_of_appendix_g() -> None:
    card = ScriptedCard(*CONVERSATION)
    talk = Conversation(card, 1.0)
    await open_with_pace(talk, PACE_KEY, INFO, entropy(drawn(MAP_PRIVATE), drawn(AGREE_PRIVATE)))
    assert not card.left
    assert talk.secured is not None


def test_the_mapped_generator_and_session_keys_of_appendix_g() -> None:
    on = curves.curve(13)
    shared = on.times(int(MAP_PRIVATE, 16), on.decode(h(MAP_CHIP)))
    assert on.coordinate(shared[0]) == h("60332EF2450B5D247EF6D3868397D398852ED6E8CAF6FFEEF6BF85CA57057FD5")
    moved = on.add(on.times(0x3F00C4D39D153F2B2A214A078D899B22, on.generator), shared)
    assert on.encode(moved)[1:33] == h("8CED63C91426D4F0EB1435E7CB1D74A46723A0AF21C89634F65A9AE87A9265E2")
    assert on.encode(on.times(int(AGREE_PRIVATE, 16), moved)) == h(AGREE_PUBLIC)
    secret = on.coordinate(on.times(int(AGREE_PRIVATE, 16), on.decode(h(AGREE_CHIP)))[0])
    assert secret == h("28768D20701247DAE81804C9E780EDE582A9996DB4A315020B2733197DB84925")
    assert derive(secret, ENC, Kind.AES128) == h("F5F0E35C0D7161EE6724EE513A0D9A7F")
    assert derive(secret, MAC, Kind.AES128) == h("FE251C7858B356B24514B3BD5F4297D1")


# --- curves -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", curves.NUMBERS)
def test_each_generator_lies_on_its_curve_and_has_its_order(number: int) -> None:
    on = curves.curve(number)
    assert on.holds(on.generator)
    one_less = on.times(on.order - 1, on.generator)
    assert one_less == (on.generator[0], on.p - on.generator[1])
    with pytest.raises(PointError):
        on.add(one_less, on.generator)
    with pytest.raises(PointError):
        on.times(on.order, on.generator)
    assert on.add(on.generator, on.generator) == on.times(2, on.generator)
    assert on.decode(on.encode(one_less)) == one_less


@pytest.mark.parametrize("number", [12, 13, 15, 16, 17, 18])
def test_multiples_agree_with_openssl(number: int) -> None:
    from cryptography.hazmat.primitives.asymmetric import ec

    names = {12: ec.SECP256R1, 13: ec.BrainpoolP256R1, 15: ec.SECP384R1, 16: ec.BrainpoolP384R1}
    kind = {**names, 17: ec.BrainpoolP512R1, 18: ec.SECP521R1}[number]()
    on = curves.curve(number)
    for private in (1, 2, 15, 16, 17, on.order - 2, on.order // 3):
        numbers = ec.derive_private_key(private, kind).public_key().public_numbers()
        assert on.times(private, on.generator) == (numbers.x, numbers.y)


def test_points_that_are_none_are_refused() -> None:
    on = curves.curve(12)
    good = on.encode(on.generator)
    for bad in (b"", good[:-1], b"\x02" + good[1:], good[:-1] + bytes((good[-1] ^ 1,)), b"\x04" + bytes(64)):
        with pytest.raises(PointError):
            on.decode(bad)


def test_a_basic_key_needs_characters_of_a_line() -> None:
    with pytest.raises(ValueError):
        basic_keys(ChipKey("C 0000000", "900101", "300101"))
