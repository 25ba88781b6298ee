package dev.usher.network.outlets;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Printable;
import dev.usher.network.cups.DialGuard;
import dev.usher.network.cups.DialRefusedException;
import dev.usher.network.traffic.TrafficEvent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocketFactory;

/** Posts events to a URL, signed. */
final class WebhookOutlet implements Outlet, AutoCloseable {

    /** For a connection, and for an answer. */
    private static final Duration TIME = Duration.ofSeconds(10);

    private final Webhooks webhooks;
    private final Webhooks.Active active;
    private final Audience audience;
    private final Dial dial;
    private final InstantSource clock;
    private final Deque<HttpConnection> idle = new ConcurrentLinkedDeque<>();

    /**
     * How URLs are reached.
     *
     * @param guard what may be dialled
     */
    record Dial(DialGuard guard, SSLSocketFactory tls) {

        Dial {
            requireNonNull(guard, "guard");
            requireNonNull(tls, "tls");
        }

        /**
         * Where the server may be dialled.
         *
         * @throws IOException if it may not be, as {@link DialGuard#vet}
         */
        List<InetSocketAddress> addresses(URI url) throws IOException {
            int port = HttpConnection.port(url);
            return url.getScheme().equals("https")
                    ? guard.vet(url.getHost(), port)
                    : guard.vetInClear(url.getHost(), port);
        }

        private HttpConnection open(URI url) throws IOException {
            List<InetSocketAddress> addresses;
            try {
                addresses = addresses(url);
            } catch (DialRefusedException e) {
                throw e;
            } catch (IOException e) {
                throw new IOException("the server " + e.getMessage(), e);
            }
            return HttpConnection.open(url, addresses, tls, TIME);
        }
    }

    WebhookOutlet(
            Webhooks webhooks,
            Webhooks.Active active,
            Audience audience,
            Dial dial,
            InstantSource clock) {
        this.webhooks = requireNonNull(webhooks, "webhooks");
        this.active = requireNonNull(active, "active");
        this.audience = requireNonNull(audience, "audience");
        this.dial = requireNonNull(dial, "dial");
        this.clock = requireNonNull(clock, "clock");
    }

    /** Whether it is still as it was when this was made. */
    boolean is(Webhooks.Active now) {
        return active.equals(now);
    }

    @Override
    public String name() {
        return active.webhook().id().outlet();
    }

    @Override
    public Optional<TrafficEvent> share(TrafficEvent event) {
        var types = active.webhook().settings().types();
        return types.isEmpty() || types.contains(EventJson.type(event))
                ? audience.share(event)
                : Optional.empty();
    }

    @Override
    public Delivery.Outcome deliver(Delivery delivery) {
        HttpConnection.Answer answer;
        try {
            answer = post(delivery.id(), delivery.type(), delivery.body().getBytes(UTF_8));
        } catch (IOException e) {
            return new Delivery.Outcome.Away(said(e), Optional.empty());
        }
        return outcome(answer);
    }

    private static Delivery.Outcome outcome(HttpConnection.Answer answer) {
        int status = answer.status();
        String why = "it answers with status " + status;
        if (status / 100 == 2) {
            return new Delivery.Outcome.Arrived();
        }
        if (status == 410) {
            return new Delivery.Outcome.Gone(why);
        }
        return status >= 500 || status == 429 || status == 408
                ? new Delivery.Outcome.Away(
                        why,
                        answer.header("retry-after")
                                .filter(seconds -> seconds.matches("[0-9]{1,6}"))
                                .map(Long::parseLong))
                : new Delivery.Outcome.Refused(why);
    }

    /** Says why in one sentence what Java says in many ways. */
    private static String said(IOException e) {
        return switch (e) {
            case SocketTimeoutException _ ->
                    "it does not answer within " + TIME.toSeconds() + " seconds";
            case SSLException _ ->
                    "the TLS connection fails: " + Printable.of(String.valueOf(e.getMessage()));
            case DialRefusedException _ -> "the server " + e.getMessage();
            default -> Printable.of(String.valueOf(e.getMessage()));
        };
    }

    private HttpConnection.Answer post(String id, String type, byte[] body) throws IOException {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Content-Type", "application/json; charset=utf-8");
        headers.put("User-Agent", "usher");
        headers.put("Usher-Event", type);
        headers.put("Usher-Delivery", id);
        headers.put("Usher-Webhook", active.webhook().id().value());
        headers.put(
                WebhookSignature.HEADER,
                WebhookSignature.of(active.secrets(), clock.instant(), body));
        URI url = active.webhook().settings().url();
        HttpConnection kept = idle.pollFirst();
        if (kept != null) {
            try {
                return post(kept, headers, body);
            } catch (IOException e) {
                // It had gone meanwhile. Whether the other side saw the request does not matter:
                // it knows the delivery by its ID.
            }
        }
        return post(dial.open(url), headers, body);
    }

    private HttpConnection.Answer post(
            HttpConnection connection, Map<String, String> headers, byte[] body)
            throws IOException {
        HttpConnection.Answer answer = connection.post(headers, body, TIME);
        if (connection.isOpen()) {
            idle.addFirst(connection);
        }
        return answer;
    }

    /** Posts a try at once, past the outbox. */
    TrialDelivery test(String id) {
        String body =
                "{\"type\":\"test\",\"at\":\"" + clock.instant() + "\",\"id\":\"" + id + "\"}";
        long began = System.nanoTime();
        Optional<Integer> status = Optional.empty();
        Optional<String> error;
        try {
            HttpConnection.Answer answer = post(id, "test", body.getBytes(UTF_8));
            status = Optional.of(answer.status());
            error =
                    answer.status() / 100 == 2
                            ? Optional.empty()
                            : Optional.of("it answers with status " + answer.status());
        } catch (IOException e) {
            error = Optional.of(said(e));
        }
        return new TrialDelivery(
                id, status, error, Duration.ofNanos(System.nanoTime() - began).toMillis());
    }

    @Override
    public void end() {
        webhooks.disable(active.webhook().id());
    }

    @Override
    public void close() {
        HttpConnection connection = idle.pollFirst();
        while (connection != null) {
            connection.close();
            connection = idle.pollFirst();
        }
    }
}
