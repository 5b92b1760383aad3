# SPDX-License-Identifier: LGPL-2.1-or-later
# leave_mounts.py DIR NAME: moves NAME of DIR away although it is a mount point. Mount points are kept from being renamed
# only by mounts of the namespace that the caller is in: in another one, behind a new root, nothing of them is left, but
# the descriptor of DIR still leads to the place. Prints each step; the status is 0 if it was moved.
import ctypes
import os
import sys

NEWNS, NEWUSER, PRIVATE, REC, DETACH = 0x20000, 0x10000000, 1 << 18, 1 << 14, 2
libc = ctypes.CDLL(None, use_errno=True)


def step(name, call, *args):
    try:
        if call(*args) == -1:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    except OSError as e:
        print(f"{name}: {e.strerror}")
        return False
    print(f"{name}: ok")
    return True


def write(path, text):
    with open(path, "w") as f:
        f.write(text)


def must(*args):
    if not step(*args):
        sys.exit(1)


fd = os.open(sys.argv[1], os.O_RDONLY | os.O_DIRECTORY)
name, uid, gid = sys.argv[2], os.getuid(), os.getgid()
step("limit", write, "/proc/sys/user/max_user_namespaces", "100")
must("unshare", libc.unshare, NEWUSER | NEWNS)
must("setgroups", write, "/proc/self/setgroups", "deny")
must("uid_map", write, "/proc/self/uid_map", f"{uid} {uid} 1")
must("gid_map", write, "/proc/self/gid_map", f"{gid} {gid} 1")
must("private", libc.mount, b"none", b"/", None, REC | PRIVATE, None)
must("tmpfs", libc.mount, b"tmpfs", b"/tmp", b"tmpfs", 0, None)
os.chdir("/tmp")
must("pivot_root", libc.pivot_root, b".", b".")
must("umount", libc.umount2, b".", DETACH)
must("rename", lambda: os.rename(name, name + ".old", src_dir_fd=fd, dst_dir_fd=fd))
