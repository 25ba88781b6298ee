package dev.usher.interop;

import static java.util.Comparator.comparingDouble;
import static java.util.Comparator.comparingInt;
import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.joining;

import dev.usher.interop.DnsQuestions.DnsException;
import dev.usher.interop.JoinServerConfig.Address;
import dev.usher.interop.JoinServerConfig.Lookup;
import dev.usher.interop.JoinServerConfig.Scheme;
import dev.usher.lorawan.Eui64;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the Join Server of a JoinEUI in DNS (1.0 specification section 19): just as the host of
 * that name, or by NAPTR and SRV records. Of the NAPTR flags, S, A, P and none are understood;
 * records with others (U) and for other services are passed over.
 */
final class JoinEuiDns {

    /** A host, and the port it is asked at. */
    record HostPort(String host, int port) {
        HostPort {
            requireNonNull(host, "host");
        }
    }

    private static final int LONGEST_CHAIN = 3;

    /** Order, preference, flags, service, regular expression, replacement. */
    private static final Pattern NAPTR =
            Pattern.compile(
                    "([0-9]{1,5}) ([0-9]{1,5}) ([A-Za-z0-9]+|\"\") (\\S+)"
                            + " (?:\"(?:\\\\.|[^\"\\\\])*\"|[^\\s\"]+) (\\S+)");

    /** Priority, weight, port, target. */
    private static final Pattern SRV =
            Pattern.compile("([0-9]{1,5}) ([0-9]{1,5}) ([0-9]{1,5}) (\\S+)");

    private final Address.InDns config;
    private final String service;
    private final int port;
    private final RandomGenerator random;

    /**
     * @param scheme decides which service is looked for: LWNS is HTTPS, LWN is HTTP
     * @param port where hosts are asked that come without one
     */
    JoinEuiDns(Address.InDns config, Scheme scheme, int port, RandomGenerator random) {
        this.config = requireNonNull(config, "config");
        this.service = scheme == Scheme.HTTPS ? "LWNS" : "LWN";
        this.port = port;
        this.random = requireNonNull(random, "random");
    }

    /** The hex digits of the JoinEUI, the last one first, with dots, and the suffix. */
    static String name(Eui64 joinEui, String suffix) {
        String digits = joinEui.toString().toLowerCase(Locale.ROOT);
        return new StringBuilder(digits)
                        .reverse()
                        .chars()
                        .mapToObj(Character::toString)
                        .collect(joining("."))
                + "."
                + suffix;
    }

    /**
     * The hosts of a Join Server, the best first.
     *
     * @return none if DNS knows no Join Server for it
     */
    List<HostPort> locate(Eui64 joinEui, Deadline deadline) throws DnsException {
        String name = name(joinEui, config.suffix());
        if (config.lookup() == Lookup.HOST) {
            return exists(name) ? List.of(new HostPort(name, port)) : List.of();
        }
        try (DnsQuestions questions = new DnsQuestions(config.servers(), deadline)) {
            return byNaptr(questions, name, LONGEST_CHAIN);
        }
    }

    private static boolean exists(String host) {
        try {
            return InetAddress.getAllByName(host).length > 0;
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private List<HostPort> byNaptr(DnsQuestions questions, String name, int longestChain)
            throws DnsException {
        for (Naptr record : naptrs(questions, name)) {
            List<HostPort> found =
                    switch (record.flags()) {
                        case "S" -> bySrv(questions, record.replacement());
                        case "A" -> List.of(new HostPort(record.replacement(), port));
                        case "", "P" ->
                                longestChain > 1
                                        ? byNaptr(questions, record.replacement(), longestChain - 1)
                                        : List.of();
                        default -> List.of();
                    };
            if (!found.isEmpty()) {
                return found;
            }
        }
        return List.of();
    }

    /** In the order they are tried; those that are equal share the load. */
    private List<Naptr> naptrs(DnsQuestions questions, String name) throws DnsException {
        List<Naptr> records = new ArrayList<>();
        for (String text : questions.ask(name, "NAPTR")) {
            Naptr.parse(text)
                    .filter(record -> record.service().equals(service))
                    .filter(record -> DnsQuestions.isName(record.replacement()))
                    .ifPresent(records::add);
        }
        Collections.shuffle(records, random);
        records.sort(comparingInt(Naptr::order).thenComparingInt(Naptr::preference));
        return records;
    }

    private List<HostPort> bySrv(DnsQuestions questions, String name) throws DnsException {
        List<Srv> records = new ArrayList<>();
        for (String text : questions.ask(name, "SRV")) {
            Srv.parse(text, random)
                    .filter(record -> DnsQuestions.isName(record.target()))
                    .ifPresent(records::add);
        }
        records.sort(comparingInt(Srv::priority).thenComparing(comparingDouble(Srv::turn)));
        return records.stream()
                .map(record -> new HostPort(record.target(), record.port()))
                .toList();
    }

    /** RFC 3403. */
    private record Naptr(
            int order, int preference, String flags, String service, String replacement) {

        static Optional<Naptr> parse(String text) {
            Matcher fields = NAPTR.matcher(text);
            return fields.matches()
                    ? Optional.of(
                            new Naptr(
                                    Integer.parseInt(fields.group(1)),
                                    Integer.parseInt(fields.group(2)),
                                    fields.group(3).replace("\"\"", "").toUpperCase(Locale.ROOT),
                                    fields.group(4).toUpperCase(Locale.ROOT),
                                    withoutDot(fields.group(5))))
                    : Optional.empty();
        }
    }

    /**
     * RFC 2782.
     *
     * @param turn a number by chance: the heavier the record, the smaller it tends to be
     */
    private record Srv(int priority, double turn, int port, String target) {

        static Optional<Srv> parse(String text, RandomGenerator random) {
            Matcher fields = SRV.matcher(text);
            if (!fields.matches()) {
                return Optional.empty();
            }
            double weight = Math.max(0.01, Integer.parseInt(fields.group(2)));
            return Optional.of(
                    new Srv(
                            Integer.parseInt(fields.group(1)),
                            random.nextExponential() / weight,
                            Integer.parseInt(fields.group(3)),
                            withoutDot(fields.group(4))));
        }
    }

    private static String withoutDot(String name) {
        return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }
}
