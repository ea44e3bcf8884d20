"""Servers for the tests: in a thread of this process, or in a process of their own that can be killed."""

import contextlib
import copy
import functools
import io
import os
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from unittest import mock

import numpy as np

from indeependence.serve import Client
from indeependence.serve.app import application
from indeependence.serve.beginning import Beginning
from indeependence.serve.running import Server, Serving, config_of, opened
from indeependence.serve.tokens import Tokens

SECRETS = ("a secret of quite some length", "another secret, as long")
TOKENS = Tokens(dict(zip(("ann", "bob"), SECRETS, strict=True)))
HOSTS = frozenset({"127.0.0.1", "localhost"})


_OF_PICTURES = Beginning._of_pictures


@functools.cache
def _made(shape, ledger):
    return _OF_PICTURES(Beginning(ledger), shape)


def _made_once(beginning, shape):
    """A model that has learned nothing, made once for all tests: an encoder takes most of a second."""
    return copy.deepcopy(_made(tuple(shape), beginning.ledger))


@contextlib.contextmanager
def served(path, **settings):
    """Yield a client and the service of the model in the file ``path``, behind a real socket."""
    serving = Serving(path, port=0, **settings)
    service = opened(serving)
    ports, ready = [], threading.Event()
    app = application(service, tokens=serving.tokens, hosts=HOSTS)
    server = Server(config_of(app, serving), lambda port: (ports.append(port), ready.set()))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert ready.wait(60)
        with mock.patch.object(Beginning, "_of_pictures", _made_once):
            yield Client(f"http://127.0.0.1:{ports[0]}"), service
    finally:
        server.should_exit = True
        thread.join()
        service.close()


@contextlib.contextmanager
def started(*paths):
    """Yield a client and the process of a server for each model, begun side by side by the command line."""
    command = [sys.executable, "-m", "indeependence", "serve", "--port", "0", "--model"]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    pipe = subprocess.PIPE
    processes = [subprocess.Popen([*command, str(path)], stdout=pipe, text=True, env=environment) for path in paths]
    try:
        yield [(Client(process.stdout.readline().strip()), process) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()
            process.stdout.close()


def asked(client, path, data=None, *, method=None, **headers):
    """The status, the headers and the body of an answer, whatever the status is."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(client.address + path, data, names, method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=60) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def pictures(count, seed=0, side=16):
    """Random pictures that differ by class: bright at the left, or at the right."""
    random = np.random.default_rng(seed)
    left = random.integers(0, 256, (count, side, side), np.uint8)
    right = left.copy()
    left[:, :, side // 2 :] = 0
    right[:, :, : side // 2] = 0
    return left, right


def npy(array):
    """The bytes of an .npy file."""
    np.save(held := io.BytesIO(), array)
    return held.getvalue()
