"""Signers by URL. Where nobody signs, the answer says so."""

import pytest

from hearing.signing import open_signer


@pytest.mark.parametrize("url", ["none:", "none://"])
async def test_nobody_signs_and_it_shows(url: str) -> None:
    signature = await open_signer(url).sign(b"judgment")
    assert (signature.algorithm, signature.value, signature.certificate) == ("none", b"", b"")


def test_an_unknown_way_of_signing_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="pkcs11"):
        open_signer("pkcs11:token")
