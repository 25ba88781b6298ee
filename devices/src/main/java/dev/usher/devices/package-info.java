/** The Join Server: who may ask, which devices there are, and what a join is answered. */
@NullMarked
package dev.usher.devices;

import org.jspecify.annotations.NullMarked;
