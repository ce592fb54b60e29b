"""Looking for rows: by states, times, values, sets of values, and by none."""

from __future__ import annotations

from kiosk.ledger.cipher import FieldCipher
from kiosk.ledger.states import Kind, OrderState, PrintState
from kiosk.ledger.store import Move, New, Store
from tests.ledger.parts import HandClock, order_data


async def test_every_way_of_looking(store: Store, cipher: FieldCipher, clock: HandClock) -> None:
    for n in range(4):
        await store.commit(New(Kind.ORDER, f"O{n}", "", "test", order_data(cipher, f"O{n}", n)))
        clock.forward(minutes=1)
    jobs = [
        New(Kind.PRINT, f"J{n}", "O1" if n else "", "test", {"slip": "x", "subject_id": f"S{n}", "copy": 1})
        for n in range(3)
    ]
    made = await store.commit(*jobs)
    await store.commit(Move(made[2], PrintState.PRINTING, "test"))

    async def ids(kind: Kind, *args: object, **equal: object) -> list[str]:
        return [row.id for row in await store.find(kind, *args, **equal)]  # type: ignore[arg-type]

    assert await ids(Kind.ORDER) == ["O0", "O1", "O2", "O3"]
    assert await ids(Kind.ORDER, [OrderState.OPEN]) == ["O0", "O1", "O2", "O3"]
    assert await ids(Kind.ORDER, ()) == []
    assert await ids(Kind.ORDER, {"open", "settled"}, None, amount_fen=2) == ["O2"]
    assert await ids(Kind.ORDER, None, "2026-03-18T09:32") == ["O2", "O3"]
    assert await ids(Kind.ORDER, id=frozenset({"O3", "O1", "nobody"})) == ["O1", "O3"]
    assert await ids(Kind.ORDER, id=frozenset()) == []
    assert await ids(Kind.ORDER, amount_fen=frozenset({0, 3}), journey="violation") == ["O0", "O3"]
    assert await ids(Kind.PRINT, order_id=None) == ["J0"]
    assert await ids(Kind.PRINT, [PrintState.QUEUED], order_id="O1") == ["J1"]
    assert await ids(Kind.PRINT, trouble=None) == ["J0", "J1", "J2"]
