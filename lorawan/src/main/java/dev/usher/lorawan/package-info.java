/** The identifiers every part of Usher speaks. Pure Java, no I/O. */
@NullMarked
package dev.usher.lorawan;

import org.jspecify.annotations.NullMarked;
