"""The limit: the same requests by aiohttp alone, no rules, no database. `python -m bench.raw COUNT IN_FLIGHT`."""

import asyncio
import os
import sys

import aiohttp

from tests.fakes import twilio as fake

FORM = {
    "To": "+12025550110",
    "From": "+12025550101",
    "Body": "Riverside Clinic: this text is about as long as the ones that a plan sends to its patients. " * 2,
    "ValidityPeriod": "36000",
    "StatusCallback": "http://localhost:8000/webhooks/sms/status/00000000-0000-0000-0000-000000000000/",
}


async def send(count: int, in_flight: int) -> None:
    url = f"{os.environ['TWILIO_API_URL']}/2010-04-01/Accounts/{fake.ACCOUNT}/Messages.json"
    left = iter(range(count))
    login = aiohttp.encode_basic_auth(fake.API_KEY, fake.API_SECRET)
    connector = aiohttp.TCPConnector(limit=in_flight)
    async with aiohttp.ClientSession(connector=connector, headers={"Authorization": login}) as session:

        async def sender() -> None:
            for _ in left:
                async with session.post(url, data=FORM) as answer:
                    assert (await answer.json())["sid"]

        await asyncio.gather(*(sender() for _ in range(in_flight)))


if __name__ == "__main__":
    print("ready", flush=True)
    sys.stdin.readline()
    asyncio.run(send(int(sys.argv[1]), int(sys.argv[2])))
    print("done", flush=True)
    sys.stdin.readline()
