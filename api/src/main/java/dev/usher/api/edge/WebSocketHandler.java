package dev.usher.api.edge;

/**
 * The server's side of one WebSocket. Its methods are called on virtual threads, one after another
 * in the order of what happened, so they may block; but what the peer sends meanwhile waits.
 *
 * <p>What they throw is logged, and ends the socket.
 */
public interface WebSocketHandler {

    /** The socket is open: from here on it can be sent to. */
    void opened(WebSocket socket) throws Exception;

    /** A message of text. */
    void received(WebSocket socket, String message) throws Exception;

    /** A message of bytes. */
    void received(WebSocket socket, byte[] message) throws Exception;

    /** It is closed, whoever closed it; the last call. */
    void closed(WebSocket socket);
}
