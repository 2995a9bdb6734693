"""The pages, one module per subject; each has a `routes` table. Rule: a page asks, checks access, and renders."""

from web.pages import calendar, case_list, day, devices, entrance, guide, media, rooms

PAGES = (
    entrance.routes,
    day.routes,
    case_list.routes,
    calendar.routes,
    devices.routes,
    guide.routes,
    media.routes,
    rooms.routes,
)
