/**
 * The wire formats of LoRa Basics Station: CUPS requests and answers, credential blobs, firmware
 * signatures, and the messages between a gateway and its LNS. Pure Java, no I/O.
 *
 * <p>Everything that would hurt a gateway is refused while these values are made, so a value that
 * exists can be sent: a URI that would stop station at its next start, a certificate or key that it
 * would misread, a header line that would break its request, a configuration it could not transmit
 * with.
 *
 * <p>Section numbers in this package ({@code cups.c}, {@code sys.c}, {@code s2e.c}) refer to the
 * sources of LoRa Basics Station 2.0.6, the client that decides what is right.
 */
@NullMarked
package dev.usher.station;

import org.jspecify.annotations.NullMarked;
