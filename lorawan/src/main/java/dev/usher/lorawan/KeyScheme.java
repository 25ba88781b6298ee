package dev.usher.lorawan;

/** By which version of LoRaWAN a join-accept is protected and session keys are made. */
public enum KeyScheme {
    /** One root key makes everything. */
    R1_0,
    /** The NwkKey makes what the network uses, the AppKey makes the AppSKey. */
    R1_1;

    /**
     * Decides from what the Network Server says and the device has. A 1.1 device looks only at the
     * OptNeg bit of the accept it gets, so that bit wins over the version.
     *
     * <table>
     * <caption>The decision</caption>
     * <tr><th>MACVersion</th><th>NwkKey</th><th>OptNeg</th><th></th></tr>
     * <tr><td>1.0.x</td><td>no</td><td>any</td><td>1.0 with the AppKey: the bit meant nothing</td></tr>
     * <tr><td>1.0.x</td><td>yes</td><td>unset</td><td>1.0 with the NwkKey</td></tr>
     * <tr><td>1.0.x</td><td>yes</td><td>set</td><td>1.0 with the NwkKey; strict: refused</td></tr>
     * <tr><td>1.1</td><td>no</td><td>any</td><td>refused</td></tr>
     * <tr><td>1.1</td><td>yes</td><td>unset</td><td>1.0 with the NwkKey; strict: refused</td></tr>
     * <tr><td>1.1</td><td>yes</td><td>set</td><td>1.1; refused without an AppKey</td></tr>
     * </table>
     *
     * @param strict refuse a Network Server that contradicts itself
     * @throws ActivationRefusedException if the keys do not suffice, or the request is refused for
     *     being strict
     */
    public static KeyScheme decide(
            MacVersion version, RootKeys keys, DlSettings dlSettings, boolean strict) {
        if (version.isR1_1()) {
            keys.requireNwkKey();
        }
        boolean contradicts = keys.nwkKey().isPresent() && version.isR1_1() != dlSettings.optNeg();
        if (strict && contradicts) {
            throw new ActivationRefusedException(
                    "MACVersion "
                            + version.text()
                            + " contradicts the OptNeg bit of DLSettings "
                            + dlSettings
                            + ", which is "
                            + (dlSettings.optNeg() ? "set" : "not set"));
        }
        if (version.isR1_1() && dlSettings.optNeg()) {
            keys.requireAppKey();
            return R1_1;
        }
        return R1_0;
    }
}
