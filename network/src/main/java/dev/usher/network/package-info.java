/**
 * The network: its gateways, how they are claimed and configured, and how the devices behind them
 * join.
 */
@NullMarked
package dev.usher.network;

import org.jspecify.annotations.NullMarked;
