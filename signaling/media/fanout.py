"""The way of packets from one source to all its outlets: ten bytes patched, protected in place, queued for the kernel.

These two loops are where every microsecond counts: their inside runs once for each packet that leaves the server.
"""

import struct

from signaling.media.batch import SLOT, SendBatch
from signaling.media.dtls import protect_rtp, srtp_ffi
from signaling.media.outlet import Outlet

Ready = tuple[bytes, int, int]
"""A packet as it leaves but for number, time and SSRC; its number and its timestamp in the publisher's counting."""

LONGEST_RUN = 32
"""Packets of 1,500 bytes that are together less than the 64 KiB the kernel takes at once."""

_patch = struct.Struct("!HII").pack_into
_length = srtp_ffi.new("int *")


def fan_out(batch: SendBatch, packet: bytes, number: int, timestamp: int, outlets: list[Outlet]) -> None:
    """Queue one packet for every outlet."""
    if batch.runs.heads:
        batch.runs.send()
    length = len(packet)
    count, size = batch.count, batch.size
    slots, view, iov_words, header_words = batch.slots, batch.view, batch.iov_words, batch.header_words
    pointer = _length
    for outlet in outlets:
        if count == size:
            batch.count = count
            batch.send()
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
    batch.count = count


def fan_out_runs(batch: SendBatch, packets: list[Ready], outlets: list[Outlet]) -> None:
    """Queue several packets that came together for every outlet, listener by listener, so that they make runs."""
    runs = batch.runs
    size, iov_address = runs.size, runs.iov_address
    slots, view, iov_words = runs.slots, runs.view, runs.iov_words
    header_words, control_halves = runs.header_words, runs.control_halves
    pointer = _length
    count, head = runs.count, runs.heads - 1
    for outlet in outlets:
        session, seq_offset, timestamp_offset = outlet.session, outlet.seq_offset, outlet.timestamp_offset
        ssrc, address, meter = outlet.ssrc, outlet.address, outlet.meter
        segment = run = 0
        for packet, number, timestamp in packets:
            if count == size:
                runs.count, runs.heads = count, head + 1
                runs.send()
                count, head, run = 0, -1, 0
            length = len(packet)
            at = count * SLOT
            view[at : at + length] = packet
            _patch(view, at + 2, (number + seq_offset) & 0xFFFF, (timestamp + timestamp_offset) & 0xFFFFFFFF, ssrc)
            pointer[0] = length
            if protect_rtp(session, slots[count], pointer):
                continue
            protected = pointer[0]
            iov_words[2 * count + 1] = protected
            if 0 < run < LONGEST_RUN and protected <= segment:
                run += 1
                header_words[8 * head + 3] = run
                header_words[8 * head + 5] = 24
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
