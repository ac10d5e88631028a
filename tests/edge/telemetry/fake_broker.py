"""A broker of thirty lines on the loopback, for what no real one does when asked."""

import contextlib
import socket
import ssl
import threading

CONNECT, PUBLISH, PINGREQ = 0x10, 0x30, 0xC0


class FakeBroker:
    """Answers each CONNECT with `code`; then pings and QoS 1 messages, or nothing at all when `silent`."""

    def __init__(self, code: int = 0, silent: bool = False, tls: ssl.SSLContext | None = None) -> None:
        self.code = code
        self.tls = tls
        self.silent = silent
        self.connects: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"mqtt{'s' if tls else ''}://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(client,), daemon=True).start()

    def _talk(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            self._converse(self.tls.wrap_socket(client, server_side=True) if self.tls else client)

    def _converse(self, client: socket.socket) -> None:
        with client, client.makefile("rb") as heard:
            while head := heard.read(1):
                length, shift = 0, 0
                while True:
                    (byte,) = heard.read(1)
                    length |= (byte & 0x7F) << shift
                    shift += 7
                    if not byte & 0x80:
                        break
                body = heard.read(length)
                if answer := self._answer(head[0] & 0xF0, body):
                    client.sendall(answer)

    def _answer(self, kind: int, body: bytes) -> bytes:
        if kind == CONNECT:
            self.connects.append(body)
            return bytes([0x20, 2, 0, self.code])
        if self.silent:
            return b""
        if kind == PINGREQ:
            return bytes([0xD0, 0])
        if kind == PUBLISH:
            topic = int.from_bytes(body[:2], "big")
            return bytes([0x40, 2]) + body[2 + topic : 4 + topic]
        return b""
