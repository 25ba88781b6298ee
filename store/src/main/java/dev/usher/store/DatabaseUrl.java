package dev.usher.store;

import static java.util.Objects.requireNonNull;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the database is.
 *
 * <p>Written as people know it: {@code
 * postgresql://user:password@host1:5432,host2/usher?sslmode=verify-full} (several hosts allowed:
 * the one that is primary is used), the same with {@code jdbc:} in front, or {@code
 * sqlite:/path/to/usher.db}. {@link #toString()} never shows a password.
 */
public final class DatabaseUrl {

    private static final Pattern POSTGRESQL =
            Pattern.compile(
                    "(?:jdbc:)?(?:postgres|postgresql)://(?:([^:@/?]*)(?::([^@/?]*))?@)?([^/?@]+)/([^/?@]+)(\\?.*)?");
    private static final Pattern SQLITE = Pattern.compile("(?:jdbc:)?sqlite:(.+)");

    private static final String JDBC_SQLITE = "jdbc:sqlite:";

    private final Engine engine;
    private final String jdbcUrl;
    private final Properties credentials;

    private DatabaseUrl(Engine engine, String jdbcUrl, Properties credentials) {
        this.engine = engine;
        this.jdbcUrl = jdbcUrl;
        this.credentials = credentials;
    }

    /** The embedded database in one file, made when it is first opened. */
    public static DatabaseUrl sqlite(Path file) {
        return new DatabaseUrl(
                Engine.SQLITE,
                JDBC_SQLITE + requireNonNull(file, "file").toAbsolutePath(),
                new Properties());
    }

    /**
     * Reads a database URL.
     *
     * @throws IllegalArgumentException if it is neither a PostgreSQL nor an SQLite URL; the message
     *     does not repeat it, as it may hold a password
     */
    public static DatabaseUrl parse(String url) {
        Matcher sqlite = SQLITE.matcher(requireNonNull(url, "url"));
        if (sqlite.matches()) {
            return sqlite(Path.of(sqlite.group(1)));
        }
        Matcher postgresql = POSTGRESQL.matcher(url);
        if (!postgresql.matches()) {
            throw new IllegalArgumentException(
                    "the database URL is not understood: write"
                            + " postgresql://USER:PASSWORD@HOST[:PORT][,HOST…]/DATABASE or"
                            + " sqlite:FILE");
        }
        Properties credentials = new Properties();
        put(credentials, "user", postgresql.group(1));
        put(credentials, "password", postgresql.group(2));
        String hosts = postgresql.group(3);
        String parameters = postgresql.group(5) == null ? "" : postgresql.group(5);
        if (hosts.contains(",") && !parameters.contains("targetServerType=")) {
            parameters += (parameters.isEmpty() ? "?" : "&") + "targetServerType=primary";
        }
        return new DatabaseUrl(
                Engine.POSTGRESQL,
                "jdbc:postgresql://" + hosts + "/" + postgresql.group(4) + parameters,
                credentials);
    }

    private static void put(
            Properties credentials,
            String name,
            @org.jspecify.annotations.Nullable String encoded) {
        if (encoded != null && !encoded.isEmpty()) {
            credentials.setProperty(
                    name, URLDecoder.decode(encoded.replace("+", "%2B"), StandardCharsets.UTF_8));
        }
    }

    public Engine engine() {
        return engine;
    }

    /** The embedded database's file. */
    Optional<Path> file() {
        return engine == Engine.SQLITE
                ? Optional.of(Path.of(jdbcUrl.substring(JDBC_SQLITE.length())))
                : Optional.empty();
    }

    String jdbcUrl() {
        return jdbcUrl;
    }

    Properties credentials() {
        Properties copy = new Properties();
        copy.putAll(credentials);
        return copy;
    }

    /**
     * Where the database is, for logs: without credentials and without parameters, which may hold
     * secrets.
     */
    @Override
    public String toString() {
        int parameters = jdbcUrl.indexOf('?');
        return (parameters < 0 ? jdbcUrl : jdbcUrl.substring(0, parameters))
                .substring("jdbc:".length());
    }
}
