"""What ssh starts when it wants something of the person (SSH_ASKPASS). Runs alone, with the standard library only.

It hands ssh's words to the dkai that started ssh, over a private socket, and prints the answer. Without an answer it
waits: dkai then ends ssh, so that nothing empty is ever sent as somebody's password.
"""

import json
import os
import socket
import sys


def main() -> int:
    """Ask and print; the exit code is 0 only when there is an answer."""
    place = json.loads(os.environ["DKAI_ASKPASS"])
    if isinstance(place[0], str) and len(place) == 2:
        link = socket.socket(socket.AF_UNIX)
        link.connect(place[0])
    else:
        link = socket.create_connection(("127.0.0.1", place[0]))
    words = sys.argv[1] if len(sys.argv) > 1 else ""
    question = {"token": place[1], "words": words, "hint": os.environ.get("SSH_ASKPASS_PROMPT", "")}
    with link, link.makefile("rw", encoding="utf-8") as stream:
        stream.write(json.dumps(question) + "\n")
        stream.flush()
        answer = stream.readline()
    if not answer:
        return 1
    sys.stdout.write(json.loads(answer) + "\n")
    sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
