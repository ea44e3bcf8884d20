"""A small client for programs: standard library alone, and NumPy for arrays."""

from __future__ import annotations

import io
import json
import os
import secrets
import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

from indeependence.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

PARTS = {"npy": "application/x-npy", "json": "application/json", "file": "application/octet-stream"}


class Client:
    """The model behind a server that `indeependence serve` runs.

    Every method raises `InputError` with the server's message where it refuses, or cannot be reached. Inputs are arrays
    as in `ContinualClassifier`, or paths of pictures.

    Parameters
    ----------
    address : of the server, as it prints it.
    token : the secret alone, where the server asks for one; by default the environment's INDEEPENDENCE_TOKEN.
    timeout : seconds to wait for an answer.

    Examples
    --------
    >>> Client("http://127.0.0.1:8000")
    Client('http://127.0.0.1:8000')
    """

    def __init__(self, address: str = "http://127.0.0.1:8000", *, token: str | None = None, timeout: float = 60.0):
        self.address, self.timeout = address.rstrip("/"), timeout
        given = token or os.environ.get("INDEEPENDENCE_TOKEN", "")
        self._token = given.rpartition(":")[2]
        self._opener = build_opener(ProxyHandler({}) if "//127.0.0.1" in address else ProxyHandler())

    def __repr__(self) -> str:
        return f"Client({self.address!r})"

    def predict(self, inputs: ArrayLike | Sequence[str | Path], *, top: int | None = None) -> list[dict[str, Any]]:
        """Return an answer to each input: its label, probability, the others, and whether it is unlike all learned."""
        return self._post("predict", _examples(inputs), **({"top": top} if top else {}))["answers"]

    def learn(self, inputs: ArrayLike | Sequence[str | Path], labels: Any, *, wait: bool = True) -> dict[str, Any]:
        """Learn examples; on return they are on disk, and with ``wait`` the answers know them, too."""
        return self._post("learn", _examples(inputs, labels), wait=int(wait))

    def forget(self, inputs: ArrayLike | Sequence[str | Path], labels: Any, *, wait: bool = True) -> dict[str, Any]:
        """Remove these examples exactly."""
        return self._post("forget", _examples(inputs, labels), wait=int(wait))

    def forget_class(self, label: str | int) -> dict[str, Any]:
        """Remove a class."""
        return self._post("forget", ("json", json.dumps({"class": label}).encode()))

    def undo(self) -> dict[str, Any]:
        """Take the last change back: the fingerprint is the one before it."""
        return self._post("undo", ("json", b"{}"))

    def merge(self, model: str | Path) -> dict[str, Any]:
        """Add the model in a file of this machine, which must have the same encoder."""
        return self._post("merge", ("file", Path(model).read_bytes()))

    def classes(self) -> dict[str | int, int]:
        """Return how many examples of each class were learned."""
        return {one["class"]: one["examples"] for one in self._get("classes")["classes"]}

    def model(self) -> dict[str, Any]:
        """Return facts about the model."""
        return self._get("model")

    def history(self) -> list[dict[str, Any]]:
        """Return the last changes, oldest first: who taught what, and the fingerprints before and after."""
        return self._get("history")["changes"]

    def download(self, path: str | Path) -> None:
        """Write the model's file to ``path``."""
        from indeependence.files.atomic import write_atomically

        write_atomically(path, self._asked(Request(f"{self.address}/model/file")))

    def _get(self, what: str) -> Any:
        return json.loads(self._asked(Request(f"{self.address}/{what}")))

    def _post(self, what: str, body: tuple[str, bytes], **query: Any) -> Any:
        kind, data = body
        words = f"?{urlencode(query)}" if query else ""
        headers = {"Content-Type": PARTS.get(kind, kind)}
        return json.loads(self._asked(Request(f"{self.address}/{what}{words}", data, headers)))

    def _asked(self, request: Request) -> bytes:
        if self._token:
            request.add_unredirected_header("Authorization", f"Bearer {self._token}")
        try:
            with self._opener.open(request, timeout=self.timeout) as answer:
                return answer.read()
        except HTTPError as error:
            raise InputError(_message(error)) from None
        except (URLError, OSError) as error:
            reason = getattr(error, "reason", error)
            if isinstance(reason, ssl.SSLCertVerificationError):
                raise InputError(
                    f"{self.address} has a certificate that is not trusted here ({reason.verify_message}): copy "
                    "it from its server, and name the file in the variable SSL_CERT_FILE"
                ) from error
            raise InputError(f"cannot reach {self.address}: {reason}; is the server running?") from error


def _message(error: HTTPError) -> str:
    """Return what a server says of a request that it refuses."""
    try:
        return str(json.loads(error.read())["error"])
    except (ValueError, KeyError, TypeError, OSError):
        return f"the server answered {error.code} {error.reason}"


def _examples(inputs: Any, labels: Any = None) -> tuple[str, bytes]:
    """Return the kind and the bytes of a body with these inputs, and with the labels if there are any."""
    if _are_paths(inputs):
        return _form([Path(path) for path in inputs], labels)
    import numpy as np

    array = np.asarray(inputs)
    names = None if labels is None else np.asarray(labels).tolist()
    if names is None and array.dtype.kind in "buif":
        np.save(held := io.BytesIO(), array, allow_pickle=False)
        return "npy", held.getvalue()
    rows = array.tolist()
    return "json", json.dumps({"rows": rows} if names is None else {"rows": rows, "labels": names}).encode()


def _are_paths(inputs: Any) -> bool:
    return isinstance(inputs, list | tuple) and bool(inputs) and all(isinstance(one, str | Path) for one in inputs)


def _form(paths: Sequence[Path], labels: Any) -> tuple[str, bytes]:
    """Return a form with files of pictures, and a field for each label."""
    border = secrets.token_hex(16)
    names = [] if labels is None else [labels] * len(paths) if isinstance(labels, str | int) else list(labels)
    parts = [b'Content-Disposition: form-data; name="label"\r\n\r\n' + str(name).encode() for name in names]
    parts += [
        b'Content-Disposition: form-data; name="pictures"; filename="%d"\r\n\r\n' % number + path.read_bytes()
        for number, path in enumerate(paths, start=1)
    ]
    body = b"".join(b"--" + border.encode() + b"\r\n" + part + b"\r\n" for part in parts)
    return f"multipart/form-data; boundary={border}", body + b"--" + border.encode() + b"--\r\n"
