"""Nobody signs. The answer says so (`algorithm` is `none`), so that no page can show a signature that is not there."""

from hearing.ports import Signature


class NoSigner:
    async def sign(self, content: bytes) -> Signature:
        return Signature(algorithm="none", value=b"", certificate=b"")


def at(url: str) -> NoSigner:
    return NoSigner()
