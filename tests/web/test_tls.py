"""The local authority, judged by OpenSSL's own client."""

import ssl
import subprocess
from pathlib import Path

import pytest

from web import tls
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


SIX = """\
20010db8000000000000000000000007 02 40 00 80     eth0
fe80000000000000000000fffe000001 02 40 20 80     eth0
00000000000000000000000000000001 01 80 10 80       lo
"""


def test_of_ipv6_those_addresses_are_named_that_others_can_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tls, "_lines", lambda path: SIX.splitlines() if path.endswith("if_inet6") else [])
    assert tls._interface_addresses() == ["2001:db8::7"]


def test_openssl_accepts_the_chain_for_an_ipv6_address(tmp_path: Path) -> None:
    made = local_certificate(tmp_path / "tls", "2001:db8::7")
    for address, accepted in (("2001:db8::7", True), ("2001:db8::8", False)):
        command = ["openssl", "verify", "-CAfile", str(made.authority), "-verify_ip", address, str(made.chain)]
        assert (subprocess.run(command, capture_output=True, check=False).returncode == 0) is accepted
