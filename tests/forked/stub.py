"""The test's end of a forked process: hands its own words, folder, environment and pipes to the server, passes signals on, and ends as
the process ended. Started for every process, it imports next to nothing."""

import json
import os
import signal
import socket
import sys

PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1)


def main() -> None:
    address, *words = sys.argv[1:]
    line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    line.connect(address)
    ignored = [sign for sign in PASSED_ON if signal.getsignal(sign) is signal.SIG_IGN]
    order = {"words": words, "folder": os.getcwd(), "environment": dict(os.environ), "ignored": ignored}
    socket.send_fds(line, [json.dumps(order).encode()], [0, 1, 2])
    for sign in PASSED_ON:
        if sign not in ignored:
            signal.signal(sign, lambda number, frame: line.send(b"%d" % number))
    null = os.open(os.devnull, os.O_RDWR)
    for end in (0, 1, 2):  # the pipes are the process's alone: whoever reads them sees when it closes them
        os.dup2(null, end)
    status = int(line.recv(64))
    if status < 0:
        signal.signal(-status, signal.SIG_DFL) if -status != signal.SIGKILL else None
        os.kill(os.getpid(), -status)
    os._exit(status)


main()
