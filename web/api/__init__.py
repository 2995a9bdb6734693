"""The same subjects as JSON, for robots and other systems. Rule: the rules, checks and words of the pages, no others.

`registry.py` holds every call with its models; `openapi.py` writes the description from it.
"""

from web.api import calls, describe, read
from web.api.registry import API

ROUTES = (*API.routes(), *describe.routes)

__all__ = ["API", "ROUTES", "calls", "read"]
