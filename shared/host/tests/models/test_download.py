"""Artifacts arrive whole or not at all, from servers that break off, stall and lie."""

import io
import shutil
import threading
import zipfile

import psutil
import pytest

from scope.core.pipelines.artifacts import GoogleDriveArtifact, HuggingfaceRepoArtifact
from scope.models import Download, Progress, declared_files, remove, verify
from scope.models.child import kept
from scope.models.records import OWN_FOLDER, Records

WEIGHTS = bytes(range(256)) * 2000
REPO = "team/Parts"
ARTIFACT = HuggingfaceRepoArtifact(repo_id=REPO, files=["config.json", "weights.pt", "google"])


@pytest.fixture
def parts(hub):
    hub.files[REPO] = {
        "config.json": b"{}",
        "weights.pt": WEIGHTS,
        "google/umt5/spiece.model": b"pieces",
        "google/umt5/tokenizer.json": b"[]",
        "README.md": b"not asked for",
    }
    return hub


def test_files_and_folders_land_in_the_folder_of_the_repository(parts, models):
    progress = Download([ARTIFACT]).run()
    assert progress.state == "done", progress.error
    assert (models / "Parts/weights.pt").read_bytes() == WEIGHTS
    assert (models / "Parts/google/umt5/spiece.model").read_bytes() == b"pieces"
    assert not (models / "Parts/README.md").exists()
    assert progress.done == progress.total == len(WEIGHTS) + 10
    assert progress.licenses == {REPO: "apache-2.0"}


def test_a_connection_that_breaks_is_resumed_not_begun_anew(parts, models):
    parts.break_after["weights.pt"] = 200_000
    progress = Download([ARTIFACT]).run()
    assert progress.state == "done", progress.error
    assert (models / "Parts/weights.pt").read_bytes() == WEIGHTS
    assert parts.served["weights.pt"] < len(WEIGHTS) + 200_000


def test_cancel_keeps_the_partial_file_and_the_next_download_goes_on_from_it(parts, models):
    parts.stall_after["weights.pt"] = 300_000
    seen = threading.Event()

    def watch(progress: Progress) -> None:
        if progress.done >= 262_144:
            seen.set()

    first = Download([ARTIFACT], watch)
    first.start("test")
    assert seen.wait(60)
    first.cancel()
    first.join(30)
    assert first.progress.state == "cancelled"
    assert first.progress.error == "Cancelled; 262.1 kB are kept and will be resumed."
    assert not (models / "Parts").exists()
    del parts.stall_after["weights.pt"]
    assert Download([ARTIFACT]).run().state == "done"
    assert parts.served["weights.pt"] < len(WEIGHTS) + 300_000


def test_a_download_process_that_dies_is_a_sentence(parts, models):
    parts.stall_after["weights.pt"] = 300_000

    def kill(progress: Progress) -> None:
        for child in psutil.Process().children() if progress.done else ():
            if child.status() != psutil.STATUS_ZOMBIE and "scope.models.fetch" in child.cmdline():
                child.kill()

    assert (
        Download([ARTIFACT], kill).run().error
        == "team/Parts: the download process ended with exit code -9; what came so far is kept and will be resumed"
    )


def test_a_wrong_checksum_is_refused_and_leaves_nothing(parts, models):
    parts.corrupt.add("weights.pt")
    progress = Download([ARTIFACT]).run()
    assert progress.error == (
        "team/Parts: weights.pt does not have the checksum that its source states; it was deleted, try again."
    )
    assert not (models / "Parts").exists()


def test_a_size_that_is_not_true_is_refused(parts, models):
    parts.announce["weights.pt"] = len(WEIGHTS) + 1
    progress = Download([ARTIFACT]).run()
    assert progress.state == "failed"
    assert progress.error == (
        f"team/Parts: weights.pt came with {len(WEIGHTS)} bytes where {len(WEIGHTS) + 1} were announced; it was "
        "deleted, try again."
    )
    assert not (models / "Parts").exists()


def test_the_size_of_all_sources_is_known_from_the_start(parts, models):
    parts.files["team/More"] = {"more.pt": b"m" * 500}
    more = HuggingfaceRepoArtifact(repo_id="team/More", files=["more.pt"])
    totals = set()
    assert Download([ARTIFACT, more], lambda progress: totals.add(progress.total)).run().state == "done"
    assert totals == {None, len(WEIGHTS) + 510}


def test_whole_and_partial_files_of_a_broken_off_download_need_no_room_again(tmp_path):
    for name, size in (("a.pt", 70), (".cache/hub/b.incomplete", 30), (".cache/hub/a.metadata", 9)):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x" * size)
    assert kept(tmp_path) == 100


def test_a_second_pipeline_finds_the_shared_file_there(parts, models):
    assert Download([ARTIFACT]).run().state == "done"
    other = HuggingfaceRepoArtifact(repo_id=REPO, files=["weights.pt", "README.md"])
    assert Download([other]).run().state == "done"
    assert parts.served["weights.pt"] == len(WEIGHTS)
    assert (models / "Parts/README.md").exists()


def test_two_downloads_of_one_repository_at_once_fetch_it_once(parts, models):
    downloads = [Download([ARTIFACT]) for _ in range(2)]
    for number, download in enumerate(downloads):
        download.start(str(number))
    for download in downloads:
        download.join(120)
    assert [download.progress.state for download in downloads] == ["done", "done"]
    assert parts.served["weights.pt"] == len(WEIGHTS)


@pytest.mark.parametrize(
    ("artifact", "said"),
    [
        (HuggingfaceRepoArtifact(repo_id="team/Nope", files=["x"]), "team/Nope does not exist, or is private"),
        (HuggingfaceRepoArtifact(repo_id="team/Gated", files=["x"]), "team/Gated is gated: accept its terms"),
        (HuggingfaceRepoArtifact(repo_id=REPO, files=["gone.pt"]), "team/Parts: has no file or folder 'gone.pt'; "),
    ],
)
def test_what_the_hub_refuses_is_one_sentence(parts, models, artifact, said):
    parts.gated.add("team/Gated")
    progress = Download([artifact]).run()
    assert progress.state == "failed"
    assert str(progress.error).startswith(said)


def test_no_network_and_offline_mode_are_told_apart(models, monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert str(Download([ARTIFACT]).run().error).startswith("team/Parts could not be reached")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert (
        Download([ARTIFACT]).run().error
        == "team/Parts was not asked, because HF_HUB_OFFLINE is set; unset it to download."
    )


def test_too_little_space_is_said_before_anything_is_fetched(parts, models, monkeypatch):
    usage = type(shutil.disk_usage("/"))(total=10**9, used=10**9 - 1000, free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    progress = Download([ARTIFACT]).run()
    assert str(progress.error).startswith("team/Parts: 512.0 kB more are needed, but only 1.0 kB are free at")
    assert parts.served == {}


def test_a_file_that_changed_after_its_download_is_named(parts, models):
    assert verify([ARTIFACT])[0] == "Parts/config.json is missing."
    Download([ARTIFACT]).run()
    assert verify([ARTIFACT]) == []
    path = models / "Parts/weights.pt"
    path.write_bytes(WEIGHTS[:-1] + b"x")
    (models / "Parts/google/umt5/tokenizer.json").write_bytes(b"[1]")
    (models / "Parts/google/extra").write_bytes(b"")
    assert verify([ARTIFACT]) == [
        "Parts/weights.pt does not have the checksum it had when it was downloaded.",
        "Parts/google/extra was not downloaded by this host, so its checksum is not known.",
        "Parts/google/umt5/tokenizer.json has 3 bytes, expected 2.",
    ]


def test_removing_frees_the_files_and_forgets_them(parts, models):
    Download([ARTIFACT]).run()
    assert remove([ARTIFACT]) == len(WEIGHTS) + 10
    assert not any(path.exists() for path in declared_files([ARTIFACT]))
    assert Records(models).read() == {}


def test_drive_files_are_renamed_to_what_the_artifact_calls_them(hub, models):
    hub.drive["abc"] = WEIGHTS
    artifact = GoogleDriveArtifact(file_id="abc", files=["flownet.pkl"], name="RIFE")
    progress = Download([artifact]).run()
    assert progress.state == "done", progress.error
    assert (models / "RIFE/flownet.pkl").read_bytes() == WEIGHTS
    assert verify([artifact]) == []


def test_a_zip_from_drive_gives_the_named_files_and_leads_nowhere_else(hub, models):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("train_log/flownet.pkl", WEIGHTS)
        archive.writestr("../../evil.txt", b"x")
        archive.writestr("a/b.txt", b"b")
    hub.drive["zip"] = packed.getvalue()
    artifact = GoogleDriveArtifact(file_id="zip", files=["flownet.pkl", "b.txt"], name="RIFE")
    progress = Download([artifact]).run()
    assert progress.state == "done", progress.error
    assert sorted(p.name for p in (models / "RIFE").iterdir()) == ["b.txt", "flownet.pkl"]
    assert (models / "RIFE/flownet.pkl").read_bytes() == WEIGHTS
    assert not list(models.parent.rglob("evil.txt"))
    assert not [p for p in (models / OWN_FOLDER).iterdir() if p.is_dir()]


def test_a_drive_file_that_breaks_off_is_resumed(hub, models):
    hub.drive["abc"] = WEIGHTS * 4
    hub.break_after["abc"] = 1_500_000
    artifact = GoogleDriveArtifact(file_id="abc", files=["w.pkl"], name="RIFE")
    progress = Download([artifact]).run()
    assert progress.state == "done", progress.error
    assert hub.served["abc"] < 4 * len(WEIGHTS) + 1_500_000


def test_a_drive_file_that_is_not_shared_is_one_sentence(hub, models):
    progress = Download([GoogleDriveArtifact(file_id="secret", files=["x"], name="X")]).run()
    assert progress.state == "failed"
    assert str(progress.error).startswith("secret")
    assert not (models / "X").exists()
