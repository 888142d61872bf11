"""libvirt's own Python binding: as many threads as calls in flight, on one connection for each URI.

Argument: the daemon's socket. Reads {"work": "info", "calls": N, "inFlight": N} from standard input, one a line, and answers
each with {"seconds": S, "cpuSeconds": S}.
"""

import concurrent.futures
import json
import queue
import sys
import threading
import time

import libvirt


def run_event_loop():
    while True:
        libvirt.virEventRunDefaultImpl()


def main(socket):
    libvirt.virEventRegisterDefaultImpl()
    threading.Thread(target=run_event_loop, daemon=True).start()
    simulated = libvirt.open(f'test+unix:///default?socket={socket}')
    host = libvirt.open(f'qemu+unix:///system?socket={socket}')
    domain = simulated.lookupByName('test')
    many = host.listAllDomains()

    works = {
        'info': lambda nth: domain.info(),
        'list': lambda nth: host.listAllDomains(),
        'xml': lambda nth: many[nth].XMLDesc(),
        'stats': lambda nth: host.getAllDomainStats(),
    }

    def in_parallel(work, calls, in_flight):
        def caller(first):
            for nth in range(first, calls, in_flight):
                work(nth)

        with concurrent.futures.ThreadPoolExecutor(in_flight) as threads:
            begun = time.perf_counter()
            list(threads.map(caller, range(in_flight)))
            return time.perf_counter() - begun

    def event_latency(calls):
        """From the call to its event, so many times. The domain runs again after each, which is not counted."""
        events = queue.SimpleQueue()
        on_event = lambda *_: events.put(time.perf_counter())
        callback = simulated.domainEventRegisterAny(None, libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE, on_event, None)
        total = 0
        for _ in range(calls):
            begun = time.perf_counter()
            domain.suspend()
            total += events.get() - begun
            domain.resume()
            events.get()
        simulated.domainEventDeregisterAny(callback)
        return total

    for line in sys.stdin:
        request = json.loads(line)
        cpu = time.process_time()
        if request['work'] == 'event':
            seconds = event_latency(request['calls'])
        else:
            seconds = in_parallel(works[request['work']], request['calls'], request['inFlight'])
        print(json.dumps({'seconds': seconds, 'cpuSeconds': time.process_time() - cpu}), flush=True)


main(*sys.argv[1:])
