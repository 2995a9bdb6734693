"""A server of the S3 protocol on this machine, with one empty bucket."""

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from tests.support.ports import free_port

BUCKET = "bucket"
# The S3 store needs the extra `s3`, and its tests a server; where neither is installed there is no such store to test.
HERE = bool(find_spec("obstore") and find_spec("moto"))


@contextmanager
def serving() -> Iterator[str]:
    """Yields the endpoint. The keys of a client may be anything, but must be there."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        endpoint = f"http://127.0.0.1:{port}"
        bucket = urllib.request.Request(f"{endpoint}/{BUCKET}", method="PUT")
        until = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(bucket, timeout=5).close()
                break
            except (urllib.error.URLError, ConnectionError):
                assert server.poll() is None and time.monotonic() < until
                time.sleep(0.2)
        try:
            yield endpoint
        finally:
            server.terminate()
