package dev.usher.simulator;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;

/** Files in memory. Safe to look at while its station runs. */
final class MemoryHome implements Home {

    private final ConcurrentSkipListMap<String, byte[]> files = new ConcurrentSkipListMap<>();

    @Override
    public Optional<byte[]> read(String name) {
        return Optional.ofNullable(files.get(name)).map(byte[]::clone);
    }

    @Override
    public void write(String name, byte[] content) {
        files.put(name, content.clone());
    }

    @Override
    public void rename(String from, String to) {
        byte[] content = files.remove(from);
        if (content != null) {
            files.put(to, content);
        }
    }

    @Override
    public void delete(String name) {
        files.remove(name);
    }

    @Override
    public List<String> names() {
        return List.copyOf(files.keySet());
    }
}
