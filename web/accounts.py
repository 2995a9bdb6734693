"""`hearing account`: how a new installation begins, and how a person without a colleague in the registry gets in."""

import asyncio
import secrets
import sys

from hearing.errors import Refused
from hearing.people import CODE_ALPHABET
from hearing.proceedings.roles import Role
from hearing.store import Store, open_store
from web.settings import Settings

PASSWORD_LENGTH = 14
COURTROOM = "Phòng xử án số 1"


def create(settings: Settings, *, name: str, full_name: str, court: str, role: str) -> int:
    """Make person, office and account, found the court if there is none, print the first password. Exit code."""
    if role not in set(Role):
        print(f"There is no role {role!r}. Roles: {', '.join(Role)}", file=sys.stderr)
        return 2
    try:
        return asyncio.run(_create(settings, name, full_name, court, role))
    except Refused as no:
        print(f"Not made: {no.code}", file=sys.stderr)
        return 1


async def _create(settings: Settings, name: str, full_name: str, court: str, role: str) -> int:
    settings.data.mkdir(parents=True, exist_ok=True)
    store = await open_store(settings.database_url)
    try:
        found = await _court(store, court)
        if found is None:
            print("Name the court with --court: there is none yet, or more than one.", file=sys.stderr)
            return 2
        person = await store.people.add_person(name=full_name)
        await store.people.appoint(found, person.id, role)
        password = "".join(secrets.choice(CODE_ALPHABET.lower()) for _ in range(PASSWORD_LENGTH))
        account = await store.people.open_account(person.id, name=name, password=password)
    finally:
        await store.close()
    print(f"{account.name}  {password}")
    return 0


async def _court(store: Store, name: str) -> str | None:
    """The id of the court of this name, founded with one courtroom if missing; without a name the only one there is."""
    courts = await store.courts.all()
    if not name:
        return courts[0].id if len(courts) == 1 else None
    known = next((court.id for court in courts if court.name == name), None)
    if known is not None:
        return known
    court = await store.courts.add(name=name, province="", time_zone="Asia/Ho_Chi_Minh", pack="vn")
    await store.courts.add_courtroom(court.id, name=COURTROOM)
    return court.id
