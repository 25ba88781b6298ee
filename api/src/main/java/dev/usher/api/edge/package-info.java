/**
 * The edge: reads a whole HTTP/1.1 message, calls a plain blocking {@link
 * dev.usher.api.edge.Handler} on a virtual thread, and writes what it returns. A handler that need
 * not wait for some message begins on it on the event loop, and no thread is made. Vert.x and Netty
 * are known here and nowhere else.
 *
 * <p>Start with {@link dev.usher.api.edge.Edge}.
 */
@NullMarked
package dev.usher.api.edge;

import org.jspecify.annotations.NullMarked;
