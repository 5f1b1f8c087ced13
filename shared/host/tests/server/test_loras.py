"""LoRA files are brought from sites, recorded, found by workflows and removed; keys of accounts are kept to themselves."""

import hashlib
import stat

import pytest

HEADER = b'{"__metadata__":{}}'
LORA = len(HEADER).to_bytes(8, "little") + HEADER + bytes(1000)
DIGEST = hashlib.sha256(LORA).hexdigest()


@pytest.fixture
def site(hub, models):
    hub.files["team/Styles"] = {"old/ink.safetensors": LORA}
    hub.drive |= {"chalk.safetensors": LORA, "page.safetensors": b"<html>please log in</html>"}
    hub.members["42"] = "chalk.safetensors"
    return hub


def download(client, **body):
    return client.post("/api/v1/lora/download", json=body)


def listed(client):
    return {file["name"]: file for file in client.get("/api/v1/loras").json()["lora_files"]}


def test_a_file_of_the_hub_is_fetched_checked_recorded_and_removed(client, site, models):
    wanted = {"source": "huggingface", "repo_id": "team/Styles", "hf_filename": "old/ink.safetensors"}
    answer = download(client, **wanted, subfolder="styles", expected_sha256=DIGEST)
    path = models / "lora/styles/ink.safetensors"
    assert answer.json() == {
        "filename": "styles/ink.safetensors",
        "path": str(path),
        "sha256": DIGEST,
        "size_bytes": len(LORA),
    }
    assert path.read_bytes() == LORA
    assert listed(client)["ink"]["provenance"]["repo_id"] == "team/Styles"
    again = download(client, **wanted, subfolder="styles")
    assert "is there already; delete it first" in again.json()["detail"]
    assert client.delete("/api/v1/loras/styles/ink.safetensors").json()["message"] == "Deleted styles/ink.safetensors"
    assert listed(client) == {}
    assert client.delete("/api/v1/loras/ink").status_code == 404


def test_a_key_opens_a_site_for_members_and_is_never_told(client, site, base):
    refused = download(client, source="civitai", version_id="42")
    assert "wants to know who asks: store a key" in refused.json()["detail"]
    assert client.put("/api/v1/keys/civitai", json={"value": "sesame"}).json()["success"]
    assert stat.S_IMODE((base / "keys.json").stat().st_mode) == 0o600
    assert download(client, source="civitai", version_id="42").json()["filename"] == "chalk.safetensors"
    client.delete("/api/v1/loras/chalk")
    page = f"{site.address}/models/7/chalk?modelVersionId=42"
    assert client.post("/api/v1/loras", json={"url": page}).json()["message"] == "Installed chalk.safetensors"
    told = client.get("/api/v1/keys")
    assert "sesame" not in told.text
    known = {key["id"]: (key["is_set"], key["source"], key["env_var"]) for key in told.json()["keys"]}
    assert known == {"huggingface": (False, None, "HF_TOKEN"), "civitai": (True, "stored", "CIVITAI_API_TOKEN")}
    assert client.delete("/api/v1/keys/civitai").json()["success"]
    assert client.delete("/api/v1/keys/civitai").status_code == 404
    assert client.put("/api/v1/keys/bank", json={"value": "x"}).status_code == 404


def test_a_damaged_file_of_keys_counts_as_none(client, base):
    base.mkdir(exist_ok=True)
    (base / "keys.json").write_text('["sesame"]')
    assert not any(key["source"] == "stored" for key in client.get("/api/v1/keys").json()["keys"])
    assert client.put("/api/v1/keys/civitai", json={"value": "sesame"}).json()["success"]


def test_an_address_is_installed_under_another_name_and_its_origin_can_be_set(client, site):
    body = {"url": f"{site.address}/storage/chalk.safetensors?token=x", "filename": "soft.safetensors"}
    answer = client.post("/api/v1/loras", json=body).json()
    assert answer["message"] == "Installed soft.safetensors"
    assert answer["file"]["provenance"]["url"] == "http://127.0.0.1/storage/chalk.safetensors"
    origin = {"source": "civitai", "version_id": "7"}
    entry = client.put("/api/v1/lora/soft.safetensors/provenance", json=origin).json()
    assert (entry["sha256"], entry["size_bytes"], entry["provenance"]["version_id"]) == (DIGEST, len(LORA), "7")
    assert client.put("/api/v1/lora/no.pt/provenance", json=origin).status_code == 404


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"url": "file:///etc/passwd"}, "expected an address such as https://host/name.safetensors"),
        ({"url": "SITE/storage/none.pt"}, "has no such file"),
        ({"url": "SITE/models/7/chalk"}, "expected the number of a version on Civitai"),
        ({"url": "SITE/storage/page.safetensors"}, "is not a safetensors file: it begins with b'<html>"),
        ({"url": "SITE/storage/chalk.safetensors", "filename": "../x.pt"}, "expected a plain file name and folder"),
        ({"url": "SITE/storage/chalk.safetensors", "filename": "x.exe"}, "expected a file that ends in .safetensors"),
        ({"url": "http://127.0.0.1:9/x.pt"}, "could not be reached"),
    ],
)
def test_what_cannot_be_installed_is_a_sentence(client, site, models, body, said):
    answer = client.post("/api/v1/loras", json=body | {"url": body["url"].replace("SITE", site.address)})
    assert answer.status_code == 400
    assert said in answer.json()["detail"]
    assert listed(client) == {}
    assert not [path for path in models.rglob("*") if path.suffix in (".safetensors", ".part", ".whole")]


def test_a_wrong_checksum_leaves_nothing(client, site):
    body = {"source": "url", "url": f"{site.address}/storage/chalk.safetensors", "expected_sha256": "0" * 64}
    assert f"has the SHA-256 {DIGEST}, expected 000" in download(client, **body).json()["detail"]
    assert listed(client) == {}


def test_a_workflow_is_held_against_what_is_here(client, models):
    (models / "lora").mkdir(parents=True)
    (models / "lora/ink.safetensors").write_bytes(LORA)
    loras = [{"filename": "ink.safetensors"}, {"filename": "wax.pt", "provenance": {"source": "civitai"}}]
    nodes = [
        {"node_type_id": "fx", "source": {"type": "pypi", "plugin_name": "Scope_FX", "plugin_version": "99"}},
        {"node_type_id": "lamp", "source": {"type": "git", "plugin_name": "scope-lamp", "package_spec": "git+x"}},
        {"node_type_id": "synth", "source": {"type": "builtin"}, "loras": loras},
    ]
    answer = client.post("/api/v1/workflow/resolve", json={"nodes": nodes, "min_scope_version": "99"}).json()
    assert not answer["can_apply"]
    found = {(item["kind"], item["name"]): (item["status"], item["can_auto_resolve"]) for item in answer["items"]}
    assert found == {
        ("plugin", "Scope_FX"): ("version_mismatch", False),
        ("pipeline", "fx"): ("ok", False),
        ("plugin", "scope-lamp"): ("missing", True),
        ("pipeline", "lamp"): ("missing", False),
        ("pipeline", "synth"): ("ok", False),
        ("lora", "ink.safetensors"): ("ok", False),
        ("lora", "wax.pt"): ("missing", True),
    }
    assert answer["warnings"][0].startswith("the workflow asks for version 99 of the original host")
    assert client.post("/api/v1/workflow/resolve", json={}).json()["can_apply"]
