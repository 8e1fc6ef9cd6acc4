"""A department's own system: hears its whistles, acknowledges, arrives, replies, prints what it is answered.

NATS_URL=nats://chengguan:…@host:port python department.py    (pip install nats-py)
"""

import asyncio
import json
import os
from datetime import UTC, datetime
from urllib.parse import urlsplit

import nats

TOKEN = urlsplit(os.environ["NATS_URL"]).username  # the user is the department's token, and its place on the stream


def now() -> str:
    return datetime.now(UTC).isoformat()


async def say(nc, number: str, kind: str, **data) -> None:
    """The same id for the same thing: said again and again it is done once."""
    whole = {"specversion": "1.0", "id": f"{number}-{kind}", "source": f"urn:example:{TOKEN}", "subject": number}
    whole |= {"type": f"huiyin.whistle.{kind}.v1", "time": now(), "data": data}
    kept = await nc.request("huiyin.command.whistle", json.dumps(whole).encode(), timeout=10)
    if "error" in (answer := json.loads(kept.data)):  # not kept; raised, the event comes again
        raise RuntimeError(answer["error"])


async def hear(nc, event: dict) -> None:
    data, number = event["data"], event["subject"]
    if event["type"] == "huiyin.whistle.receipt.v1":
        print("answer", data["id"], data["outcome"], data.get("detail", ""), flush=True)
    elif (seen := data["whistle"]) is None:
        print("gone", number, flush=True)  # another department has it now
    else:
        print("told", number, data["step"], *(one["duty"] for one in seen["limits"]), flush=True)
        if data["step"] == "called":  # the words of the task: GET /api/v1/whistles/{number}
            await say(nc, number, "acknowledge", person="王强")
            await say(nc, number, "arrive", arrived_at=now())
            if seen["lead"]:
                await say(nc, number, "reply", accepted_at=now(), contacted=["on_site"], text="已办结", finished=True)


async def main() -> None:
    nc = await nats.connect(os.environ["NATS_URL"])
    place = await nc.jetstream().pull_subscribe_bind(consumer=TOKEN, stream="DEPARTMENTS")
    while True:
        try:
            messages = await place.fetch(100, timeout=5)
        except nats.errors.TimeoutError:
            continue
        for message in messages:
            await hear(nc, json.loads(message.data))
            await message.ack()


asyncio.run(main())
