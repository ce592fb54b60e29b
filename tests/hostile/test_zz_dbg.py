import asyncio, time
import pytest
from tests.hostile.test_machines import *
@pytest.mark.timeout(200)
@pytest.mark.parametrize("fault", ["CAM.UNPLUG", "CAM.STALL", "CAM.COVERED", "CAM.FROZEN", "CAM.CRASH"])
async def test_dbg(tmp_path, fault):
    people = [person(tmp_path, 1, consent=True)]
    async with hall(tmp_path, people=people) as place:
        cam=place.machine.devices.by_name["camera"]
        await cam.open()
        t=time.monotonic()
        async def watch():
            last=None
            while True:
                s=cam.status()
                if s!=last: print(round(time.monotonic()-t,2), s); last=s
                await asyncio.sleep(.02)
        w=asyncio.ensure_future(watch())
        b=Blocker(place,fault)
        orig=b._look
        def look(screen):
            if screen.frame is not None and not b._done: print(round(time.monotonic()-t,2),"armed")
            return orig(screen)
        b.replies[common.FaceCheck]=look
        try:
            visit = await place.visit(citizen=b, within=60)
            print(fault, round(time.monotonic()-t,2), visit.ended.outcome)
        finally: w.cancel()
