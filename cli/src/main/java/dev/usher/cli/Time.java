package dev.usher.cli;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** A point in time as people write it: RFC 3339, without a zone UTC, or a date for its start. */
record Time(Instant instant) {

    private static final DateTimeFormatter OWNER_API =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    static Time parse(String text) {
        String time = text.strip();
        try {
            if (time.length() == "2026-11-21".length()) {
                return new Time(LocalDate.parse(time).atStartOfDay().toInstant(ZoneOffset.UTC));
            }
            return new Time(
                    time.matches(".*(Z|z|[+-]\\d\\d:?\\d\\d)")
                            ? OffsetDateTime.parse(time).toInstant()
                            : LocalDateTime.parse(time).toInstant(ZoneOffset.UTC));
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "'"
                            + Terminal.visible(text)
                            + "' is not a time: write it like 2026-11-21T10:00:00Z",
                    e);
        }
    }

    /** The form of the Owner API: UTC, microseconds, no zone. */
    String withoutZone() {
        return OWNER_API.format(instant);
    }

    @Override
    public String toString() {
        return instant.toString();
    }
}
