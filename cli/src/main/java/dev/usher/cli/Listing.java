package dev.usher.cli;

import tools.jackson.databind.JsonNode;

/**
 * Results of one kind, printed as they come. Closed without {@link #finish}, it ends what it has
 * begun to print, and prints nothing if it has not begun: then only the error is to be seen.
 */
interface Listing extends AutoCloseable {

    void add(JsonNode item);

    /** There are no more, and none may have been. */
    void finish();

    @Override
    void close();
}
