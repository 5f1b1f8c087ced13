"""`scope bench host` measures every chain, and latency in a real browser, and writes what it measured."""

import json
import sys

import numpy as np
import pytest

from scope.bench import barcode, live
from scope.bench.browser import Clock
from scope.bench.chains import CHAINS
from scope.bench.host import parse, run


@pytest.mark.gate
def test_the_benchmark_prints_and_writes_a_row_for_every_chain_size_and_place(tmp_path, capsys):
    path = tmp_path / "host.json"
    assert run(["--only", "chains", "--seconds", "0.1", "--sizes", "32x16", "--json", str(path)]) == 0
    report = json.loads(path.read_text())
    assert {(row["where"], row["chain"]) for row in report["chains"]} == {
        *((f"lanes {lanes}", chain) for lanes in ("one", "each") for chain in CHAINS),
        ("own process", "empty"),
    }
    assert all(row["fps"] > 0 and row["ms_p50"] > 0 for row in report["chains"])
    assert {"machine", "versions"} <= report["machine"].keys()
    assert "scope bench host --only chains" in capsys.readouterr().out


def test_a_size_that_is_none_is_refused(capsys):
    with pytest.raises(SystemExit):
        parse(["--sizes", "512"])
    assert "expected a size as WxH, got '512'" in capsys.readouterr().err


@pytest.mark.gate
def test_a_moment_drawn_by_the_server_or_the_page_is_read_back_in_the_page(tmp_path):
    path = tmp_path / "host.json"
    some = ["--ways", "jpeg", "--stages", "0", "--seconds", "0.5", "--sizes", "192x96"]
    assert run(["--only", "live", *some, "--json", str(path)]) == 0
    server, change, page = json.loads(path.read_text())["live"]
    for row in (server, page):
        assert row["unread"] == 0
        assert row["fps"] > 0
        assert 0 < row["ms_p50"] <= row["ms_p95"] < live.MOST_MS
        assert row["shown"] == row["size"] == "192x96"
    assert change["changes"] > 0
    assert change["ms_p50"] > 0


@pytest.mark.parametrize("width", [24, 64, 1280])
def test_a_moment_is_drawn_as_the_probe_reads_it(width):
    pixels = np.full((96, width, 3), 128, np.uint8)
    barcode.draw(pixels, 123456.78)
    read = barcode.read(pixels)
    assert read == 1234567
    assert barcode.age(read, 123456.78 + 12.5) == pytest.approx(12.5, abs=0.1)
    assert (pixels[8:] == 128).all()


def test_an_age_is_right_where_the_count_starts_anew():
    assert barcode.age((1 << barcode.CELLS) - 10, 2.0) == pytest.approx(3.0)


def test_a_picture_shown_twice_counts_once_and_a_misread_one_not_at_all():
    now, cells = 10_000.0, 1 << barcode.CELLS
    stamps = [99_900, 99_900, 99_800, cells // 2]
    shown = [[now + i, stamp, 512, 288] for i, stamp in enumerate(stamps)]
    row = live.row(("server", "jpeg", (512, 512)), 1, shown, Clock(0.0), 2.0, {})
    assert (row.fps, row.unread, row.shown) == (1.0, 1, "512x288")
    assert (row.ms_p50, row.ms_p95) == (pytest.approx(22.0), pytest.approx(22.0))


def test_without_playwright_a_sentence_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "playwright.sync_api", None)
    assert run(["--only", "live"]) == 1
    assert "need playwright: pip install playwright" in capsys.readouterr().err
