"""Pages that explain and lead on: help, more, and how a phone comes to trust a court's own certificate."""

import ssl
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import segno
from aiohttp import web
from markupsafe import Markup

from hearing.errors import Refused
from web import auth
from web.auth import ME
from web.guard import host_of, name_of
from web.parts import PARTS
from web.view import page

routes = web.RouteTableDef()


@routes.get("/health")
async def health(request: web.Request) -> web.StreamResponse:
    """For supervisors and load balancers: the pages answer."""
    return web.json_response({"ok": True})


@routes.get("/help")
async def help_page(request: web.Request) -> web.StreamResponse:
    return page(request, "help.html", me=request.get(ME))


@routes.get("/more")
async def more(request: web.Request) -> web.StreamResponse:
    return page(request, "more.html", me=auth.staff(request))


@routes.get("/trust")
async def trust(request: web.Request) -> web.StreamResponse:
    """A square that opens this product on a phone; with a local authority also its certificate and fingerprint.

    The square on the product's own page leads to the plain page, which a phone can open before it trusts anything; the
    one on the plain page leads to the product.
    """
    parts = request.app[PARTS]
    host = host_of(request, parts.public_origin)
    name = name_of(host)
    if parts.trust_port and request.secure:
        address = f"http://{name}:{parts.trust_port}/trust"
    else:
        address = f"https://{name}:{parts.port}/" if parts.trust_port else f"{request.scheme}://{host}/"
    known = parts.certificate is not None and parts.certificate.is_file()
    return page(
        request,
        "trust.html",
        address=address,
        qr=square(address),
        certificate="/trust/authority.crt" if known else "",
        fingerprint=fingerprint(parts.certificate) if known and parts.certificate else "",
    )


@routes.get("/trust/authority.crt")
async def authority(request: web.Request) -> web.StreamResponse:
    certificate = request.app[PARTS].certificate
    if certificate is None or not certificate.is_file():
        raise Refused("not-found")
    answer = web.Response(body=certificate.read_bytes(), content_type="application/x-x509-ca-cert")
    answer.headers["Content-Disposition"] = 'attachment; filename="authority.crt"'
    return answer


def square(text: str) -> Markup:
    """The QR code of `text` as an inline drawing."""
    drawing = BytesIO()
    code = segno.make(text, error="m")
    code.save(drawing, kind="svg", border=1, xmldecl=False, svgns=True, omitsize=True, svgclass=None, lineclass=None)
    return Markup(drawing.getvalue().decode())


def fingerprint(certificate: Path) -> str:
    """SHA-256 of the certificate in pairs, to be compared with the one the court prints."""
    digest = sha256(ssl.PEM_cert_to_DER_cert(certificate.read_text())).hexdigest().upper()
    return ":".join(digest[at : at + 2] for at in range(0, len(digest), 2))
