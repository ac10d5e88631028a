import gzip
import http.client
import json
import socket

import pytest

from edge.errors import BrokerFault
from sim.dashboard import PAGES, TYPES, DashboardServer

CONFIG = {"broker": "ws://127.0.0.1:9001", "user": "desk"}


@pytest.fixture(scope="module")
def server():
    with DashboardServer(lambda: CONFIG, port=0) as running:
        yield running


def get(server, path: str, **headers: str):
    host, port = server.url.removeprefix("http://").rstrip("/").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=5)
    connection.putrequest("GET", path, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/src/app.js", "text/javascript; charset=utf-8"),
        ("/style/theme.css", "text/css; charset=utf-8"),
        ("/icon.svg", "image/svg+xml"),
        ("/config.json", "application/json"),
    ],
)
def test_every_kind_of_file_comes_with_its_type_and_the_policy(server, path, kind):
    answer, body = get(server, path)
    assert (answer.status, answer.getheader("Content-Type")) == (200, kind)
    assert body
    policy = answer.getheader("Content-Security-Policy")
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert answer.getheader("X-Content-Type-Options") == "nosniff"


def test_the_config_names_the_broker(server):
    assert json.loads(get(server, "/config.json")[1]) == CONFIG


def test_who_takes_gzip_gets_it(server):
    plain = get(server, "/src/app.js")[1]
    answer, packed = get(server, "/src/app.js", Accept_Encoding="gzip, deflate")
    assert answer.getheader("Content-Encoding") == "gzip"
    assert gzip.decompress(packed) == plain


@pytest.mark.parametrize(
    "path",
    [
        "/../pyproject.toml",
        "/..%2fpyproject.toml",
        "/src/../../NOTICE",
        "//etc/passwd",
        "/src",
        "/src/",
        "/.git/config",
        "/README.md",
        "/src/app.js/",
        "/src\\app.js",
        "/nothing.js",
        "/a\0.js",
    ],
)
def test_nothing_else_is_there(server, path):
    host, port = server.url.removeprefix("http://").rstrip("/").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as road:
        road.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        assert road.makefile("rb").readline().split()[1] in (b"404", b"400")


def test_only_this_computer_is_served(server):
    assert server.url.startswith("http://127.0.0.1:")


def test_a_port_that_is_taken_is_named():
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(BrokerFault, match="another program"):
        DashboardServer(dict, port=taken.getsockname()[1])


def test_every_file_that_a_page_asks_for_can_be_served():
    asked = [path for path in PAGES.rglob("*") if path.is_file() and path.suffix not in {".md", ".py", ".pyc"}]
    assert {path.suffix for path in asked} <= TYPES.keys()
