package dev.usher.network.outlets;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * One event on its way to one outlet.
 *
 * @param id the same however often it is sent, and on whichever node
 * @param lane whose event it is: the EUI of a device or gateway; what is in one lane is delivered
 *     in order
 * @param type what happened, as {@link EventJson#type} names it
 * @param body the event in JSON
 * @param attempts how often it was refused already
 */
record Delivery(long seq, String id, String lane, String type, String body, int attempts) {

    Delivery {
        requireNonNull(id, "id");
        requireNonNull(lane, "lane");
        requireNonNull(type, "type");
        requireNonNull(body, "body");
    }

    /** What came of an attempt. */
    sealed interface Outcome {

        /** It has arrived. */
        record Arrived() implements Outcome {}

        /** The other side did not want this one; it is tried again later, others go on. */
        record Refused(String why) implements Outcome {
            public Refused {
                requireNonNull(why, "why");
            }
        }

        /**
         * The other side is not there for anything just now.
         *
         * @param retryAfterSeconds when it wants to be asked again, if it has said so
         */
        record Away(String why, Optional<Long> retryAfterSeconds) implements Outcome {
            public Away {
                requireNonNull(why, "why");
                requireNonNull(retryAfterSeconds, "retryAfterSeconds");
            }
        }

        /** The other side wants nothing any more. */
        record Gone(String why) implements Outcome {
            public Gone {
                requireNonNull(why, "why");
            }
        }
    }

    /** Who can see the payload of a device sees it in the body alone. */
    @Override
    public String toString() {
        return "Delivery[%d, %s, %s, %s]".formatted(seq, id, lane, type);
    }
}
