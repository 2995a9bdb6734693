"""A reader of its own for the recorder's files: it knows the Matroska specification and none of the product's code."""

from collections.abc import Iterator
from dataclasses import dataclass

CONTAINERS = {
    0x1A45DFA3: "head",
    0x18538067: "segment",
    0x1F43B675: "cluster",
    0x1549A966: "info",
    0x1654AE6B: "tracks",
    0xAE: "track",
    0xE0: "video",
}
# what may stand beside a cluster: an unknown size ends where one of these begins
TOP = {0x1F43B675, 0x1654AE6B, 0x1549A966}


@dataclass(frozen=True, slots=True)
class Element:
    number: int
    content: bytes
    at: int
    parent: str


@dataclass(frozen=True, slots=True)
class Frame:
    t_ms: int
    key: bool
    data: bytes
    at: int


def number_at(content: bytes, at: int, *, keep_marker: bool) -> tuple[int, int]:
    first = content[at]
    length = 1
    while not first & (0x80 >> (length - 1)):
        length += 1
        if length > 8:
            raise ValueError(f"no EBML number at {at}")
    value = int.from_bytes(content[at : at + length], "big")
    if not keep_marker:
        value &= (1 << 7 * length) - 1
        if value == (1 << 7 * length) - 1:
            value = -1
    return value, at + length


def elements(content: bytes, at: int = 0, end: int | None = None, parent: str = "") -> Iterator[Element]:
    stop = len(content) if end is None else end
    while at < stop:
        began = at
        number, at = number_at(content, at, keep_marker=True)
        if parent == "cluster" and number in TOP:
            parent = "segment"
        length, at = number_at(content, at, keep_marker=False)
        until = stop if length < 0 else at + length
        if until > stop:
            raise ValueError(f"element {number:#x} at {began} is cut")
        if number in CONTAINERS:
            name = CONTAINERS[number]
            yield Element(number, b"", began, parent)
            if length < 0:
                parent = name
                continue
            yield from elements(content, at, until, name)
        else:
            yield Element(number, content[at:until], began, parent)
        at = until


def frames(content: bytes) -> list[Frame]:
    """Every block of a file, or of whole clusters without their header."""
    found: list[Frame] = []
    cluster = -1
    for element in elements(content, parent="cluster" if content[:4] == b"\x1f\x43\xb6\x75" else ""):
        if element.number == 0xE7:
            cluster = int.from_bytes(element.content, "big")
        elif element.number == 0xA3:
            assert element.content[0] == 0x81 and cluster >= 0
            distance = int.from_bytes(element.content[1:3], "big", signed=True)
            found.append(Frame(cluster + distance, bool(element.content[3] & 0x80), element.content[4:], element.at))
    return found
