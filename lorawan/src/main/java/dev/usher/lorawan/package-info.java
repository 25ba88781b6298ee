/**
 * What every part of Usher speaks: identifiers, the frames of LoRaWAN with their cryptography,
 * regions and frequency plans, and device labels. Pure Java, no I/O.
 */
@NullMarked
package dev.usher.lorawan;

import org.jspecify.annotations.NullMarked;
