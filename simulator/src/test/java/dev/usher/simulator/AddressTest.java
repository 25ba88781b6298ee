package dev.usher.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code uri_checkHostPortUri} of station 2.0.6 takes, and what it makes of it. */
class AddressTest {

    @ParameterizedTest
    @CsvSource({
        "http://h:80,             false, h,             80,       h:80",
        "https://h:443,           true,  h,             443,      h:443",
        "HTTP://h:80,             false, h,             80,       h:80",
        "HTTPs://h:80,            true,  h,             80,       h:80",
        "http://me@h:80,          false, me@h,          80,       me@h:80",
        "http://h:80?a=b,         false, h,             80?a=b,   h:80?a=b",
        "http://h:abc,            false, h,             abc,      h:abc",
        "'http://h h:80',         false, 'h h',         80,       h h:80",
        // the last character of an IPv6 address gets lost
        "http://[::11]:80,        false, ::1,           80,       [::11]:80",
        "http://[2001:db8::1]:80, false, 2001:db8::,    80,       [2001:db8::1]:80",
    })
    void reads(String uri, boolean tls, String host, String port, String hostPort) {
        assertThat(Address.parse(uri, "http")).contains(new Address(tls, host, port, hostPort));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "h:80",
                "http:h:80",
                "http:/h:80",
                "ws://h:80",
                "HTTPS://h:80",
                "http://h",
                "http://h:",
                "http://:80",
                "http://h:80/",
                "http://h/x:80",
                "http://[::1:80",
                "http://[]:80",
                "http://[1]:80",
                "http://[::1]",
                "http://[::1]x:80",
                "http://h:1234567890123456",
            })
    void refuses(String uri) {
        assertThat(Address.parse(uri, "http")).isEmpty();
    }
}
