"""Runs a program on a real terminal and plays a script of what is typed.

Reads JSON from standard input: argv, cwd, env, steps (each with `expect`, a text to wait for on the screen, and `send`,
keys, or `signal`, a number), columns, and optionally `stdout` and `stderr`, files to send those streams to. Writes JSON: what the
screen showed, the status, and whether the terminal echoes lines as it did before.
"""

import fcntl
import json
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time

spec = json.load(sys.stdin)
master, slave = pty.openpty()
fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, spec["columns"], 0, 0))


def take_terminal():
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def output(name):
    return open(spec[name], "wb") if name in spec else slave


process = subprocess.Popen(
    spec["argv"],
    cwd=spec["cwd"],
    env=spec["env"],
    stdin=slave,
    stdout=output("stdout"),
    stderr=output("stderr"),
    start_new_session=True,
    preexec_fn=take_terminal,
)

screen = b""
deadline = time.monotonic() + 60


def read(seconds):
    global screen
    if select.select([master], [], [], seconds)[0]:
        try:
            screen += os.read(master, 65536)
        except OSError:
            return


position = 0
for step in spec["steps"]:
    wanted = step["expect"].encode()
    while wanted not in screen[position:]:
        if time.monotonic() > deadline or process.poll() is not None and not select.select([master], [], [], 0)[0]:
            process.kill()
            sys.exit(f"{step['expect']!r} never appeared in {screen!r}")
        read(0.05)
    position = screen.index(wanted, position) + len(wanted)
    # The question is shown a moment before the terminal is in its final state.
    time.sleep(0.1)
    if "send" in step:
        os.write(master, step["send"].encode())
    else:
        process.send_signal(step["signal"])

while process.poll() is None and time.monotonic() < deadline:
    read(0.05)
hanging = process.poll() is None
if hanging:
    process.kill()
    process.wait()
while select.select([master], [], [], 0)[0]:
    read(0)

local = termios.tcgetattr(slave)[3]
json.dump(
    {
        "screen": screen.decode(errors="replace"),
        "status": process.returncode,
        "hanging": hanging,
        "restored": bool(local & termios.ECHO) and bool(local & termios.ICANON) and bool(local & termios.ISIG),
    },
    sys.stdout,
)
