"""A local certificate authority, so that phones on the court's own network may use camera and microphone.

Browsers give both to secure origins only (W3C Secure Contexts). The authority is made once per data folder and kept;
the server's certificate is made anew whenever the machine's addresses change or it comes near its end.
"""

import ipaddress
import os
import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_LIFE = timedelta(days=3650)
# Apple's limit for certificates of added authorities is 825 days; a year leaves room.
CERTIFICATE_LIFE = timedelta(days=365)
RENEW_BEFORE = timedelta(days=30)


@dataclass(frozen=True, kw_only=True, slots=True)
class Certificate:
    """Where the server finds its certificate chain and key, and, for phones, the authority to trust."""

    chain: Path
    key: Path
    authority: Path | None


def local_addresses() -> list[str]:
    """Every address of this machine, loopback first, without a look-up on the network."""
    found: dict[str, None] = {"127.0.0.1": None, "::1": None}
    families = (
        (socket.AF_INET, "192.0.2.1"),  # RFC 5737: a UDP connect to it sends nothing, but picks the route's address
        (socket.AF_INET6, "2001:db8::1"),
    )
    for family, target in families:
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((target, 9))
                found[probe.getsockname()[0]] = None
        except OSError:
            continue
    for line in _interface_addresses():
        found[line] = None
    return list(found)


def _interface_addresses() -> list[str]:
    """Addresses of all interfaces, read from the kernel's own tables; of IPv6 only those that others can use."""
    found = []
    lines = _lines("/proc/net/fib_trie")
    for before, line in zip(lines, lines[1:], strict=False):
        if "/32 host LOCAL" in line:
            found.append(before.rsplit(" ", 1)[1])
    for line in _lines("/proc/net/if_inet6"):
        digits, _, _, scope, *_ = line.split()
        if scope == "00":  # IPV6_ADDR_ANY: neither of this machine (10) nor of this cable (20) alone
            found.append(str(ipaddress.IPv6Address(int(digits, 16))))
    return found


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []  # another kernel, or one without IPv6


def local_certificate(folder: Path, host: str) -> Certificate:
    """The certificate of this machine under the local authority in `folder`; both are made when missing."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    authority_key, authority = _authority(folder)
    names = sorted({"localhost", socket.gethostname(), host, *local_addresses()} - {"0.0.0.0", "::", ""})
    chain, key = folder / "server.crt", folder / "server.key"
    if not (chain.exists() and key.exists() and _fits(chain, names)):
        _issue(chain, key, names, authority_key, authority)
    return Certificate(chain=chain, key=key, authority=folder / "authority.crt")


def _authority(folder: Path) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key_path, path = folder / "authority.key", folder / "authority.crt"
    if key_path.exists() and path.exists():
        key = serialization.load_pem_private_key(key_path.read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return key, x509.load_pem_x509_certificate(path.read_bytes())
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Hearing local authority ({socket.gethostname()})")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write_private(key_path, key)
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return key, certificate


def _issue(
    chain: Path,
    key_path: Path,
    names: list[str],
    authority_key: ec.EllipticCurvePrivateKey,
    authority: x509.Certificate,
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Hearing")]))
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + CERTIFICATE_LIFE)
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    _write_private(key_path, key)
    pem = serialization.Encoding.PEM
    chain.write_bytes(certificate.public_bytes(pem) + authority.public_bytes(pem))


def _fits(chain: Path, names: list[str]) -> bool:
    certificate = x509.load_pem_x509_certificate(chain.read_bytes())
    if certificate.not_valid_after_utc - datetime.now(UTC) < RENEW_BEFORE:
        return False
    known = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return set(names) <= {str(name.value) for name in known}


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=signs_certificates, crl_sign=signs_certificates,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _write_private(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
