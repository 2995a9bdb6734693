"""The configuration of coturn that fits this court: `hearing turn-config`.

Rule: the relay reaches the media servers and nothing else. Whoever has a credential could otherwise speak through it to
every address that the TURN server reaches, the court's own network included.
"""

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from signaling.turn import place_of, way_of

EVERYWHERE = ("0.0.0.0-255.255.255.255", "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")

# Two connections for each page (one sends, one receives), on each of UDP, TCP and TLS, and as many while they restart.
PER_CREDENTIAL = 12
TOTAL = 1200
# Bytes a second of one allocation (24 Mbit/s): above what any page takes, below what makes the relay worth abusing.
MOST_BYTES = 3_000_000

# What a newer coturn does by itself and an older one, such as Debian 12's, only when told.
CAREFUL = (
    "fingerprint", "no-cli", "no-tcp-relay", "no-multicast-peers", "no-dtls", "no-tlsv1", "no-tlsv1_1", "no-rfc5780",
    "no-stun-backward-compatibility", "response-origin-only-with-rfc5780", "no-software-attribute",
    "stale-nonce=600",
)  # fmt: skip


class Incomplete(ValueError):
    """The settings do not say enough; the message says what is missing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Relay:
    """What the TURN server needs to know. `media` are the addresses of the media servers, `certificate` and
    `private_key` paths on the TURN server's machine; `addresses` those it serves and relays on, none means all."""

    urls: Sequence[str]
    secrets: Sequence[bytes]
    media: Sequence[str]
    certificate: Path | None = None
    private_key: Path | None = None
    addresses: Sequence[str] = ()


def write(relay: Relay) -> str:
    """The file for coturn, the secrets included. Raises `Incomplete`."""
    ways: dict[str, tuple[str, int]] = {way: place_of(url) for url in relay.urls if (way := way_of(url)) is not None}
    if not ways:
        raise Incomplete("HEARING_TURN_URLS names no TURN server")
    if not relay.secrets:
        raise Incomplete("HEARING_TURN_SECRET names no file with a secret")
    media = allowed(relay.media)
    if not media:
        raise Incomplete("no address of a media server is known: set HEARING_MEDIA_ADDRESSES or say --media")
    lines = ["# Made by `hearing turn-config`. It holds the secret: keep it readable for coturn alone."]
    plain = {place[1] for way, place in ways.items() if way != "tls"}
    if len(plain) > 1:
        raise Incomplete("UDP and TCP must have the same port")
    lines += [f"listening-port={port}" for port in plain]
    lines += [*(["no-udp"] if "udp" not in ways else []), *(["no-tcp"] if "tcp" not in ways else [])]
    if "tls" in ways:
        if relay.certificate is None or relay.private_key is None:
            raise Incomplete("TLS needs --certificate and --private-key")
        lines += [f"tls-listening-port={ways['tls'][1]}", f"cert={relay.certificate}", f"pkey={relay.private_key}"]
    else:
        lines.append("no-tls")
    for address in relay.addresses:
        lines += [f"listening-ip={address}", f"relay-ip={address}"]
    lines += [f"realm={next(iter(ways.values()))[0]}", "use-auth-secret"]
    lines += [f"static-auth-secret={secret.decode('ascii')}" for secret in relay.secrets]
    lines += [f"denied-peer-ip={everywhere}" for everywhere in EVERYWHERE]
    lines += [f"allowed-peer-ip={address}" for address in media]
    lines += [f"user-quota={PER_CREDENTIAL}", f"total-quota={TOTAL}", f"max-bps={MOST_BYTES}", *CAREFUL]
    return "\n".join(lines) + "\n"


def allowed(addresses: Iterable[str]) -> list[str]:
    """Those that a relay may reach: no loopback, no link-local address, each once. `Incomplete` for what is none."""
    found: dict[str, None] = {}
    for text in addresses:
        try:
            address = ipaddress.ip_address(text.strip("[]"))
        except ValueError:
            raise Incomplete(f"{text!r} is no address: coturn wants the numbers") from None
        if not (address.is_loopback or address.is_link_local or address.is_unspecified):
            found[str(address)] = None
    return list(found)
