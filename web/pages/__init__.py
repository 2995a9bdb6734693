"""The pages, one module per subject; each has a `routes` table. Rule: a page asks, checks access, and renders."""

from web.pages import devices, entrance, guide

PAGES = (entrance.routes, devices.routes, guide.routes)
