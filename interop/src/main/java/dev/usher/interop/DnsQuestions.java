package dev.usher.interop;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.Hashtable;
import java.util.List;
import java.util.regex.Pattern;
import javax.naming.Context;
import javax.naming.NameNotFoundException;
import javax.naming.NamingEnumeration;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.directory.DirContext;
import javax.naming.directory.InitialDirContext;
import org.jspecify.annotations.Nullable;

/**
 * What one look-up asks DNS. Whatever the answers are, only so many questions are asked and so many
 * records looked at, and none after the deadline.
 */
final class DnsQuestions implements AutoCloseable {

    /** DNS cannot be asked; the message says why, as the end of a sentence. */
    static final class DnsException extends Exception {

        private static final long serialVersionUID = 1L;

        DnsException(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    private static final int MOST_QUESTIONS = 8;
    private static final int MOST_RECORDS = 16;

    // Doubled for each retry: 1.5 s in all.
    private static final String FIRST_WAIT_MILLIS = "500";
    private static final String RETRIES = "1";

    private static final Pattern NAME =
            Pattern.compile("(?=.{1,253}$)[A-Za-z0-9_-]{1,63}(\\.[A-Za-z0-9_-]{1,63})*");

    private final DirContext dns;
    private final Deadline deadline;
    private int asked;

    /**
     * @param servers addresses, with a port or without; those of the system if there are none
     */
    @SuppressWarnings("JdkObsolete") // JNDI takes nothing else than a Hashtable
    DnsQuestions(List<String> servers, Deadline deadline) throws DnsException {
        this.deadline = requireNonNull(deadline, "deadline");
        Hashtable<String, String> environment = new Hashtable<>();
        environment.put(Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.dns.DnsContextFactory");
        environment.put(
                Context.PROVIDER_URL,
                servers.isEmpty()
                        ? "dns:"
                        : servers.stream().map(server -> "dns://" + server).collect(joining(" ")));
        environment.put("com.sun.jndi.dns.timeout.initial", FIRST_WAIT_MILLIS);
        environment.put("com.sun.jndi.dns.timeout.retries", RETRIES);
        try {
            this.dns = new InitialDirContext(environment);
        } catch (NamingException e) {
            throw new DnsException("no DNS server can be asked", e);
        }
    }

    /** Whether this can be asked for; DNS itself allows any octet in a name. */
    static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }

    /** The records of a name as text; none if there is no such name. */
    @SuppressWarnings("BanJNDI") // attributes of DNS are text: nothing is made into an object
    List<String> ask(String name, String type) throws DnsException {
        if (++asked > MOST_QUESTIONS) {
            throw new DnsException("DNS leads on and on, at last to " + name, null);
        }
        if (deadline.isOver()) {
            throw new DnsException("DNS did not answer in time", null);
        }
        List<String> records = new ArrayList<>();
        try {
            Attribute attribute = dns.getAttributes(name, new String[] {type}).get(type);
            if (attribute != null) {
                NamingEnumeration<?> values = attribute.getAll();
                while (values.hasMore() && records.size() < MOST_RECORDS) {
                    records.add(String.valueOf(values.next()));
                }
            }
        } catch (NameNotFoundException e) {
            return List.of();
        } catch (NamingException e) {
            throw new DnsException("DNS does not answer for " + name, e);
        }
        return records;
    }

    @Override
    public void close() throws DnsException {
        try {
            dns.close();
        } catch (NamingException e) {
            throw new DnsException("the DNS client cannot be closed", e);
        }
    }
}
