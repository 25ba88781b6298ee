package dev.usher.interop;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Printable;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** No answer that counts; the message is a sentence that begins with the Join Server. */
final class NoAnswerException extends Exception {

    private static final long serialVersionUID = 1L;

    private final boolean ofConnection;

    private NoAnswerException(String how, boolean ofConnection, @Nullable Throwable cause) {
        super(how, cause);
        this.ofConnection = ofConnection;
    }

    NoAnswerException(String how) {
        this(how, false, null);
    }

    /** The connection failed before an answer began, so that another one may do. */
    static NoAnswerException ofConnection(IOException e) {
        if (e instanceof HttpConnectTimeoutException) {
            return new NoAnswerException("did not take a connection in time", false, e);
        }
        if (has(e, UnresolvedAddressException.class)) {
            return new NoAnswerException("has a name that DNS does not know", false, e);
        }
        if (has(e, SSLException.class)) {
            return new NoAnswerException(
                    "cannot be trusted by TLS (" + innermost(e) + ")", false, e);
        }
        return e instanceof ConnectException
                ? new NoAnswerException("takes no connections", true, e)
                : new NoAnswerException("broke the connection off", true, e);
    }

    /** The answer had begun. */
    static NoAnswerException ofAnswer(IOException e) {
        return new NoAnswerException(
                "sent an answer that cannot be read (" + innermost(e) + ")", false, e);
    }

    static NoAnswerException late(Duration total) {
        return new NoAnswerException("did not answer within " + shown(total));
    }

    static String shown(Duration duration) {
        return duration.toMillis() % 1000 == 0
                ? duration.toSeconds() + " s"
                : duration.toMillis() + " ms";
    }

    /** Whether another connection may do. */
    boolean isOfConnection() {
        return ofConnection;
    }

    /** The message, which is always there. */
    String how() {
        return requireNonNull(getMessage(), "message");
    }

    private static boolean has(Throwable e, Class<? extends Throwable> type) {
        for (@Nullable Throwable each = e; each != null; each = each.getCause()) {
            if (type.isInstance(each)) {
                return true;
            }
        }
        return false;
    }

    private static String innermost(Throwable e) {
        Throwable innermost = e;
        for (@Nullable Throwable each = e; each != null; each = each.getCause()) {
            innermost = each;
        }
        String message = innermost.getMessage();
        return Printable.of(message == null ? innermost.getClass().getSimpleName() : message);
    }
}
