/**
 * What passes between gateways and Join Servers and applications: joins, sessions, uplinks and
 * downlinks.
 */
@NullMarked
package dev.usher.network.traffic;

import org.jspecify.annotations.NullMarked;
