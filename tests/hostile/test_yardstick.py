from pathlib import Path
from tests.hostile.hall import hall
async def test_x(tmp_path: Path) -> None:
    async with hall(tmp_path) as place:
        v = await place.visit()
        print(v.ended, v.said(), place.events())
        await place.in_order()
        await place.served()
