"""Jurisdiction packs: the values in which one country's hearings differ from another's."""

from hearing.proceedings.phases import Pack

# Joint circular 05/2021: at most three component points; panel, clerk and procurator sit at the central point.
# Deliberation is in one room, behind closed doors: the platform carries documents there, never sound or picture.
VN = Pack(
    code="vn",
    max_component_points=3,
    central_bench=True,
    full_bench=True,
    deliberation_media=False,
    cites=True,
)

OPEN = Pack(
    code="open",
    max_component_points=None,
    central_bench=False,
    full_bench=False,
    deliberation_media=True,
    cites=False,
)
