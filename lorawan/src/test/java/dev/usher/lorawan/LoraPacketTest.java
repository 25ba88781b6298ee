package dev.usher.lorawan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Against an independent implementation, the npm package lora-packet. Skipped unless node is there
 * and the environment variable USHER_LORA_PACKET names the node_modules directory that has it:
 *
 * <pre>npm install --prefix DIR lora-packet
 * USHER_LORA_PACKET=DIR/node_modules ./mvnw -pl lorawan test -Dtest=LoraPacketTest</pre>
 */
class LoraPacketTest {

    private static final int JOINS = 100;
    private static final int FRAMES = 200;

    /** Only so that every run asks the same. */
    private final Random random = new Random(20_26);

    @Test
    void makesTheSameKeys(@TempDir Path directory) throws Exception {
        String modules = modules();
        List<String> questions = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < JOINS; i++) {
            ask1_0(questions, expected);
            ask1_1(questions, expected);
        }
        assertThat(answers(directory, modules, "session-keys.js", questions)).isEqualTo(expected);
    }

    @Test
    void opensTheSameDataFrames(@TempDir Path directory) throws Exception {
        String modules = modules();
        List<String> questions = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < FRAMES; i++) {
            askFrame(questions, expected, new NetworkSessionKeys.R1_0(key()));
            askFrame(questions, expected, new NetworkSessionKeys.R1_1(key(), key(), key()));
        }
        assertThat(answers(directory, modules, "data-frames.js", questions)).isEqualTo(expected);
    }

    private static String modules() throws InterruptedException {
        String modules = System.getenv("USHER_LORA_PACKET");
        assumeTrue(modules != null, "USHER_LORA_PACKET names no node_modules directory");
        assumeTrue(
                Files.isDirectory(Path.of(modules, "lora-packet")),
                "there is no lora-packet in the directory USHER_LORA_PACKET names");
        assumeTrue(nodeIsThere(), "node is not installed");
        return modules;
    }

    /** Its MIC is checked and everything decrypted over there. */
    private void askFrame(List<String> questions, List<String> expected, NetworkSessionKeys keys) {
        AesKey appSKey = key();
        MicContext context =
                new MicContext(random.nextInt(0x1_0000), random.nextInt(16), random.nextInt(72));
        DataMessage message = message();
        DataFrame frame = FrameCryptography.seal(keys, appSKey, message, context);
        questions.add(
                String.join(
                        " ",
                        HexFormat.of().formatHex(frame.phyPayload()),
                        "%04x".formatted(message.fCnt() >>> 16),
                        hex(appSKey),
                        switch (keys) {
                            case NetworkSessionKeys.R1_0 r -> "1.0 " + hex(r.nwkSKey());
                            case NetworkSessionKeys.R1_1 r ->
                                    "1.1 "
                                            + hex(r.fNwkSIntKey())
                                            + " "
                                            + hex(r.sNwkSIntKey())
                                            + " "
                                            + hex(r.nwkSEncKey())
                                            + " %04x %02x %02x"
                                                    .formatted(
                                                            context.confFCnt(),
                                                            context.dataRate(),
                                                            context.channel());
                        }));
        expected.add(
                "true "
                        + HexFormat.of().formatHex(message.fOpts())
                        + " "
                        + HexFormat.of().formatHex(message.frmPayload()));
    }

    private DataMessage message() {
        DevAddr devAddr = new DevAddr(random.nextInt());
        long fCnt = Integer.toUnsignedLong(random.nextInt());
        DataMessage message =
                random.nextBoolean()
                        ? DataMessage.up(devAddr, fCnt)
                        : DataMessage.down(devAddr, fCnt);
        if (random.nextBoolean()) {
            message = message.with(List.of(FrameFlag.ACK));
        }
        if (random.nextBoolean()) {
            message = message.with(List.of(FrameFlag.CONFIRMED, FrameFlag.ADR));
        }
        if (random.nextBoolean()) {
            message =
                    message.withCommands(
                            List.of(new MacCommand.Other(0x80, bytes(random.nextInt(14)))));
        }
        return message.withPayload(1 + random.nextInt(255), bytes(1 + random.nextInt(100)));
    }

    /** The accept of 1.0 is opened and its MIC checked over there. */
    private void ask1_0(List<String> questions, List<String> expected) {
        AesKey appKey = key();
        RootKeys keys = RootKeys.r1_0(appKey);
        JoinRequest request = request(keys);
        JoinAccept accept = accept(random.nextInt(0x80));
        Activation activation = JoinCryptography.activate(keys, KeyScheme.R1_0, request, accept);
        questions.add(
                String.join(
                        " ",
                        "1.0",
                        hex(appKey),
                        accept.netId().toString(),
                        "%06x".formatted(accept.joinNonce()),
                        "%04x".formatted(request.devNonce()),
                        HexFormat.of().formatHex(request.phyPayload()),
                        HexFormat.of().formatHex(activation.phyPayload())));
        SessionKeys.R1_0 made = (SessionKeys.R1_0) activation.keys();
        expected.add(hex(made.nwkSKey()) + " " + hex(made.appSKey()) + " true true");
    }

    private void ask1_1(List<String> questions, List<String> expected) {
        AesKey nwkKey = key();
        AesKey appKey = key();
        RootKeys keys = RootKeys.r1_1(nwkKey, appKey);
        JoinRequest request = request(keys);
        JoinAccept accept = accept(0x80 | random.nextInt(0x80));
        questions.add(
                String.join(
                        " ",
                        "1.1",
                        hex(appKey),
                        hex(nwkKey),
                        request.joinEui().toString(),
                        request.devEui().toString(),
                        "%06x".formatted(accept.joinNonce()),
                        "%04x".formatted(request.devNonce())));
        SessionKeys.R1_1 made =
                (SessionKeys.R1_1)
                        JoinCryptography.activate(keys, KeyScheme.R1_1, request, accept).keys();
        expected.add(
                String.join(
                        " ",
                        hex(made.fNwkSIntKey()),
                        hex(made.sNwkSIntKey()),
                        hex(made.nwkSEncKey()),
                        hex(made.appSKey()),
                        hex(JoinCryptography.jsIntKey(keys, request.devEui())),
                        hex(JoinCryptography.jsEncKey(keys, request.devEui()))));
    }

    private static List<String> answers(
            Path directory, String modules, String name, List<String> questions)
            throws IOException, InterruptedException {
        Path script = directory.resolve(name);
        try (InputStream source = LoraPacketTest.class.getResourceAsStream(name)) {
            Files.copy(source, script);
        }
        Path asked = Files.write(directory.resolve("questions"), questions);
        Path answered = directory.resolve("answers");
        Process node =
                new ProcessBuilder("node", script.toString(), modules)
                        .redirectInput(asked.toFile())
                        .redirectOutput(answered.toFile())
                        .redirectErrorStream(true)
                        .start();
        assertThat(node.waitFor(60, TimeUnit.SECONDS)).as("node ends in time").isTrue();
        assertThat(node.exitValue()).as(() -> read(answered)).isZero();
        return Files.readAllLines(answered);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static boolean nodeIsThere() throws InterruptedException {
        try {
            return new ProcessBuilder("node", "--version")
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException absent) {
            return false;
        }
    }

    private AesKey key() {
        return AesKey.of(bytes(16));
    }

    private byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    private JoinRequest request(RootKeys keys) {
        return JoinCryptography.request(
                keys,
                new Eui64(random.nextLong()),
                new Eui64(random.nextLong()),
                random.nextInt(0x1_0000));
    }

    private JoinAccept accept(int dlSettings) {
        return new JoinAccept(
                random.nextInt(0x100_0000),
                new NetId(random.nextInt(0x100_0000)),
                new DevAddr(random.nextInt()),
                new DlSettings(dlSettings),
                random.nextInt(16),
                random.nextBoolean() ? Optional.of(CfList.of(key().bytes())) : Optional.empty());
    }

    private static String hex(AesKey key) {
        return HexFormat.of().formatHex(key.bytes());
    }
}
