"""The stand-in's listening sockets. Its front door can be shut, or be so full that nobody who knocks is answered."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress

from aiohttp import web

HOST = "127.0.0.1"
BACKLOG = 2048
Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Doors:
    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.front: asyncio.Server | None = None
        self.control: asyncio.Server | None = None
        self.crowd: list[socket.socket] = []
        self.port = 0

    async def start(self, port: int, control: int | None = None) -> int:
        self.people = web.Server(self.handler, access_log=None)  # who came in by the front door
        self.staff = web.Server(self.handler, access_log=None)
        self.loop = asyncio.get_running_loop()
        self.front = await self._listen(self.people, port)
        self.port = int(self.front.sockets[0].getsockname()[1])
        if control is not None:
            self.control = await self._listen(self.staff, control)
        return self.port

    async def _listen(self, server: web.Server, port: int) -> asyncio.Server:
        return await self.loop.create_server(server, HOST, port, backlog=BACKLOG, reuse_address=True)

    async def put(self, state: str) -> None:
        """open · shut: connections are refused · full: no connection is ever answered. Who is inside is thrown out."""
        await self._clear()
        if state == "open":
            self.front = await self._listen(self.people, self.port)
        elif state == "full":
            self._fill()

    async def _clear(self) -> None:
        while self.crowd:
            self.crowd.pop().close()
        if self.front is not None:
            self.front.close()
            self.front = None
        for connection in list(self.people.connections):
            if connection.transport is not None:
                connection.transport.abort()
        await asyncio.sleep(0)

    def _fill(self) -> None:
        """A queue of one place, taken: the kernel drops whoever else knocks, without a word."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, self.port))
        listener.listen(0)
        self.crowd.append(listener)
        for _ in range(3):
            guest = socket.socket()
            guest.setblocking(False)
            with suppress(BlockingIOError):
                guest.connect((HOST, self.port))
            self.crowd.append(guest)

    async def close(self) -> None:
        await self._clear()
        if self.control is not None:
            self.control.close()
        await asyncio.sleep(0.05)  # whoever was just coming in is inside by now
        await self._clear()
        for server in (self.people, self.staff):
            await server.shutdown(0.1)
        await asyncio.sleep(0.05)
