package dev.usher.backend;

/** A message that a Join Server answers. */
public sealed interface Request extends Message permits ActivationReq, AppSKeyReq, HomeNsReq {

    /**
     * The answer that says nothing but why there is no other.
     *
     * @throws IllegalArgumentException if the result is a success
     */
    Answer refusal(Result result);
}
