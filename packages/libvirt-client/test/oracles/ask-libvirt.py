"""Evaluates expressions of python3-libvirt, one a line, on a connection `c`; prints a line of JSON for each."""

import json
import sys

import libvirt

libvirt.registerErrorHandler(lambda _context, _error: None, None)


def plain(value):
    """Numbers as text, as JSON has none of 64 bits; objects by what names them."""
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return {"double": value}
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    if hasattr(value, "UUIDString"):
        return {"name": value.name() if hasattr(value, "name") else "", "uuid": value.UUIDString()}
    return {"name": value.name()}


def answer(connection, expression):
    try:
        return {"value": plain(eval(expression, {"c": connection, "libvirt": libvirt}))}
    except libvirt.libvirtError as error:
        return {"error": plain(error.err)}


connection = libvirt.open(sys.argv[1])
for line in sys.stdin:
    print(json.dumps(answer(connection, line.strip())))
