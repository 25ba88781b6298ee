/**
 * The one configuration: a strict YAML file, and the environment over it. Start with {@link
 * dev.usher.server.config.UsherConfig#load}.
 */
@NullMarked
package dev.usher.server.config;

import org.jspecify.annotations.NullMarked;
