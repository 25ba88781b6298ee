/**
 * The cluster's CUPS: what a gateway of this network is told when it asks, the roots that it must
 * trust for that, and what it goes back to when what it was told does not work.
 */
@NullMarked
package dev.usher.network.cups;

import org.jspecify.annotations.NullMarked;
