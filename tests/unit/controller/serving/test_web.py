"""The controller's HTTP server can be closed at any moment."""

import http.client

from resync_argo.controller.serving.web import Answer, Application, Environ, Server


def _page(_environ: Environ) -> Answer:
    return Answer(status="200 OK")


def test_it_can_be_closed_right_after_an_answer() -> None:
    application = Application({("GET", "/"): _page})
    for _ in range(100):
        server = Server(application, "127.0.0.1:0")
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        connection.request("GET", "/")
        assert connection.getresponse().status == 200
        server.close()
        connection.close()
