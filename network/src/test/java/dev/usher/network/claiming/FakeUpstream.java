package dev.usher.network.claiming;

import dev.usher.lorawan.Eui64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** A Gateway Join Server in memory, which fails where it is told to. */
final class FakeUpstream implements ClaimingUpstream {

    enum Step {
        CLAIM,
        /** It claims the gateway, and the answer gets lost. */
        CLAIM_ANSWER,
        SETUP,
        RELEASE
    }

    final Map<Eui64, String> codes = new HashMap<>();
    final Set<Eui64> claimed = new HashSet<>();
    final Map<Eui64, UpstreamSetup> setups = new HashMap<>();
    final Set<Step> failing = new HashSet<>();

    /** Whether a gateway that is released gets another code. */
    boolean retiresCodes;

    /** Runs after a claim, as if it happened at the same time elsewhere. */
    Runnable meanwhile = () -> {};

    /** Likewise, runs once during a setup. */
    Runnable atSetup = () -> {};

    @Override
    public boolean claim(Eui64 gateway, String code) throws UpstreamFailure {
        fail(Step.CLAIM);
        if (!code.equals(codes.get(gateway))) {
            return false;
        }
        claimed.add(gateway);
        fail(Step.CLAIM_ANSWER);
        Runnable once = meanwhile;
        meanwhile = () -> {};
        once.run();
        return true;
    }

    @Override
    public void setup(Eui64 gateway, UpstreamSetup setup) throws UpstreamFailure {
        fail(Step.SETUP);
        if (!claimed.contains(gateway)) {
            throw new UpstreamFailure("it is not claimed");
        }
        setups.put(gateway, setup);
        Runnable once = atSetup;
        atSetup = () -> {};
        once.run();
    }

    @Override
    public boolean isClaimed(Eui64 gateway) {
        return claimed.contains(gateway);
    }

    @Override
    public void release(Eui64 gateway) throws UpstreamFailure {
        fail(Step.RELEASE);
        if (claimed.remove(gateway) && retiresCodes) {
            codes.put(gateway, "another");
        }
        setups.remove(gateway);
    }

    @Override
    public void undoClaim(Eui64 gateway) throws UpstreamFailure {
        fail(Step.RELEASE);
        claimed.remove(gateway);
        setups.remove(gateway);
    }

    private void fail(Step step) throws UpstreamFailure {
        if (failing.contains(step)) {
            throw new UpstreamFailure("it cannot be reached");
        }
    }
}
