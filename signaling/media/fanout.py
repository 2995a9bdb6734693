"""The way of packets from their sources to all outlets: ten bytes patched, protected in place, queued for the kernel.

The two loops are where every microsecond counts: their inside runs once for each packet that leaves the server.
"""

import struct
from collections import defaultdict
from typing import Protocol

from signaling.media.batch import CONTROL, SLOT, SendBatch
from signaling.media.dtls import protect_rtp, srtp_ffi
from signaling.media.outlet import Outlet, send_time

Ready = tuple[bytes, int, int]
"""A packet as it leaves but for number, time and SSRC; its number and its timestamp in the publisher's counting."""

LONGEST_RUN = 32
"""Packets of 1,500 bytes that are together less than the 64 KiB the kernel takes at once."""

_patch = struct.Struct("!HII").pack_into
_length = srtp_ffi.new("int *")


class Flow(Protocol):
    """What a packet belongs to."""

    flowing: list[Outlet]


class FanOut(SendBatch):
    """The outgoing batch of a media process, and what is kept back until the datagrams that came together were read."""

    def __init__(self, size: int, address_size: int, descriptor: int) -> None:
        super().__init__(size, address_size, descriptor)
        self._kept: dict[Flow, list[Ready]] = {}
        self._make_runs = False
        self.send_time = send_time(0.0)
        """The header extension of what leaves next."""

    def make_runs(self, wanted: bool) -> None:
        """Let packets leave in runs, where the kernel can cut them."""
        self._make_runs = wanted and self.runs.possible

    def keep(self, flow: Flow, packet: bytes, number: int, timestamp: int) -> None:
        """Keep one packet back: from `spill` on, or `flush`, it is on its way to all of `flow.flowing`."""
        kept = self._kept
        if flow in kept:
            kept[flow].append((packet, number, timestamp))
        else:
            kept[flow] = [(packet, number, timestamp)]

    def spill(self) -> None:
        """What was kept back is written into the slots, behind what was written before."""
        if not self._kept:
            return
        kept, self._kept = self._kept, {}
        if self._make_runs:
            if self.count:
                self.send()
            self._in_runs(kept)
        else:
            for flow, packets in kept.items():
                for packet, number, timestamp in packets:
                    self.fan_out(packet, number, timestamp, flow.flowing)

    def flush(self) -> None:
        """Send everything, also what was kept back."""
        self.spill()
        super().flush()

    def fan_out(self, packet: bytes, number: int, timestamp: int, outlets: list[Outlet]) -> None:
        """Queue one packet for every outlet."""
        if self.runs.heads:
            self.runs.send()
        length = len(packet)
        count, size = self.count, self.size
        slots, view, iov_words, header_words = self.slots, self.view, self.iov_words, self.header_words
        pointer = _length
        for outlet in outlets:
            if count == size:
                self.count = count
                self.send()
                count = 0
            at = count * SLOT
            view[at : at + length] = packet
            _patch(
                view,
                at + 2,
                (number + outlet.seq_offset) & 0xFFFF,
                (timestamp + outlet.timestamp_offset) & 0xFFFFFFFF,
                outlet.ssrc,
            )
            pointer[0] = length
            if protect_rtp(outlet.session, slots[count], pointer):
                continue
            iov_words[2 * count + 1] = pointer[0]
            header_words[8 * count] = outlet.address
            count += 1
            meter = outlet.meter
            meter.packets += 1
            meter.bytes += length
        self.count = count

    def _in_runs(self, kept: dict[Flow, list[Ready]]) -> None:
        """Queue all of it listener by listener, of whatever source, the largest packets first: so they make runs."""
        listeners: defaultdict[int, list[tuple[Outlet, list[Ready]]]] = defaultdict(list)
        for flow, packets in sorted(kept.items(), key=_size, reverse=True):
            for outlet in flow.flowing:
                listeners[outlet.address].append((outlet, packets))
        runs = self.runs
        size, iov_address = runs.size, runs.iov_address
        slots, view, iov_words = runs.slots, runs.view, runs.iov_words
        header_words, control_halves = runs.header_words, runs.control_halves
        pointer = _length
        count, head = runs.count, runs.heads - 1
        for address, parts in listeners.items():
            segment = run = 0
            for outlet, packets in parts:
                session, seq_offset, timestamp_offset = outlet.session, outlet.seq_offset, outlet.timestamp_offset
                ssrc, meter = outlet.ssrc, outlet.meter
                for packet, number, timestamp in packets:
                    if count == size:
                        runs.count, runs.heads = count, head + 1
                        runs.send()
                        count, head, run = 0, -1, 0
                    length = len(packet)
                    at = count * SLOT
                    view[at : at + length] = packet
                    _patch(
                        view, at + 2, (number + seq_offset) & 0xFFFF, (timestamp + timestamp_offset) & 0xFFFFFFFF, ssrc
                    )
                    pointer[0] = length
                    if protect_rtp(session, slots[count], pointer):
                        continue
                    protected = pointer[0]
                    iov_words[2 * count + 1] = protected
                    if 0 < run < LONGEST_RUN and protected <= segment:
                        run += 1
                        header_words[8 * head + 3] = run
                        header_words[8 * head + 5] = CONTROL
                        if protected < segment:
                            run = 0
                    else:
                        head += 1
                        run, segment = 1, protected
                        header_words[8 * head] = address
                        header_words[8 * head + 2] = iov_address + 16 * count
                        header_words[8 * head + 3] = 1
                        header_words[8 * head + 5] = 0
                        control_halves[12 * head + 8] = protected
                    count += 1
                    meter.packets += 1
                    meter.bytes += length
        runs.count, runs.heads = count, head + 1


def _size(kept: tuple[Flow, list[Ready]]) -> int:
    return len(kept[1][0][0])
