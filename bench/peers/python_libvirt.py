"""libvirt's own Python binding: as many threads as calls in flight, on one connection.

Arguments: the URI and the domain's name. Reads {"calls": N, "inFlight": N} from standard input, one a line, and answers each
with {"seconds": S}.
"""

import concurrent.futures
import json
import sys
import time

import libvirt


def main(uri, name):
    domain = libvirt.open(uri).lookupByName(name)

    def some(calls):
        for _ in range(calls):
            domain.info()

    for line in sys.stdin:
        request = json.loads(line)
        in_flight = request['inFlight']
        with concurrent.futures.ThreadPoolExecutor(in_flight) as threads:
            begun = time.perf_counter()
            list(threads.map(some, [request['calls'] // in_flight] * in_flight))
            seconds = time.perf_counter() - begun
        print(json.dumps({'seconds': seconds}), flush=True)


main(*sys.argv[1:])
