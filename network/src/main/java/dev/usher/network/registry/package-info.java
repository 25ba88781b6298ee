/**
 * The gateways of this network: what their owners want of them, their keys, who may claim them, and
 * what LNS and CUPS must know of them.
 */
@NullMarked
package dev.usher.network.registry;

import org.jspecify.annotations.NullMarked;
