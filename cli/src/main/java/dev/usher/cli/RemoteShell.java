package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/**
 * This terminal at a shell on a gateway: what is typed goes there key by key, what it answers is
 * shown. It ends when the shell does.
 */
final class RemoteShell implements WebSocket.Listener {

    private static final int MOST_AT_A_TIME = 8192;

    /** What a terminal sends for Ctrl-D. */
    private static final byte END_OF_INPUT = 4;

    private final Terminal terminal;
    private final CompletableFuture<String> ended = new CompletableFuture<>();

    RemoteShell(Terminal terminal) {
        this.terminal = requireNonNull(terminal, "terminal");
    }

    void run(RemoteServer server, String path) {
        WebSocket socket = server.open(path, this);
        boolean isTyped = terminal.isInteractive(Terminal.Stream.IN);
        if (isTyped) {
            stty("raw", "-echo");
        }
        try {
            Thread.ofVirtual().start(() -> copyInput(socket));
            String why = ended.join();
            terminal.say(why.isEmpty() ? "the shell has ended" : Terminal.visible(why));
        } catch (CompletionException e) {
            throw new Failure("The connection to the shell broke: try again.", e);
        } finally {
            if (isTyped) {
                stty("sane");
            }
        }
    }

    private void copyInput(WebSocket socket) {
        byte[] typed = new byte[MOST_AT_A_TIME];
        try {
            for (int length = terminal.in().read(typed);
                    length >= 0;
                    length = terminal.in().read(typed)) {
                send(socket, Arrays.copyOf(typed, length));
            }
            send(socket, new byte[] {END_OF_INPUT});
        } catch (IOException | CompletionException e) {
            ended.completeExceptionally(e);
        }
    }

    private static void send(WebSocket socket, byte[] bytes) {
        socket.sendBinary(ByteBuffer.wrap(bytes), true).join();
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
        byte[] output = new byte[data.remaining()];
        data.get(output);
        terminal.out().write(output, 0, output.length);
        terminal.out().flush();
        socket.request(1);
        return CompletableFuture.completedStage(null);
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
        ended.complete(reason);
        return CompletableFuture.completedStage(null);
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
        ended.completeExceptionally(error);
    }

    /** Java does not know of a terminal's modes; every system with a terminal has this. */
    private static void stty(String... modes) {
        List<String> command = new ArrayList<>(List.of("stty"));
        command.addAll(List.of(modes));
        try {
            int _ = new ProcessBuilder(command).inheritIO().start().waitFor();
        } catch (IOException e) {
            throw new Failure("The terminal cannot be set up: 'stty' is missing.", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("Interrupted.", e);
        }
    }
}
