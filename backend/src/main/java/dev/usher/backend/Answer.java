package dev.usher.backend;

/** The answer to a {@link Request}. */
public sealed interface Answer extends Message
        permits ActivationAns, AppSKeyAns, HomeNsAns, Refusal {

    Result result();
}
