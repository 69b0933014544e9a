"""A port that passes connections on to a server; what inherits from it can fail on purpose."""

import socket
import threading
from contextlib import suppress

BLOCK_BYTES = 65_536


class Relay:
    """Listens on `port` until it is closed. `server`: the port that it passes everything on to."""

    def __init__(self, server: int) -> None:
        self._server = server
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Ends all connections."""
        for each in (self._listener, *self._open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client = self._listener.accept()[0]
                server = socket.create_connection(("127.0.0.1", self._server))
                self._open += (client, server)
                for work in (self.to_server, self.to_client):
                    threading.Thread(target=work, args=(client, server), daemon=True).start()

    def to_server(self, client: socket.socket, server: socket.socket) -> None:
        """Passes on what the client sends."""
        self.copy(client, server)

    def to_client(self, client: socket.socket, server: socket.socket) -> None:
        """Passes on what the server answers."""
        self.copy(server, client)

    def copy(self, source: socket.socket, target: socket.socket) -> None:
        """Passes on all bytes until the source ends."""
        with suppress(OSError):
            while block := source.recv(BLOCK_BYTES):
                target.sendall(block)
            target.shutdown(socket.SHUT_RDWR)
