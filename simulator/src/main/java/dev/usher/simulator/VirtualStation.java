package dev.usher.simulator;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.Printable;
import dev.usher.simulator.CupsOutcome.Result;
import dev.usher.simulator.CupsOutcome.Segment;
import dev.usher.simulator.CupsOutcome.Update;
import dev.usher.station.CredentialFiles;
import dev.usher.station.FirmwareSignature;
import dev.usher.station.SignatureKey;
import dev.usher.station.UpdateInfoRequest;
import dev.usher.station.UpdateInfoResponse.Decoded;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A gateway as its CUPS server sees it, as strict as LoRa Basics Station 2.0.6.
 *
 * <p>Its files lie in a {@link Home}: put {@code cups.uri} (or {@code cups-boot.uri}) there, and
 * {@code .trust}, {@code .crt} and {@code .key} beside it, as the factory does. Then every {@link
 * #checkIn} is one contact with CUPS, and {@link #run} makes them one after the other.
 *
 * <pre>
 *  Home home = Home.inMemory();
 *  home.write("cups.uri", "https://localhost:9191".getBytes(US_ASCII));
 *  home.write("cups.trust", trust);
 *  home.write("cups.key", "Authorization: secret\r\n".getBytes(US_ASCII));
 *  VirtualStation station = new VirtualStation(Eui64.parse("58A0CBFFFE800BE7"), home);
 *  CupsOutcome outcome = station.checkIn();
 * </pre>
 *
 * <p>One thread at a time may use a station. By itself it speaks no LNS protocol: whoever plays the
 * LNS says by {@link #setLnsConnected} whether the gateway is connected, as that decides when it
 * asks CUPS again. A {@link RunningStation} does both.
 */
public final class VirtualStation {

    /** Rotation begins with the failure after this many and one more ({@code cups.c:42}). */
    private static final int TOLERATED_FAILURES = 6;

    /** How long station tries an LNS before it asks CUPS again ({@code tc.c:342-386}). */
    private static final Duration LNS_RETRIES = Duration.ofSeconds(390);

    private static final String UPDATE_FILE = "update.bin";

    private final Eui64 eui;
    private final Home home;
    private final Settings settings;
    private final StationListener listener;
    private final ConfigFiles files;

    private CredentialSet set = CredentialSet.REGULAR;
    private int failures;
    private boolean started;
    private volatile boolean lnsConnected;
    private Optional<Known> known = Optional.empty();

    /** Credentials that have been read already; most contacts use the same as the one before. */
    private record Known(CredentialFiles files, Tls tls) {}

    /** A gateway with the settings station comes with. */
    public VirtualStation(Eui64 eui, Home home) {
        this(eui, home, Settings.DEFAULT, StationListener.NONE);
    }

    public VirtualStation(Eui64 eui, Home home, Settings settings, StationListener listener) {
        this.eui = requireNonNull(eui, "eui");
        this.home = requireNonNull(home, "home");
        this.settings = requireNonNull(settings, "settings");
        this.listener = requireNonNull(listener, "listener");
        this.files = new ConfigFiles(home);
    }

    public Eui64 eui() {
        return eui;
    }

    public Home home() {
        return home;
    }

    /**
     * Stops and starts station, as after a power cut: interrupted changes of its files are
     * completed, an update that did not remove itself runs again without being verified, and a
     * malformed URI keeps it from starting.
     *
     * @return whether it runs
     */
    public boolean restart() {
        set = CredentialSet.REGULAR;
        failures = 0;
        lnsConnected = false;
        return start();
    }

    private boolean start() {
        files.recover();
        Optional<String> reason = files.reasonNotToStart();
        started = reason.isEmpty();
        reason.ifPresent(why -> listener.on(this, new StationEvent.Bricked(why)));
        if (started) {
            home.read(UPDATE_FILE).ifPresent(this::runUpdate);
        }
        return started;
    }

    /** Whether a restart would fail, or has failed, because of a URI in its files. */
    public boolean isBricked() {
        return files.reasonNotToStart().isPresent();
    }

    /** The set the next contact is made with. */
    public CredentialSet credentialSet() {
        return set;
    }

    /** The LNS it knows, as it stands in {@code tc.uri}. */
    public Optional<String> lnsUri() {
        return files.uri(Peer.LNS, CredentialSet.REGULAR);
    }

    /** The CUPS it asks first, as it stands in {@code cups.uri}. */
    public Optional<String> cupsUri() {
        return files.uri(Peer.CUPS, CredentialSet.REGULAR);
    }

    /** The package version it runs, as it stands in {@code version.txt}. */
    public Optional<String> packageVersion() {
        return files.version();
    }

    /** Whether it could try to connect to its LNS: a URI it can use, and credentials that fit. */
    public boolean hasLnsCredentials() {
        Optional<Address> address = lnsUri().flatMap(uri -> Address.parse(uri, Peer.LNS.scheme()));
        if (address.isEmpty() || !address.get().tls()) {
            return address.isPresent();
        }
        try {
            Tls.of(files.credentials(Peer.LNS, CredentialSet.REGULAR));
            return true;
        } catch (
                @SuppressWarnings("unused")
                ContactFailure e) {
            return false;
        }
    }

    /**
     * Says whether it is connected to its LNS. While it is, it asks CUPS once in {@link
     * Settings#okSync} whatever happens; new LNS data disconnects it.
     */
    public void setLnsConnected(boolean connected) {
        lnsConnected = connected;
        if (connected) {
            files.backUp(Peer.LNS);
        }
    }

    /** Whether it is connected to its LNS. */
    public boolean isLnsConnected() {
        return lnsConnected;
    }

    /** Its credentials for the LNS. */
    CredentialFiles lnsCredentials() {
        return files.credentials(Peer.LNS, CredentialSet.REGULAR);
    }

    /** Whether any set has a CUPS server to ask. */
    boolean hasCups() {
        return Arrays.stream(CredentialSet.values())
                .anyMatch(each -> files.uri(Peer.CUPS, each).isPresent());
    }

    Settings settings() {
        return settings;
    }

    /** Tells its listener. */
    void tell(StationEvent event) {
        listener.on(this, event);
    }

    /** What it would say of itself now. */
    public UpdateInfoRequest request() {
        return new UpdateInfoRequest(
                eui,
                files.uri(Peer.CUPS, CredentialSet.REGULAR),
                files.uri(Peer.LNS, CredentialSet.REGULAR),
                files.credentials(Peer.CUPS, CredentialSet.REGULAR).crc(),
                files.credentials(Peer.LNS, CredentialSet.REGULAR).crc(),
                Optional.of(settings.station()),
                Optional.of(settings.model()),
                files.version(),
                files.signatureKeyCrcs());
    }

    /** How {@link #run} waits; a test counts instead. */
    @FunctionalInterface
    public interface Pause {

        void pause(Duration duration) throws InterruptedException;
    }

    /**
     * Contacts CUPS again and again, as station does, until the pause is interrupted or station
     * does not start any more.
     */
    public void run(Pause pause) throws InterruptedException {
        CupsOutcome outcome = checkIn();
        while (outcome.result() != Result.NOT_RUNNING) {
            pause.pause(outcome.next());
            outcome = checkIn();
        }
    }

    /** Contacts CUPS once, and acts on the answer. Starts station if it does not run yet. */
    public CupsOutcome checkIn() {
        CupsContact contact = new CupsContact(files, set, settings.timeout());
        if (!started && !start()) {
            String reason = files.reasonNotToStart().orElse("");
            return outcome(Result.NOT_RUNNING, contact, Optional.empty(), Update.NONE, reason);
        }
        Optional<String> uri = files.uri(Peer.CUPS, set);
        if (uri.isEmpty()) {
            String reason = "no CUPS" + set.suffix() + " URI configured";
            return fail(Result.NO_URI, contact, uri, reason);
        }
        listener.on(this, new StationEvent.Connecting(set, uri.get(), failures + 1));
        try {
            Address address = CupsContact.address(uri.get());
            Optional<Tls> tls = address.tls() ? Optional.of(tls()) : Optional.empty();
            contact.run(address, tls, request());
        } catch (ContactFailure e) {
            return fail(Result.FAILED, contact, uri, e.reason());
        }
        return contact.answer().isPresent()
                ? succeed(contact, uri, contact.answer().get())
                : fail(Result.REJECTED, contact, uri, "HTTP status " + contact.status());
    }

    private Tls tls() throws ContactFailure {
        CredentialFiles credentials = files.credentials(Peer.CUPS, set);
        if (known.isEmpty() || !known.get().files.equals(credentials)) {
            known = Optional.of(new Known(credentials, Tls.of(credentials)));
        }
        return known.get().tls;
    }

    private CupsOutcome fail(
            Result result, CupsContact contact, Optional<String> uri, String reason) {
        CupsOutcome outcome = outcome(result, contact, uri, Update.NONE, reason);
        if (failures > TOLERATED_FAILURES || result != Result.FAILED) {
            set = set.next();
        }
        failures++;
        listener.on(this, new StationEvent.CheckedIn(outcome));
        return outcome;
    }

    private CupsOutcome succeed(CupsContact contact, Optional<String> uri, Decoded answer) {
        Update update = answer.updateLength() == 0 ? Update.NONE : take(answer);
        if (contact.received().contains(Segment.TC_URI)
                || contact.received().contains(Segment.TC_CREDENTIALS)) {
            lnsConnected = false;
        }
        CupsOutcome outcome = outcome(Result.DONE, contact, uri, update, "");
        set = CredentialSet.REGULAR;
        failures = 0;
        listener.on(this, new StationEvent.CheckedIn(outcome));
        return outcome;
    }

    private CupsOutcome outcome(
            Result result,
            CupsContact contact,
            Optional<String> uri,
            Update update,
            String detail) {
        boolean soon =
                result != Result.DONE
                        || contact.received().contains(Segment.CUPS_URI)
                        || contact.received().contains(Segment.CUPS_CREDENTIALS);
        return new CupsOutcome(
                result,
                set,
                uri,
                contact.status(),
                contact.received(),
                contact.ignored(),
                update,
                detail,
                next(soon));
    }

    /** {@code cups.c:99-182} for CUPS itself, {@code tc.c:342-350} for an LNS that is not there. */
    private Duration next(boolean soon) {
        if (lnsConnected) {
            return settings.okSync();
        }
        if (soon || !hasLnsCredentials()) {
            return settings.resync();
        }
        Duration lnsGivesUp = LNS_RETRIES.plus(settings.resync());
        return lnsGivesUp.compareTo(settings.okSync()) < 0 ? lnsGivesUp : settings.okSync();
    }

    /** Runs or refuses an update ({@code cups.c:62-97, 124-150}). */
    private Update take(Decoded answer) {
        byte[] update = answer.update();
        home.write(UPDATE_FILE, update);
        List<byte[]> keys = files.signatureKeys();
        boolean accepted =
                answer.signature().length == 0
                        ? keys.isEmpty()
                        : keys.stream().anyMatch(key -> verifies(answer, key, update));
        if (!accepted) {
            home.delete(UPDATE_FILE);
            return Update.REFUSED;
        }
        runUpdate(update);
        return Update.RAN;
    }

    private static boolean verifies(Decoded answer, byte[] key, byte[] update) {
        try {
            byte[] sha512 = MessageDigest.getInstance("SHA-512").digest(update);
            return new FirmwareSignature(answer.keyCrc(), answer.signature())
                    .verifies(new SignatureKey(key), sha512);
        } catch (
                @SuppressWarnings("unused")
                IllegalArgumentException notOne) {
            return false;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private void runUpdate(byte[] update) {
        settings.firmware().run(update).ifPresent(this::updated);
    }

    private void updated(String version) {
        files.setVersion(version);
        listener.on(this, new StationEvent.Updated(version));
    }

    /** Its EUI, and where its next contact goes. */
    @Override
    public String toString() {
        return "VirtualStation["
                + eui
                + ", "
                + files.uri(Peer.CUPS, set).map(Printable::of).orElse("no CUPS URI")
                + "]";
    }
}
