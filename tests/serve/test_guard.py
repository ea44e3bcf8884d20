"""Nobody gets in: a test for each door. And what is too much, too slow or broken is refused while others are served."""

import http.client
import json
import socket
import struct
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from click.testing import CliRunner
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.server import ServerState

from indeependence import InputError
from indeependence.commands import cli
from indeependence.serve import Client
from indeependence.serve.gate import Gate, Given
from indeependence.serve.guard import POLICY
from indeependence.serve.heads import HeadInTime
from indeependence.serve.limits import Limits
from indeependence.serve.running import Serving, address_of, config_of, quiet_readers
from indeependence.serve.tokens import Tokens, check_address, read_tokens
from tests.serve.running import SECRETS, TOKENS, asked, npy, pictures, served

SMALL = Limits(body=20_000, batch=4, seconds=0.6, connections=40)
JSON = {"Content_Type": "application/json"}


@pytest.fixture(scope="module")
def open_server(tmp_path_factory):
    with served(tmp_path_factory.mktemp("open") / "m.safetensors", limits=SMALL) as (client, service):
        left, right = pictures(2)
        client.learn(left, ["<b>left</b>"] * 2)
        client.learn(right, ["right"] * 2)
        yield client, service


@pytest.fixture(scope="module")
def closed_server(tmp_path_factory):
    with served(tmp_path_factory.mktemp("closed") / "m.safetensors", tokens=TOKENS) as (client, _):
        yield client


@pytest.mark.parametrize("path", ["/model", "/classes", "/history", "/metrics", "/model/file"])
def test_nothing_of_a_model_is_shown_without_a_token(closed_server, path):
    for words in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {SECRETS[0]}"}):
        status, headers, body = asked(closed_server, path, **words)
        assert status == 401 and headers["www-authenticate"] == "Bearer" and "token" in json.loads(body)["error"]


@pytest.mark.parametrize("path", ["/predict", "/learn", "/forget", "/undo", "/merge"])
def test_nothing_is_asked_or_taught_without_a_token(closed_server, path):
    assert asked(closed_server, path, b"{}", **JSON)[0] == 401


def test_the_page_and_its_health_need_no_token_and_a_known_one_opens_the_rest(closed_server):
    for path in ("/", "/docs", "/health", "/openapi.json", "/static/main.js"):
        assert asked(closed_server, path)[0] == 200
    assert Client(closed_server.address, token=f"ann:{SECRETS[0]}").model()["examples"] == 0


def test_secrets_are_compared_in_constant_time_and_are_shown_nowhere(monkeypatch, tmp_path, capfd):
    compared = []
    monkeypatch.setattr(
        "hmac.compare_digest", lambda one, other: compared.append((len(one), len(other))) or one == other
    )
    assert TOKENS.name_of(SECRETS[0]) == "ann" and TOKENS.name_of("short") is None
    assert compared == [(32, 32)] * 4  # all of them each time, in digests of one length
    monkeypatch.undo()
    with served(tmp_path / "m.safetensors", tokens=TOKENS, audit=tmp_path / "log") as (client, service):
        known = Client(client.address, token=SECRETS[0])
        known.learn(pictures(2)[0], ["a"] * 2)
        said = json.dumps([known.model(), known.history()]) + repr(service.__dict__)
    text = capfd.readouterr()
    written = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert SECRETS[0] not in said + text.out + text.err + repr(TOKENS) and SECRETS[0].encode() not in written


def test_another_address_needs_a_token(tmp_path, monkeypatch):
    monkeypatch.delenv("INDEEPENDENCE_TOKEN", raising=False)
    for host in ("0.0.0.0", "::", "192.168.1.5", "example.org"):
        with pytest.raises(InputError, match="--tokens"):
            check_address(host, Tokens({}))
        check_address(host, TOKENS)
    found = CliRunner().invoke(cli, ["serve", "--host", "0.0.0.0", "--model", str(tmp_path / "m")])
    assert isinstance(found.exception, InputError) and "INDEEPENDENCE_TOKEN" in str(found.exception)


def test_files_of_tokens_are_checked_and_messages_show_no_secret(tmp_path):
    file = tmp_path / "tokens"
    file.write_text("# who may teach\nann:a secret of quite some length\n\nbob: another secret, as long\n")
    tokens = read_tokens(file, "a third secret, for programs")
    assert [tokens.name_of(secret) for secret in (*SECRETS, "a third secret, for programs")] == ["ann", "bob", "token"]
    for text in (
        "ann:short",
        "ann:a secret of quite some length\nann:another secret, as long",
        ":a secret that is long",
        "ann:a secret that: has a colon",  # the page and the client take what follows the last one
        "ann:a secret that no header h\u00f6lds",
    ):
        file.write_text(text)
        with pytest.raises(InputError, match="line") as refused:
            read_tokens(file, None)
        assert "secret that" not in str(refused.value) and "quite some" not in str(refused.value)
    file.write_text("")
    with pytest.raises(InputError, match="got none"):
        read_tokens(file, None)


def test_pages_of_other_sites_are_refused_and_get_no_leave_to_read(open_server):
    client, _ = open_server
    here = client.address.partition("://")[2]
    for words in (
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "no-cors"},
        {"Host": "elsewhere.example"},  # a name that leads here, DNS rebinding
    ):
        status, headers, _ = asked(client, "/classes", **words)
        assert status == 403 and not any("access-control" in name.lower() for name in headers)
    assert asked(client, "/learn", b"{}", **JSON, Origin="https://elsewhere.example")[0] == 403
    assert asked(client, "/predict", b"{}", method="OPTIONS", Origin="https://elsewhere.example")[0] == 403
    assert asked(client, "/classes", Origin=f"http://{here}")[0] == 200


@pytest.mark.parametrize("path", ["/", "/docs", "/static/main.js", "/classes", "/nowhere", "/openapi.json"])
def test_every_answer_has_a_policy_without_inline_scripts(open_server, path):
    _, headers, _ = asked(open_server[0], path)
    assert headers["content-security-policy"] == POLICY and "unsafe" not in POLICY and "default-src 'none'" in POLICY
    assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "no-referrer"
    assert "server" not in headers


def test_no_path_of_a_request_reaches_a_disk(open_server):
    for path in (
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static//etc/passwd",
        "/static/main.js/..",
        "/..%2f..%2fetc",
    ):
        connection = http.client.HTTPConnection(open_server[0].address.partition("://")[2])
        connection.request("GET", path)
        assert connection.getresponse().status == 404
        connection.close()


def test_names_are_text_everywhere(open_server):
    """Names leave as JSON alone; a page shows them as text (`tests/serve/test_page.py`), and metrics have none."""
    client, _ = open_server
    status, headers, body = asked(client, "/classes")
    assert headers["content-type"] == "application/json" and b"<b>left</b>" in body
    assert b"left" not in asked(client, "/metrics")[2]


def test_large_bodies_are_refused_whether_they_say_so_or_not(open_server):
    client, _ = open_server
    status, _, body = asked(client, "/predict", bytes(20_001), **JSON)
    assert status == 413 and "20,000 bytes" in json.loads(body)["error"]
    connection = http.client.HTTPConnection(client.address.partition("://")[2])
    connection.request(
        "POST", "/predict", iter([bytes(1000)] * 30), {"Content-Type": "application/json"}, encode_chunked=True
    )
    assert connection.getresponse().status == 413
    connection.close()
    assert asked(client, "/health")[0] == 200


def test_who_sends_too_much_is_told_so_even_if_they_listen_only_at_the_end(open_server):
    with pytest.raises(InputError, match="at most 20,000 bytes"):
        open_server[0].predict(np.zeros((3, 2048, 2048), np.uint8))


def test_a_model_that_is_added_may_be_larger_than_other_bodies(open_server, tmp_path):
    client, service = open_server
    left, _ = pictures(1, seed=5)
    service.keeper.held.empty().partial_fit(left, ["friend"]).save(tmp_path / "m")
    assert (tmp_path / "m").stat().st_size > SMALL.body and client.merge(tmp_path / "m")["examples"] == 1
    client.undo()


def test_large_batches_and_bombs_are_refused(open_server):
    """A batch of too many; an .npy and a PNG of a few bytes that claim to be as large as a house."""
    client, _ = open_server
    kind = {"Content_Type": "application/x-npy"}
    status, _, body = asked(client, "/predict", npy(np.zeros((5, 16, 16), np.uint8)), **kind)
    assert status == 400 and "at most 4 examples" in json.loads(body)["error"]
    header = str({"descr": "|u1", "fortran_order": False, "shape": (10**6, 16, 16)}).encode().ljust(117) + b"\n"
    claims = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + bytes(9)
    assert asked(client, "/predict", claims, **kind)[0] == 400
    picture = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sIIBBBBBI", 13, b"IHDR", 10**5, 10**5, 8, 2, 0, 0, 0, 0)
    status, _, body = asked(client, "/predict", picture, Content_Type="image/png")
    assert status == 400 and "\n" not in json.loads(body)["error"]
    assert asked(client, "/predict", b'{"rows": ' + b"[" * 9000, **JSON)[0] == 400


def test_one_address_may_ask_so_often_and_no_more(tmp_path):
    with served(tmp_path / "m.safetensors", limits=Limits(rate=2)) as (client, _):
        for _ in range(4):  # takes nothing of the rate of this address
            assert asked(client, "/health", Origin="https://elsewhere.example")[0] == 403
        found = [asked(client, "/health") for _ in range(6)]
        assert [status for status, _, _ in found][:4] == [200] * 4
        status, headers, body = found[-1]
        assert status == 429 and int(headers["retry-after"]) >= 1 and "too many requests" in json.loads(body)["error"]


def test_who_takes_nothing_of_an_answer_is_let_go(tmp_path):
    timers, ends = [], []
    loop = SimpleNamespace(call_later=lambda seconds, end: timers.append((seconds, end)) or timers[-1])
    config = config_of(lambda *given: None, Serving(tmp_path))
    config.load()
    protocol = HeadInTime(0.6, config=config, server_state=ServerState(), app_state={}, _loop=loop)
    protocol.transport = SimpleNamespace(abort=lambda: ends.append("abort"))
    protocol.flow = FlowControl(protocol.transport)
    protocol.pause_writing()
    (seconds, end) = timers.pop()
    end()
    assert seconds == 0.6 and ends == ["abort"]


def test_slow_and_broken_clients_are_let_go_and_others_are_served(open_server):
    """A head that never ends, a body that never ends, half a request, and what is no HTTP at all."""
    client, _ = open_server
    host, port = client.address.partition("://")[2].split(":")
    starts = (
        b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ",
        b"",
        b"POST /predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
        b"\x16\x03\x01\x02\x00\x01",
    )
    slow = [socket.create_connection((host, int(port)), timeout=30) for _ in starts]
    for one, start in zip(slow, starts, strict=True):
        one.sendall(start)
    broken = socket.create_connection((host, int(port)))
    broken.sendall(starts[2])
    broken.close()
    assert client.predict(pictures(1)[0])[0]["label"] == "<b>left</b>"
    ends = []
    for one in slow:
        said = b""
        while block := one.recv(4096):
            said += block
        ends.append(said.split(b"\r\n")[0])
        one.close()
    assert ends[:2] == [b"", b""] and b"408" in ends[2] and b"400" in ends[3]
    assert asked(client, "/health")[0] == 200


def test_two_servers_of_one_model_and_a_taken_port_are_refused(open_server, tmp_path):
    client, service = open_server
    port = client.address.rpartition(":")[2]
    found = CliRunner().invoke(cli, ["serve", "--port", port, "--model", str(tmp_path / "m")])
    assert isinstance(found.exception, InputError) and "--port" in str(found.exception)
    assert not list(tmp_path.iterdir())


def test_what_is_not_installed_is_named(monkeypatch, tmp_path):
    monkeypatch.delitem(sys.modules, "indeependence.serve.running")
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    found = CliRunner().invoke(cli, ["serve", "--model", str(tmp_path / "m")])
    assert isinstance(found.exception, InputError) and "pip install 'indeependence[serve]'" in str(found.exception)


def test_tls_files_are_taken_together_and_must_be_there(tmp_path):
    found = CliRunner().invoke(cli, ["serve", "--tls-cert", "cert.pem"])
    assert found.exit_code == 2 and "go together" in found.output
    found = CliRunner().invoke(
        cli, ["serve", "--tls-cert", "no.pem", "--tls-key", "no.pem", "--model", str(tmp_path / "m")]
    )
    assert isinstance(found.exception, InputError) and "no.pem" in str(found.exception)


def test_a_server_with_a_certificate_speaks_https(tmp_path, monkeypatch):
    import shutil
    import ssl
    import subprocess
    import urllib.request

    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate of this test")
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    words = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    alternative = ["-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(["openssl", "req", *words, *alternative, *files], check=True, capture_output=True)
    with served(tmp_path / "m.safetensors", certificate=certificate, key=key) as (client, _):
        context = ssl.create_default_context(cafile=certificate)
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )
        with opener.open(client.address.replace("http:", "https:") + "/health", timeout=30) as answer:
            assert json.load(answer) == {"status": "ok"}
        model = Client(client.address.replace("http:", "https:"))
        with pytest.raises(InputError, match="not trusted here"):
            model.classes()
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert model.classes() == {}


def test_nothing_of_a_table_stands_in_the_servers_log(caplog):
    table = b"length,kind\n" + b"".join(b"%d,secret%d\n" % (n, n % 2) for n in range(20))
    with caplog.at_level("INFO"), quiet_readers():
        config_of(None, Serving(Path("m")))  # uvicorn sets the loggers up
        Gate(Limits()).examples(Given("text/csv", table), labelled=True)
    assert "secret" not in caplog.text


def test_the_printed_address_is_one_that_can_be_opened():
    for host, said in (("0.0.0.0", socket.gethostname()), ("::", socket.gethostname()), ("::1", "[::1]")):
        assert address_of(Serving(Path("m"), host=host), 80) == f"http://{said}:80"
