@NullMarked
package dev.usher.station;

import org.jspecify.annotations.NullMarked;
