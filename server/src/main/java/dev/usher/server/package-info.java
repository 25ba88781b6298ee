/** One node of Usher: configuration, wiring, listeners, start and stop. */
@NullMarked
package dev.usher.server;

import org.jspecify.annotations.NullMarked;
