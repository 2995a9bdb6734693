"""The local authority, judged by OpenSSL's own client."""

import ssl
import subprocess
from pathlib import Path

from web.tls import local_addresses, local_certificate


def test_openssl_accepts_the_chain_for_this_machines_names(tmp_path: Path) -> None:
    made = local_certificate(tmp_path / "tls", "0.0.0.0")
    assert made.authority is not None
    for check in ("-verify_hostname localhost", "-verify_ip 127.0.0.1"):
        done = subprocess.run(
            ["openssl", "verify", "-CAfile", str(made.authority), *check.split(), str(made.chain)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr


def test_another_authority_is_not_believed(tmp_path: Path) -> None:
    ours, theirs = local_certificate(tmp_path / "a", "localhost"), local_certificate(tmp_path / "b", "localhost")
    done = subprocess.run(
        ["openssl", "verify", "-CAfile", str(theirs.authority), str(ours.chain)], capture_output=True, check=False
    )
    assert done.returncode != 0


def test_keys_are_for_the_owner_only_and_fit_the_certificate(tmp_path: Path) -> None:
    made = local_certificate(tmp_path / "tls", "localhost")
    assert made.key.stat().st_mode & 0o077 == 0
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.chain, made.key)


def test_the_authority_stays_and_the_certificate_is_renewed_for_a_new_name(tmp_path: Path) -> None:
    first = local_certificate(tmp_path / "tls", "localhost")
    assert first.authority is not None
    authority, chain = first.authority.read_bytes(), first.chain.read_bytes()
    again = local_certificate(tmp_path / "tls", "localhost")
    assert again.chain.read_bytes() == chain
    moved = local_certificate(tmp_path / "tls", "court.example")
    assert moved.authority is not None
    assert moved.authority.read_bytes() == authority
    assert moved.chain.read_bytes() != chain


def test_loopback_is_always_among_the_addresses() -> None:
    assert {"127.0.0.1", "::1"} <= set(local_addresses())
