/**
 * A virtual station: what a gateway running LoRa Basics Station 2.0.6 does towards its CUPS server
 * and its LNS, with the same limits, the same memory and the same mistakes; and virtual devices in
 * its reach. For tests, the demo and load.
 *
 * <p>Blocking code over JDK sockets; one station is used by one thread at a time, and thousands of
 * them run on virtual threads.
 */
@NullMarked
package dev.usher.simulator;

import org.jspecify.annotations.NullMarked;
