package dev.usher.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A server under test in a process of its own, so that its CPU time and memory are its own. It says
 * {@code ports A B C} on stdout when it listens.
 */
final class ServerProcess implements AutoCloseable {

    private final Process process;
    private final BufferedReader out;
    private final List<String> remarks = new ArrayList<>();
    private final List<Integer> ports = new ArrayList<>();

    private ServerProcess(Process process) {
        this.process = process;
        this.out = process.inputReader(StandardCharsets.UTF_8);
    }

    static ServerProcess start(Class<?> main, String... arguments) throws IOException {
        return startWithHeap("512m", main, arguments);
    }

    /**
     * Starts one.
     *
     * @param heap at most, as Java takes it
     */
    static ServerProcess startWithHeap(String heap, Class<?> main, String... arguments)
            throws IOException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-XX:+UseSerialGC",
                                "-Xmx" + heap,
                                "-cp",
                                System.getProperty("java.class.path"),
                                main.getName()));
        command.addAll(List.of(arguments));
        Process process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        ServerProcess server = new ServerProcess(process);
        for (String port : List.of(server.await("ports").split(" ", -1))) {
            server.ports.add(Integer.valueOf(port));
        }
        return server;
    }

    /** What else it has said. */
    List<String> remarks() {
        return remarks;
    }

    /** Asks it for its figures: a line on its stdin, answered with {@code figures …} on stdout. */
    String figures() throws IOException {
        Writer in = process.outputWriter(StandardCharsets.UTF_8);
        in.write("\n");
        in.flush();
        return await("figures");
    }

    /** The rest of the first line that begins so. */
    private String await(String word) throws IOException {
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith(word)) {
                return line.substring(word.length()).strip();
            }
            remarks.add(line);
        }
        throw new IOException("the server under test has ended");
    }

    int port(int index) {
        return ports.get(index);
    }

    /** CPU time the process has used so far. */
    Duration cpu() {
        return process.toHandle().info().totalCpuDuration().orElse(Duration.ZERO);
    }

    /** Resident memory in bytes; 0 where the system does not tell. */
    long residentBytes() {
        return figure("status", "VmRSS:") * 1024;
    }

    /** Bytes it has made the disk write so far; 0 where the system does not tell. */
    long writtenBytes() {
        return figure("io", "write_bytes:");
    }

    private long figure(String file, String name) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/" + file))) {
                if (line.startsWith(name)) {
                    return Long.parseLong(line.replaceAll("[^0-9]", ""));
                }
            }
            return 0;
        } catch (IOException e) {
            return 0;
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
