"""
A link with a rate and a delay, in user space: two TUN interfaces, and what goes into one comes out of
the other later. For kernels without netem; needs nothing but Python 3 and /dev/net/tun.

    python3 shaper.py '{"ends": ["a", "b"], "bytesPerSecond": 6250000, "delayMs": 10, "queueBytes": 312500}'

Makes the interfaces in the network namespace it is started in (they may be moved to others), says
"ready", and runs until its standard input closes or SIGTERM. Each direction has a line of its own:
one packet after the other at the rate, then the delay; what would wait longer than the queue is
dropped. A rate of 0 is no limit.
"""
import collections
import fcntl
import gc
import json
import os
import select
import struct
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TUN = 0x0001
IFF_NO_PI = 0x1000
MAX_PACKET = 65536
# Packets read in a row before those that are due are sent.
BATCH = 256
# While packets are under way they are looked at so often, s: to wake for each of them takes twice the processor time
# from what is measured. A packet waits for half of it after its time.
TICK = 0.001


class Direction:
    def __init__(self, source, target, shape):
        self.source = source
        self.target = target
        self.rate = shape["bytesPerSecond"]
        self.delay = max(0.0, shape["delayMs"] / 1000 - TICK / 2)
        self.queue_seconds = shape["queueBytes"] / self.rate if self.rate else 0
        self.free_at = 0.0
        self.under_way = collections.deque()

    def take(self, now):
        for _ in range(BATCH):
            try:
                packet = os.read(self.source, MAX_PACKET)
            except BlockingIOError:
                return
            start = self.free_at if self.free_at > now else now
            if self.rate:
                if start - now > self.queue_seconds:
                    continue
                start += len(packet) / self.rate
                self.free_at = start
            self.under_way.append((start + self.delay, packet))

    def give(self, now):
        under_way = self.under_way
        while under_way and under_way[0][0] <= now:
            packet = under_way.popleft()[1]
            try:
                os.write(self.target, packet)
            except OSError:
                # The interface is down or gone: lost, as on any link.
                pass


def open_tun(name):
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    return fd


def main():
    shape = json.loads(sys.argv[1])
    a, b = (open_tun(name) for name in shape["ends"])
    directions = [Direction(a, b, shape), Direction(b, a, shape)]
    by_source = {d.source: d for d in directions}
    # The link must not stall because the machine is busy with what is measured.
    os.nice(-15)
    gc.disable()
    print("ready", flush=True)
    while True:
        is_busy = any(d.under_way for d in directions)
        if is_busy:
            time.sleep(TICK)
        readable = select.select([a, b, 0], [], [], 0 if is_busy else None)[0]
        now = time.monotonic()
        for fd in readable:
            if fd == 0:
                if not os.read(0, 64):
                    return
            else:
                by_source[fd].take(now)
        for direction in directions:
            direction.give(now)


main()
