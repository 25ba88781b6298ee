@NullMarked
package dev.usher.simulator;

import org.jspecify.annotations.NullMarked;
