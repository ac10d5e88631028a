"""The Grafana dashboard: of Grafana's own shape, and each of its queries answered by a real Prometheus that scrapes."""

import json
import shutil
import socket
import subprocess
import threading
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from edge.clock import now_ns, sleep_until
from edge.config import load_profile
from edge.datapath import Incident
from edge.telemetry.openmetrics import Endpoint
from tests.edge.telemetry.records import a_health, a_verdict, an_outcome

ROOT = Path(__file__).parents[2]
LINE: dict[str, Any] = json.loads((ROOT / "firmware_config/grafana/line.json").read_text(encoding="utf-8"))
QUERIES = sorted({target["expr"] for panel in LINE["panels"] for target in panel["targets"]})
SECOND_NS = 1_000_000_000


def as_grafana_has_it(held: dict[str, Any]) -> dict[str, Any]:
    """Through the types that Grafana publishes: what they do not know is gone afterwards."""
    register_default_plugins()
    return json.loads(JSONEncoder().encode(Dashboard.from_json(held)))


def lost(before: Any, after: Any, path: str = "") -> list[str]:
    """Where something of `before` is not in `after`."""
    if isinstance(before, dict):
        inside = after if isinstance(after, dict) else {}
        return [fault for key, value in before.items() for fault in lost(value, inside.get(key), f"{path}.{key}")]
    if isinstance(before, list):
        inside = after if isinstance(after, list) else []
        padded = [*inside, *[None] * len(before)]
        return [fault for n, value in enumerate(before) for fault in lost(value, padded[n], f"{path}[{n}]")]
    return [] if before == after else [path]


def test_the_dashboard_is_of_the_shape_that_grafana_publishes() -> None:
    assert lost(LINE, as_grafana_has_it(LINE)) == []


@pytest.mark.parametrize("spoiled", ["gridPoss", "titel", "target"])
def test_a_key_that_grafana_does_not_know_would_be_found(spoiled: str) -> None:
    held = json.loads(json.dumps(LINE))
    held["panels"][0][spoiled] = {"x": 1}
    assert lost(held, as_grafana_has_it(held)) == [f".panels[0].{spoiled}.x"]


def test_panels_do_not_lie_on_each_other() -> None:
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in LINE["panels"])
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
    assert len({panel["id"] for panel in LINE["panels"]}) == len(LINE["panels"])


@pytest.fixture(scope="module")
def scraped(tmp_path_factory):
    """The URL of a Prometheus that has scraped a machine for some seconds, and the machine's `instance` there."""
    folder = tmp_path_factory.mktemp("prometheus")
    endpoint = Endpoint(load_profile(ROOT / "firmware_config/profiles/demo.toml"), "factory@0123456789ab", 0)
    over = threading.Event()
    serving = threading.Thread(target=endpoint.serve, args=(over.is_set,))
    serving.start()
    while endpoint.bound is None:
        assert serving.is_alive()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    settings = f"""
global: {{scrape_interval: 500ms}}
scrape_configs:
  - job_name: sorter
    static_configs: [{{targets: ["127.0.0.1:{endpoint.bound}"]}}]
"""
    (folder / "prometheus.yml").write_text(settings, encoding="utf-8")
    program = shutil.which("prometheus")
    assert program
    arguments = [f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data"]
    command = [program, *arguments, f"--web.listen-address=127.0.0.1:{port}"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        url = f"http://127.0.0.1:{port}"
        work(endpoint, url)
        yield url, f"127.0.0.1:{endpoint.bound}"
        process.terminate()
    over.set()
    serving.join(5)


def work(endpoint: Endpoint, url: str) -> None:
    """Sort until Prometheus has seen the counters grow."""
    endpoint.put(Incident(1, "overload", "raised", {"shed": 1}))
    deadline_ns = now_ns() + 30 * SECOND_NS
    n = 0
    while not answer(url, "count_over_time(sorter_fruit_total[1m]) > 5"):
        assert now_ns() < deadline_ns
        for outlet in ("red", "end"):
            endpoint.put(a_verdict(n, outlet))
        endpoint.put(an_outcome(n))
        endpoint.put(a_health(at_ns=now_ns(), frames=n, tracks=n))
        n += 1
        sleep_until(now_ns() + SECOND_NS // 10)


def answer(url: str, query: str) -> list[Any]:
    asked = f"{url}/api/v1/query?{urllib.parse.urlencode({'query': query})}"
    try:
        with urllib.request.urlopen(asked, timeout=5) as said:
            held: dict[str, Any] = json.loads(said.read())
    except OSError:
        return []
    return list(held["data"]["result"])


@pytest.mark.prometheus
@pytest.mark.slow
@pytest.mark.parametrize("query", QUERIES)
def test_a_query_of_the_dashboard_has_an_answer(query: str, scraped) -> None:
    url, instance = scraped
    found = answer(url, query.replace("$instance", instance))
    assert found
    assert all(one["value"][1] != "NaN" for one in found)


@pytest.mark.prometheus
@pytest.mark.slow
def test_the_machines_to_choose_from_are_those_that_are_scraped(scraped) -> None:
    url, instance = scraped
    (asked,) = (one["query"] for one in LINE["templating"]["list"] if one["name"] == "instance")
    metric, label = asked.removeprefix("label_values(").removesuffix(")").split(", ")
    with urllib.request.urlopen(f"{url}/api/v1/label/{label}/values?match[]={metric}", timeout=5) as said:
        assert json.loads(said.read())["data"] == [instance]
