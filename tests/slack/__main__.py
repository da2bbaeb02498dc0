"""Runs the Slack receiver as a process: `python -m tests.slack --listen ADDRESS:PORT`; prints what is posted."""

import argparse
import json
import signal
import threading

from tests.slack.receiver import SlackReceiver


def main() -> None:
    """Start, print the address as JSON, then each message's text until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m tests.slack")
    parser.add_argument(
        "--listen", default="127.0.0.1:0", help="ADDRESS:PORT, port 0 for a free one"
    )
    address, _, port = parser.parse_args().listen.rpartition(":")
    ended = threading.Event()
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: ended.set())
    receiver = SlackReceiver(listen=address, port=int(port))
    print(
        json.dumps({"url": receiver.url, "port": receiver.port, "token": "xoxb-good"}), flush=True
    )
    shown = 0
    while not ended.wait(0.5):
        for message in receiver.workspace.messages[shown:]:
            print(json.dumps({"channel": message.channel, "text": message.text}), flush=True)
            shown += 1
    receiver.stop()


if __name__ == "__main__":
    main()
