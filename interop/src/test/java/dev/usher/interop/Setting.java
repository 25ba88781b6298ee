package dev.usher.interop;

import dev.usher.backend.Header;
import dev.usher.backend.JoinReq;
import dev.usher.backend.Octets;
import dev.usher.backend.RejoinReq;
import dev.usher.lorawan.DevAddr;
import dev.usher.lorawan.DlSettings;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.MacVersion;
import dev.usher.lorawan.NetId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/** A configuration's directory, and who reads it. */
final class Setting {

    static final Eui64 JOIN_EUI = Eui64.parse("70B3D57ED0000001");
    static final Eui64 DEV_EUI = Eui64.parse("0102030405060708");
    static final Eui64 NS_ID = Eui64.parse("70B3D57ED0000099");
    static final Octets JOIN_REQUEST =
            Octets.parse("00010000D07ED5B370080706050403020100003851F0B6");

    static final Sender SENDER =
            new Sender(NetId.parse("000013"), Optional.of(NS_ID), Optional.of("as.example.com"));

    /** Long enough for a machine that is busy; what must take less says so. */
    static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Path directory;

    Setting(Path directory) {
        this.directory = directory;
    }

    Path directory() {
        return directory;
    }

    Setting write(String file, String text) {
        try {
            Path path = directory.resolve(file);
            Files.createDirectories(path.resolveSibling(""));
            Files.writeString(path, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** One Join Server for all JoinEUIs. */
    Setting writeOne(String joinServer) {
        return write(
                        "config.yml",
                        """
                        join-servers:
                          - file: ./js.yml
                            join-euis: ["0000000000000000/0"]
                        """)
                .write("js.yml", joinServer);
    }

    InteropSettings settings() {
        return InteropSettings.of(directory, SENDER, KeyVault.EMPTY).withDeadline(PATIENCE);
    }

    InteropClient client() {
        return InteropClient.open(settings(), _ -> {});
    }

    InteropClient client(InteropSettings settings) {
        return InteropClient.open(settings, _ -> {});
    }

    InteropClient client(InteropSettings settings, InstantSource clock) {
        return InteropClient.open(settings, clock, _ -> {});
    }

    static JoinReq joinReq(Header header) {
        return joinReq(header, MacVersion.V1_0_3);
    }

    static JoinReq joinReq(Header header, MacVersion macVersion) {
        return new JoinReq(
                header,
                macVersion,
                JOIN_REQUEST,
                DEV_EUI,
                new DevAddr(0x26000001),
                new DlSettings(0),
                5,
                Optional.empty());
    }

    static RejoinReq rejoinReq(Header header) {
        return new RejoinReq(
                header,
                MacVersion.V1_1_0,
                JOIN_REQUEST,
                DEV_EUI,
                new DevAddr(0x26000001),
                new DlSettings(0x80),
                5,
                Optional.empty());
    }
}
