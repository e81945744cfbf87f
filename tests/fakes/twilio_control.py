"""The stand-in's second door: wishes in JSON, as `twilio.py` lists them."""

import asyncio
from typing import TYPE_CHECKING, Any

from aiohttp import web

if TYPE_CHECKING:
    from tests.fakes.twilio import FakeTwilio


async def control(fake: "FakeTwilio", request: web.BaseRequest) -> web.StreamResponse:
    wish = await request.json()
    answer: dict[str, Any] = {"done": True}
    if wish.get("reset"):
        fake.reset()
    if "behaviour" in wish:
        fake.behave(wish["behaviour"], to=wish.get("to"), times=wish.get("times"), nth=wish.get("nth"))
    if wish.get("release"):
        fake.released.set()
        fake.released = asyncio.Event()
    if "fate" in wish:
        fake.foretell(wish["fate"], to=wish.get("to", ""))
    for name in ("latency", "list_delay", "callbacks", "callback_delay", "reads"):
        if name in wish:
            setattr(fake, name, wish[name])
    if "clock" in wish:
        fake.calls.clock = float(wish["clock"])
    if "callback" in wish:
        answer["status"] = await fake.calls.call_back(**wish["callback"])
    if "inbound" in wish:
        answer["status"] = await fake.calls.text_in(wish["inbound"].pop("url"), wish["inbound"])
    if "door" in wish:
        await fake.doors.put(wish["door"])
    if wish.get("state"):
        answer |= {"messages": list(fake.messages.values()), "busy": len(fake.tasks), "calls": fake.calls.tally}
    return web.json_response(answer)
