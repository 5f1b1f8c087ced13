"""`scope bench host` measures every chain and writes what it measured."""

import json

import pytest

from scope.engine.bench import CHAINS, parse, run


@pytest.mark.gate
def test_the_benchmark_prints_and_writes_a_row_for_every_chain_size_and_place(tmp_path, capsys):
    path = tmp_path / "host.json"
    assert run(["--seconds", "0.1", "--sizes", "32x16", "--json", str(path)]) == 0
    report = json.loads(path.read_text())
    assert {(row["where"], row["chain"]) for row in report["rows"]} == {
        *((f"lanes {lanes}", chain) for lanes in ("one", "each") for chain in CHAINS),
        ("own process", "empty"),
    }
    assert all(row["fps"] > 0 and row["ms_p50"] > 0 for row in report["rows"])
    assert {"machine", "versions"} <= report["machine"].keys()
    assert "scope bench host --seconds 0.1" in capsys.readouterr().out


def test_a_size_that_is_none_is_refused(capsys):
    with pytest.raises(SystemExit):
        parse(["--sizes", "512"])
    assert "expected a size as WxH, got '512'" in capsys.readouterr().err
