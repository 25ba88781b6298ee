/**
 * The LoRaWAN Backend Interfaces: the messages that Network Servers, Application Servers and Join
 * Servers exchange, and their JSON. Pure Java, no I/O.
 *
 * <p>Two versions are spoken side by side, each message in its own: LoRaWAN Backend Interfaces 1.0
 * ("1.0 specification" in this package) and TS002-1.1.0 ("1.1 specification"). Only the messages
 * that concern a Join Server are read in full; the others are {@link Unserved}.
 */
@NullMarked
package dev.usher.backend;

import org.jspecify.annotations.NullMarked;
