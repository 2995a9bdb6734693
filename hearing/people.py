"""People, and the secrets by which they are known. Rule: a secret is shown once; what is stored is its hash.

A person is a human being, an account a way to sign in, a seat a place in one hearing: three things, never one.
"""

import asyncio
import hashlib
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

# Staff leave a browser open in an office: half an hour. Whoever came by an invitation sits in the waiting room for as
# long as it takes, and holds one seat of one hearing only.
ACCOUNT_IDLE = timedelta(minutes=30)
INVITED_IDLE = timedelta(hours=12)
ABSOLUTE = timedelta(hours=12)

# Read aloud over the telephone and typed from paper: no 0 O, 1 I L, 5 S, 2 Z, 8 B, no U beside V.
CODE_ALPHABET = "ACDEFGHJKMNPQRTVWXY34679"
CODE_LENGTH = 8

SHORTEST_PASSWORD = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    id: str
    name: str
    title: str = ""
    email: str = ""
    phone: str = ""
    language: str = "vi"
    document_last4: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    id: str
    person: str
    name: str
    active: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """Who a request comes from. With `hearing` and `seat` it came by an invitation and opens that hearing alone."""

    person: str
    account: str | None
    hearing: str | None
    seat: str | None
    expires_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Invitation:
    id: str
    hearing: str
    seat: str
    person: str
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class IssuedInvitation:
    """`token` goes into the link, `code` onto the paper. Neither can be read again later."""

    invitation: Invitation
    token: str
    code: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Entrance:
    """What a sign-in or an invitation is exchanged for: `token` is the session's only secret."""

    token: str
    session: Session


def new_token() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def new_code() -> str:
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


def written_code(code: str) -> str:
    """As printed on the summons: `ACDE-FGHJ`."""
    return f"{code[:4]}-{code[4:]}"


def normal_secret(typed: str) -> str:
    """A code as a person types it, with a dash, blanks or small letters; a link's token stays as it is."""
    code = "".join(letter for letter in typed.upper() if letter.isalnum())
    return code if len(code) == CODE_LENGTH else typed.strip()


def sha256(secret: str) -> str:
    # What a stranger sends need not be text; no secret of ours holds the mark that stands for it.
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


class Passwords:
    """argon2id with the OWASP parameters, in a pool of its own: a rush of sign-ins must not starve the courtroom.

    Measured elsewhere: 26 ms a verification; inline it stalls every voice on this process for as long.
    """

    def __init__(self, threads: int = 2) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="passwords")
        self._nobody = self._hasher.hash(secrets.token_hex(16))

    async def hash(self, password: str) -> str:
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._hasher.hash, password)

    async def matches(self, stored: str | None, password: str) -> bool:
        """With `stored` None the same work is done for nobody, so that the time does not tell which names exist."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._verify, stored, password)

    def _verify(self, stored: str | None, password: str) -> bool:
        try:
            return self._hasher.verify(stored or self._nobody, password.encode(errors="replace")) and stored is not None
        except (VerifyMismatchError, InvalidHashError):
            return False

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
