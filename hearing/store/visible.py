"""The clause that every list of cases, hearings and items carries. Rule: it says in SQL what `hearing.access` says.

A stranger gets `false`: lists are empty, counts are zero, and nothing tells a hidden row from one that never was.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true

from hearing.access import GRANTABLE, OFFICES, Actor, Verb, part_verbs
from hearing.proceedings.roles import Role
from hearing.store.tables import cases, grants, hearings, parties, seats

SEEING = frozenset(role for role in Role if Verb.SEE in part_verbs(role, sealed=False))
SEEING_SEALED = frozenset(role for role in Role if Verb.SEE in part_verbs(role, sealed=True))
SEEING_OFFICES = frozenset(role for role, verbs in OFFICES.items() if Verb.SEE in verbs)


def visible_to(actor: Actor, now: datetime) -> ColumnElement[bool]:
    """The condition on `cases` for what `actor` may see at `now`."""
    reached: ColumnElement[bool] = true()
    registry: ColumnElement[bool] = false()
    if actor.hearing is not None:
        reached = cases.c.id.in_(select(hearings.c.case).where(hearings.c.id == actor.hearing))
    else:
        courts = sorted(court for court, role in actor.offices if role in SEEING_OFFICES)
        registry = and_(cases.c.court.in_(courts), cases.c.sealed.is_(False)) if courts else false()
    return and_(
        reached,
        or_(
            registry,
            and_(cases.c.sealed.is_(False), takes_part(actor, SEEING)),
            takes_part(actor, SEEING_SEALED),
            cases.c.id.in_(granted_cases(actor, now)),
        ),
    )


def takes_part(actor: Actor, roles: frozenset[Role]) -> ColumnElement[bool]:
    names = sorted(roles)
    as_party = select(parties.c.case).where(parties.c.person == actor.person, parties.c.role.in_(names))
    as_seat = (
        select(hearings.c.case)
        .join(seats, seats.c.hearing == hearings.c.id)
        .where(seats.c.person == actor.person, seats.c.role.in_(names))
    )
    return or_(cases.c.id.in_(as_party), cases.c.id.in_(as_seat))


def granted_cases(actor: Actor, now: datetime) -> Select[tuple[str]]:
    return select(grants.c.case).where(
        grants.c.person == actor.person,
        grants.c.item.is_(None),
        grants.c.verb.in_(sorted(GRANTABLE)),
        in_force(now),
    )


def in_force(now: datetime) -> ColumnElement[bool]:
    return and_(grants.c.revoked_at.is_(None), or_(grants.c.expires_at.is_(None), grants.c.expires_at > now))
