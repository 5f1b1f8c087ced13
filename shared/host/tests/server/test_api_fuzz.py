"""No request ends in a 500, and every answer is one that the API's description names: schemathesis against a real server."""

import socket
import threading
from collections.abc import Iterator

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import CheckFunction
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from scope.control.setup import Setup, Source
from scope.server.app import create_app
from scope.server.guard import Rules
from scope.server.host import Host, Settings

pytestmark = pytest.mark.gate

# They have no end.
_LEFT_OUT = r"/(osc/stream|output\.ts|stream)$"
_TRUTH: list[CheckFunction] = [status_code_conformance, content_type_conformance, response_schema_conformance]


@schemathesis.serializer("application/sdp")
def sdp(_: schemathesis.SerializationContext, value: object) -> bytes:
    """An SDP offer as it travels: the description says no more of it than that it is text."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running server with an empty base folder and no plugin."""
    from scope.core.pipelines.registry import Registry
    from scope.engine.inline import InlineEngine

    with pytest.MonkeyPatch.context() as patch, socket.create_server(("127.0.0.1", 0)) as listening:
        patch.setenv("DAYDREAM_SCOPE_DIR", str(tmp_path_factory.mktemp("base")))
        # What asks other machines for plugins and models finds none.
        patch.setenv("UV_OFFLINE", "1")
        patch.setenv("HF_HUB_OFFLINE", "1")
        patch.setenv("SCOPE_CIVITAI_ENDPOINT", "http://127.0.0.1:9")
        port = listening.getsockname()[1]
        host = Host(
            InlineEngine(registry=Registry()),
            Setup(source=Source(kind="pattern", width=64, height=48)),
            Settings(port=port, rules=Rules(port=port)),
        )
        server = uvicorn.Server(uvicorn.Config(create_app(host), log_config=None, log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="test-server")
        thread.start()
        yield f"http://127.0.0.1:{port}"
        server.should_exit = True
        thread.join()


def test_every_answer_is_described_and_none_is_a_server_error(address, subtests):
    schema = schemathesis.openapi.from_url(f"{address}/openapi.json").exclude(path_regex=_LEFT_OUT)
    operations = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
    assert len(operations) > 80
    for operation in operations:
        with subtests.test(operation.label):
            fuzz(operation)


def fuzz(operation: schemathesis.schemas.APIOperation) -> None:
    """Send what fits the description of an operation, and what does not."""

    @given(case=operation.as_strategy())
    @settings(max_examples=10, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    def send(case: schemathesis.Case) -> None:
        answer = case.call()
        # 501 says truthfully that this host has no cloud and no DMX; 500 with a sentence is the original host's answer
        # where nothing can be played or changed, as the description says.
        foreseen = answer.status_code < 500 or (
            str(answer.status_code) in operation.definition.raw["responses"] and "the server failed" not in answer.text
        )
        assert foreseen, f"{case.as_curl_command()}: {answer.text}"
        case.validate_response(answer, checks=_TRUTH)

    send()
