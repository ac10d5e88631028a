"""The process of the embedded broker: `python -m sim.embedded_broker --port N` is amqtt until SIGTERM."""

import argparse
import asyncio
import contextlib
import logging
import signal

from amqtt.broker import Broker

LOOPBACK = "127.0.0.1"
SHUTDOWN_S = 1.5


async def serve(host: str, port: int, page_port: int | None = None) -> None:
    plugins = {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}}
    listeners = {"default": {"type": "tcp", "bind": f"{host}:{port}"}}
    if page_port is not None:
        listeners["page"] = {"type": "ws", "bind": f"{host}:{page_port}"}
    broker = Broker({"listeners": listeners, "plugins": plugins})
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    await broker.start()
    logging.getLogger(__name__).warning("amqtt running")  # whoever started this process waits for the word
    await ended.wait()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(broker.shutdown(), SHUTDOWN_S)


def main() -> None:
    """Run amqtt, on the loopback address alone: it asks nobody who they are."""
    parser = argparse.ArgumentParser(prog="python -m sim.embedded_broker", description=main.__doc__)
    parser.add_argument("--host", default=LOOPBACK, choices=[LOOPBACK])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--page-port", type=int, help="for browsers: MQTT over WebSockets")
    given = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)
    asyncio.run(serve(given.host, given.port, given.page_port))


if __name__ == "__main__":
    main()
