package dev.usher.simulator;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.usher.lorawan.Printable;
import dev.usher.station.CredentialFiles;
import dev.usher.station.MalformedMessageException;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/**
 * How station keeps its configuration ({@code sys.c:54-478}): which files there are, how a new set
 * replaces the regular one, and how the backup set comes to be.
 */
final class ConfigFiles {

    /** Longer URIs are taken for absent. */
    private static final int LONGEST_URI = 127;

    private static final String STAGED = "-temp";
    private static final List<String> EXTENSIONS = List.of(".trust", ".crt", ".key", ".uri");
    private static final byte[] EMPTY = {};

    private final Home home;
    private final Set<Peer> pending = EnumSet.noneOf(Peer.class);

    ConfigFiles(Home home) {
        this.home = home;
    }

    Optional<String> uri(Peer peer, CredentialSet set) {
        return text(peer.prefix() + set.suffix() + ".uri")
                .filter(uri -> uri.length() <= LONGEST_URI);
    }

    /** The files of a set; an absent one counts as empty. */
    CredentialFiles credentials(Peer peer, CredentialSet set) {
        String name = peer.prefix() + set.suffix();
        return new CredentialFiles(read(name + ".trust"), read(name + ".crt"), read(name + ".key"));
    }

    Optional<String> version() {
        return text("version.txt");
    }

    void setVersion(String version) {
        home.write("version.txt", (version + "\n").getBytes(UTF_8));
    }

    /** The keys {@code sig-0.key}, {@code sig-1.key} and so on, up to the first that is missing. */
    List<byte[]> signatureKeys() {
        return Stream.iterate(0, n -> n + 1)
                .map(n -> home.read("sig-" + n + ".key"))
                .takeWhile(Optional::isPresent)
                .flatMap(Optional::stream)
                .toList();
    }

    /** What station reports of its signature keys; a CRC of 0 ends the list. */
    List<Integer> signatureKeyCrcs() {
        return signatureKeys().stream().map(ConfigFiles::crc).takeWhile(crc -> crc != 0).toList();
    }

    private static int crc(byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    private Optional<String> text(String name) {
        return home.read(name).map(ConfigFiles::text);
    }

    /** A C string without white space at its end. */
    private static String text(byte[] bytes) {
        String text = new String(bytes, UTF_8);
        int end = text.indexOf('\0');
        end = end < 0 ? text.length() : end;
        while (end > 0 && " \t\r\n".indexOf(text.charAt(end - 1)) >= 0) {
            end--;
        }
        return text.substring(0, end);
    }

    private byte[] read(String name) {
        return home.read(name).orElse(EMPTY);
    }

    /** Forgets what an earlier session left half done. */
    void beginUpdate() {
        pending.clear();
        for (Peer peer : Peer.values()) {
            home.delete(upd(peer));
            EXTENSIONS.forEach(extension -> home.delete(peer.prefix() + STAGED + extension));
        }
    }

    void stageUri(Peer peer, String uri) {
        home.write(peer.prefix() + STAGED + ".uri", uri.getBytes(ISO_8859_1));
        pending.add(peer);
    }

    /** Returns whether station could read the blob; it goes on as if nothing was wrong if not. */
    boolean stageCredentials(Peer peer, byte[] blob) {
        pending.add(peer);
        try {
            CredentialFiles files = CredentialFiles.split(blob);
            home.write(peer.prefix() + STAGED + ".trust", files.trust());
            home.write(peer.prefix() + STAGED + ".crt", files.certificate());
            home.write(peer.prefix() + STAGED + ".key", files.key());
            return true;
        } catch (
                @SuppressWarnings("unused")
                MalformedMessageException ignored) {
            return false;
        }
    }

    /** Makes what is staged the regular set, of each server separately. */
    void commitUpdate() {
        for (Peer peer : pending) {
            home.write(upd(peer), EMPTY);
            rollForward(peer);
        }
        pending.clear();
    }

    private void rollForward(Peer peer) {
        for (String extension : EXTENSIONS) {
            String staged = peer.prefix() + STAGED + extension;
            if (home.read(staged).isPresent()) {
                home.rename(staged, peer.prefix() + extension);
            }
        }
        home.delete(upd(peer));
    }

    /** Copies the regular set to the backup set, the first time only. */
    void backUp(Peer peer) {
        if (home.read(done(peer)).isPresent()) {
            return;
        }
        home.write(cpy(peer), EMPTY);
        for (String extension : EXTENSIONS) {
            home.delete(peer.prefix() + CredentialSet.BACKUP.suffix() + extension);
            home.read(peer.prefix() + extension)
                    .ifPresent(
                            content ->
                                    home.write(
                                            peer.prefix()
                                                    + CredentialSet.BACKUP.suffix()
                                                    + extension,
                                            content));
        }
        home.write(done(peer), EMPTY);
        home.delete(cpy(peer));
    }

    /** Completes what a power cut interrupted. */
    void recover() {
        for (Peer peer : Peer.values()) {
            if (home.read(upd(peer)).isPresent()) {
                rollForward(peer);
            }
            if (home.read(cpy(peer)).isPresent()) {
                home.delete(done(peer));
                backUp(peer);
            }
        }
    }

    /**
     * Why station refuses to start: a malformed URI in any set, or none at all ({@code
     * sys.c:277-310}).
     */
    Optional<String> reasonNotToStart() {
        int uris = 0;
        for (Peer peer : Peer.values()) {
            for (CredentialSet set : CredentialSet.values()) {
                Optional<String> uri = uri(peer, set);
                if (uri.isPresent() && Address.parse(uri.get(), peer.scheme()).isEmpty()) {
                    return Optional.of(
                            "%s%s.uri: misconfigured URI '%s'"
                                    .formatted(
                                            peer.prefix(), set.suffix(), Printable.of(uri.get())));
                }
                uris += uri.isPresent() ? 1 : 0;
            }
        }
        return uris > 0 ? Optional.empty() : Optional.of("no server URIs configured");
    }

    /** Marks that a staged set is to replace the regular one. */
    private static String upd(Peer peer) {
        return peer.prefix() + "-temp.upd";
    }

    /** Marks that the regular set is being copied. */
    private static String cpy(Peer peer) {
        return peer.prefix() + "-temp.cpy";
    }

    /** Marks that the copy is valid. */
    private static String done(Peer peer) {
        return peer.prefix() + "-bak.done";
    }
}
