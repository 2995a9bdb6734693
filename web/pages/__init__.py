"""The pages, one module per subject; each has a `routes` table. Rule: a page asks, checks access, and renders."""

from web.pages import (
    calendar,
    case_file,
    case_list,
    case_new,
    day,
    devices,
    entrance,
    film,
    guide,
    invitation,
    invitations,
    media,
    metrics,
    rooms,
    scheduling,
)

# A case's own pages come after `/cases/new`, which would else be taken for a case.
PAGES = (
    entrance.routes,
    day.routes,
    case_list.routes,
    case_new.routes,
    case_file.routes,
    scheduling.routes,
    invitations.routes,
    invitation.routes,
    calendar.routes,
    devices.routes,
    guide.routes,
    media.routes,
    metrics.routes,
    film.routes,
    rooms.routes,
)
