package dev.usher.cli;

import dev.usher.lorawan.Eui64;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the EUI of a device, which is no gateway: twelve digits are no MAC but too few. */
final class DeviceEui implements ITypeConverter<Eui64> {

    @Override
    public Eui64 convert(String text) {
        try {
            return Eui64.parseOfDevice(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(String.valueOf(e.getMessage()));
        }
    }
}
