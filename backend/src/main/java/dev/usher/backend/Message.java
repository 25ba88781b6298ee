package dev.usher.backend;

/** One message of the Backend Interfaces, as {@link BackendCodec} reads and writes it. */
public sealed interface Message permits Request, Answer, ErrorNotif, Unserved {

    Header header();

    MessageType type();
}
