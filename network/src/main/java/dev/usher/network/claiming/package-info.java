/**
 * How a gateway comes to this network by the code on its label: claimed and set up at the Gateway
 * Join Server that knows it, and registered here.
 */
@NullMarked
package dev.usher.network.claiming;

import org.jspecify.annotations.NullMarked;
