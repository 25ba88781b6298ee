/**
 * Where what happens on the network goes: webhooks and an MQTT broker, durably; and the stream of
 * events that people follow. Who may know what is decided by {@link
 * dev.usher.network.outlets.Audience} for all of them.
 */
@NullMarked
package dev.usher.network.outlets;

import org.jspecify.annotations.NullMarked;
