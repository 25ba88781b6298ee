/**
 * What every part of Usher speaks: identifiers, the frames of a LoRaWAN join with their
 * cryptography, and device labels. Pure Java, no I/O.
 */
@NullMarked
package dev.usher.lorawan;

import org.jspecify.annotations.NullMarked;
