"""Many datagrams in one system call: recvmmsg and sendmmsg through cffi, with buffers that live as long as the process.

Buffers are allocated by pylibsrtp's own cffi instance, so that SRTP works on them in place. Linux, 64 bits.
"""

import errno
import os
import socket
import struct
from collections.abc import Callable
from typing import Any

from cffi import FFI

from signaling.media.dtls import srtp_ffi

SLOT = 2048
"""Bytes of one datagram; an Ethernet frame carries 1,500 and nobody sends larger RTP."""

ADDRESS = 28
"""Bytes of a sockaddr_in6, the larger of the two kinds."""

_MSG_DONTWAIT = 0x40
_ffi = FFI()
_ffi.cdef(
    """
    struct iovec { void *iov_base; size_t iov_len; };
    struct msghdr { void *msg_name; unsigned int msg_namelen; struct iovec *msg_iov; size_t msg_iovlen;
                    void *msg_control; size_t msg_controllen; int msg_flags; };
    struct mmsghdr { struct msghdr msg_hdr; unsigned int msg_len; };
    int sendmmsg(int, struct mmsghdr *, unsigned int, int);
    int recvmmsg(int, struct mmsghdr *, unsigned int, int, void *);
    """
)
_libc: Any = _ffi.dlopen(None)
if _ffi.sizeof("struct mmsghdr") != 64 or struct.calcsize("P") != 8:
    raise ImportError("the media process needs 64-bit Linux: struct mmsghdr is not 64 bytes here")

# Positions in the arrays seen as machine words, because writing a word into a memoryview takes a third of the time of
# writing a field of a cffi struct: msg_name is word 0 of 8, iov_len word 1 of 2, msg_len the 14th half-word of 16.
_HEADER_WORDS, _IOV_WORDS, _LENGTH_HALF = 8, 2, 14

SOL_UDP, UDP_SEGMENT = 17, 103
SO_TIMESTAMPNS = 35
_FULL = (errno.EAGAIN, errno.ENOBUFS)
CONTROL = 24
"""Bytes of a control message that holds one 16-bit number, with its padding."""
STAMP = 32
"""Bytes of a control message that holds a time: its head, seconds, nanoseconds."""


class _Ring:
    """`size` datagram slots with their system-call headers."""

    def __init__(self, size: int, address_size: int) -> None:
        self.size = size
        self.address_size = address_size
        self.memory = srtp_ffi.new("char[]", size * SLOT)
        self.slots = [self.memory + i * SLOT for i in range(size)]
        self.view = memoryview(srtp_ffi.buffer(self.memory)).cast("B")
        self.headers = _ffi.new("struct mmsghdr[]", size)
        self._iovs = _ffi.new("struct iovec[]", size)
        self._names = _ffi.new("char[]", size * ADDRESS)
        self.names = _ffi.buffer(self._names)
        start = int(srtp_ffi.cast("uintptr_t", self.memory))
        for i in range(size):
            self._iovs[i].iov_base = _ffi.cast("void *", start + i * SLOT)
            self._iovs[i].iov_len = SLOT
            header = self.headers[i].msg_hdr
            header.msg_iov = self._iovs + i
            header.msg_iovlen = 1
            header.msg_name = self._names + i * ADDRESS
            header.msg_namelen = address_size
        self.own_names = [int(_ffi.cast("uintptr_t", self._names + i * ADDRESS)) for i in range(size)]
        self.halves = memoryview(_ffi.buffer(self.headers)).cast("B").cast("I")
        self.header_words = memoryview(_ffi.buffer(self.headers)).cast("B").cast("Q")
        self.iov_words = memoryview(_ffi.buffer(self._iovs)).cast("B").cast("Q")


class ReceiveBatch(_Ring):
    """Takes what has arrived, at most `size` datagrams a call."""

    def __init__(self, size: int, address_size: int) -> None:
        super().__init__(size, address_size)
        self._controls = _ffi.new("char[]", size * STAMP)
        for i in range(size):
            self.headers[i].msg_hdr.msg_control = self._controls + i * STAMP
            self.headers[i].msg_hdr.msg_controllen = STAMP
        self.control_words = memoryview(_ffi.buffer(self._controls)).cast("B").cast("Q")

    def receive(self, descriptor: int) -> int:
        """How many datagrams now stand in the slots."""
        count: int = _libc.recvmmsg(descriptor, self.headers, self.size, _MSG_DONTWAIT, _ffi.NULL)
        return max(0, count)

    def length(self, slot: int) -> int:
        return self.halves[slot * 16 + _LENGTH_HALF]

    def address(self, slot: int) -> bytes:
        """The sender's socket address, as the kernel wrote it."""
        at = slot * ADDRESS
        address: bytes = self.names[at : at + self.address_size]
        return address

    def arrival(self, slot: int) -> float:
        """Unix seconds at which the kernel took it, if the socket has `SO_TIMESTAMPNS`."""
        at = slot * STAMP // 8
        return self.control_words[at + 2] + self.control_words[at + 3] * 1e-9


class SendBatch(_Ring):
    """Collects datagrams and sends them together.

    The fan-out of packets (`fanout.py`) writes into the slots itself, because every call counts there. What belongs to
    a run of several packets for one listener goes by `runs`.
    """

    def __init__(self, size: int, address_size: int, descriptor: int) -> None:
        super().__init__(size, address_size)
        self.count = 0
        self._sent = self._dropped = 0
        self.runs = RunBatch(size, address_size, descriptor)
        self._descriptor = descriptor

    def plain(self, data: bytes, address: bytes) -> None:
        """Queue `data` as it is."""
        if self.count == self.size:
            self.send()
        slot = self.count
        self.view[slot * SLOT : slot * SLOT + len(data)] = data
        self.names[slot * ADDRESS : slot * ADDRESS + self.address_size] = address
        self._queue(len(data), self.own_names[slot])

    def protected(self, data: bytes, protect: Callable[[Any, Any, Any], int], session: Any, name: int) -> bool:
        """Queue `data` as SRTP or SRTCP to the address at `name`; False when the session cannot protect it."""
        if self.count == self.size:
            self.send()
        slot = self.count
        self.view[slot * SLOT : slot * SLOT + len(data)] = data
        length = srtp_ffi.new("int *", len(data))
        if protect(session, self.slots[slot], length):
            return False
        self._queue(length[0], name)
        return True

    def _queue(self, length: int, name: int) -> None:
        self.iov_words[self.count * _IOV_WORDS + 1] = length
        self.header_words[self.count * _HEADER_WORDS] = name
        self.count += 1

    def flush(self) -> None:
        """Send everything."""
        if self.runs.heads:
            self.runs.send()
        if self.count:
            self.send()

    def send(self) -> None:
        """Send what stands in the slots. What the kernel refuses is counted and forgotten: UDP repairs by asking."""
        start, count = 0, self.count
        self.count = 0
        while start < count:
            done = _libc.sendmmsg(self._descriptor, self.headers + start, count - start, _MSG_DONTWAIT)
            if done > 0:
                self._sent += done
                start += done
            elif _ffi.errno in _FULL:
                self._dropped += count - start
                return
            else:
                # One unreachable listener (or a late ICMP error) must not cost the others their packets.
                self._dropped += 1
                start += 1

    @property
    def sent(self) -> int:
        """Datagrams the kernel has taken."""
        return self._sent + self.runs.sent

    @property
    def dropped(self) -> int:
        """Datagrams the kernel has refused."""
        return self._dropped + self.runs.dropped


class RunBatch(_Ring):
    """Collects runs: datagrams of one size to one address, of which the last may be shorter.

    The kernel is handed a run as one datagram with the size at which to cut it, and takes it through its stack once
    (UDP_SEGMENT, Linux 4.18). A run begins at some slot and goes on in the next; header `n` is that of run `n`.
    """

    def __init__(self, size: int, address_size: int, descriptor: int) -> None:
        super().__init__(size, address_size)
        self.count = 0
        self.heads = 0
        self.sent = 0
        self.dropped = 0
        self.possible = _cuts(descriptor)
        self._descriptor = descriptor
        self._controls = _ffi.new("char[]", size * CONTROL)
        message = struct.pack("=QiiH6x", 18, SOL_UDP, UDP_SEGMENT, 0)
        _ffi.buffer(self._controls)[:] = message * size
        self.control_halves = memoryview(_ffi.buffer(self._controls)).cast("B").cast("H")
        for i in range(size):
            self.headers[i].msg_hdr.msg_control = self._controls + i * CONTROL
        self.iov_address = int(_ffi.cast("uintptr_t", self._iovs))

    def send(self) -> None:
        """Send every run; one that the kernel does not want to cut leaves packet by packet."""
        start, heads = 0, self.heads
        self.sent += self.count
        self.count = self.heads = 0
        while start < heads:
            done = _libc.sendmmsg(self._descriptor, self.headers + start, heads - start, _MSG_DONTWAIT)
            if done > 0:
                start += done
            elif _ffi.errno in _FULL:
                self._refused(sum(self.header_words[_HEADER_WORDS * head + 3] for head in range(start, heads)))
                return
            else:
                self._singly(start)
                start += 1

    def _singly(self, head: int) -> None:
        """The path may be too narrow for cutting, or the listener cannot be reached: try each packet."""
        header = self.headers[head].msg_hdr
        first, header.msg_controllen = header.msg_iov, 0
        length, header.msg_iovlen = header.msg_iovlen, 1
        for place in range(length):
            header.msg_iov = first + place
            if _libc.sendmmsg(self._descriptor, self.headers + head, 1, _MSG_DONTWAIT) < 1:
                self._refused(1)

    def _refused(self, count: int) -> None:
        self.sent -= count
        self.dropped += count


def _cuts(descriptor: int) -> bool:
    """Can this kernel cut a run into datagrams? An older one would send it as a single large one."""
    with socket.socket(fileno=os.dup(descriptor)) as same:
        try:
            same.getsockopt(SOL_UDP, UDP_SEGMENT)
        except OSError:
            return False
    return True


def stable_address(address_size: int) -> tuple[Any, Any, int]:
    """Memory for one peer's address: (owner to keep, writable buffer, pointer as a number)."""
    memory = _ffi.new("char[]", ADDRESS)
    return memory, _ffi.buffer(memory, address_size), int(_ffi.cast("uintptr_t", memory))
