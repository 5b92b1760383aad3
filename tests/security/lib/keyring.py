# SPDX-License-Identifier: LGPL-2.1-or-later
# keyring.py put COMMAND...: COMMAND with a session keyring of its own that holds the key "sbx:test".
# keyring.py get [SERIAL]: prints what the key is, found by its name and, with SERIAL, by its number, and the serial of
# the session keyring. Status 77: there are no keyrings here.
import ctypes
import errno
import os
import platform
import sys

ADD, REQUEST, KEYCTL = {"x86_64": (248, 249, 250), "aarch64": (217, 218, 219), "riscv64": (217, 218, 219)}.get(
    platform.machine(), (0, 0, 0)
)
GET_ID, JOIN, SETPERM, READ, SESSION = 0, 1, 5, 11, -3
libc = ctypes.CDLL(None, use_errno=True)


def call(number, *args):
    r = libc.syscall(number, *(ctypes.c_long(a) if isinstance(a, int) else a for a in args))
    return r if r >= 0 else -ctypes.get_errno()


def text(serial):
    if serial < 0:
        return errno.errorcode[-serial]
    buf = ctypes.create_string_buffer(64)
    n = call(KEYCTL, READ, serial, buf, 64)
    return buf.raw[:n].decode() if n >= 0 else errno.errorcode[-n]


if not ADD:
    sys.exit(77)
if sys.argv[1] == "put":
    if call(KEYCTL, JOIN, b"sbx-test") < 0:
        sys.exit(77)
    key = call(ADD, b"user", b"sbx:test", b"hunter2", 7, SESSION)
    if key < 0:
        sys.exit(77)
    # What counts is who has the keyring, not who owns the key.
    call(KEYCTL, SETPERM, key, 0x3F000000)
    os.environ["KEY"] = str(key)
    os.execvp(sys.argv[2], sys.argv[2:])
print("name:", text(call(REQUEST, b"user", b"sbx:test", None, 0)))
if len(sys.argv) > 2:
    print("number:", text(int(sys.argv[2])))
print("session:", call(KEYCTL, GET_ID, SESSION, 0))
