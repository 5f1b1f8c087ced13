import subprocess
import sys

import pytest

from scope.server.commit import commit_of


def test_the_server_is_healthy(client):
    answer = client.get("/health").json()
    assert answer["status"] == "healthy"
    assert answer["git_commit"] == commit_of("scope-host")
    assert answer["server_start_time"] > 0


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_unknown_api_route_is_json_and_never_the_page(client, method):
    answer = client.request(method, "/api/v1/nothing")
    assert answer.status_code in (404, 405)
    assert "detail" in answer.json()


def test_importing_the_application_imports_no_torch():
    code = "import sys, scope.server.app; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
