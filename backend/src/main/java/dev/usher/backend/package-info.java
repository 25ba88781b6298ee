/**
 * LoRaWAN Backend Interfaces (LoRaWAN Backend Interfaces 1.0 and TS002-1.1.0): the messages that Network, Application and
 * Join Servers exchange, and their JSON.
 */
@NullMarked
package dev.usher.backend;

import org.jspecify.annotations.NullMarked;
