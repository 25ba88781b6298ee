import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassFile.StackMapsOption;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Takes out of the jars what would slow down every start of Usher, after the build and before Java learns its AOT caches.
 *
 * <ul>
 *   <li>Signatures: Java checks them before main, and keeps no signed class in a cache.
 *   <li>Class files older than Java 6: Java keeps none that it must check in the old way. They are given stack maps.
 *   <li>Native libraries: their jars would unpack them each time. They are put beside the jars.
 * </ul>
 *
 * <p>{@code java ShortenStart.java LIB NATIVE}: the directory of the jars, and that for native libraries.
 */
final class ShortenStart {

    private static final int JAVA_5 = 49;

    private ShortenStart() {}

    public static void main(String[] args) throws IOException {
        Path natives = Files.createDirectories(Path.of(args[1]));
        try (DirectoryStream<Path> jars = Files.newDirectoryStream(Path.of(args[0]), "*.jar")) {
            for (Path jar : jars) {
                Map<String, byte[]> entries = read(jar);
                for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                    if (isForThisMachine(entry.getKey())) {
                        Files.write(natives.resolve(Path.of(entry.getKey()).getFileName()), entry.getValue());
                    }
                }
                boolean isSigned = entries.keySet().removeIf(ShortenStart::isSignature);
                boolean isOld = entries.entrySet().stream().anyMatch(entry -> isOld(entry.getKey(), entry.getValue()));
                if (isSigned) {
                    entries.computeIfPresent(JarFile.MANIFEST_NAME, (_, manifest) -> withoutDigests(manifest));
                }
                if (isSigned || isOld) {
                    ClassFile classes = knowing(entries);
                    entries.replaceAll((name, content) -> isOld(name, content) ? renewed(classes, content) : content);
                    write(jar, entries);
                }
            }
        }
    }

    private static Map<String, byte[]> read(Path jar) throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            for (ZipEntry entry : zip.stream().toList()) {
                entries.put(entry.getName(), zip.getInputStream(entry).readAllBytes());
            }
        }
        return entries;
    }

    private static void write(Path jar, Map<String, byte[]> entries) throws IOException {
        Path made = jar.resolveSibling(jar.getFileName() + ".new");
        try (OutputStream file = Files.newOutputStream(made);
                ZipOutputStream zip = new ZipOutputStream(file)) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                zip.putNextEntry(new ZipEntry(entry.getKey()));
                zip.write(entry.getValue());
                zip.closeEntry();
            }
        }
        Files.move(made, jar, StandardCopyOption.REPLACE_EXISTING);
    }

    private static boolean isForThisMachine(String name) {
        return System.getProperty("os.name").equals("Linux")
                && System.getProperty("os.arch").equals("amd64")
                && (name.matches("org/sqlite/native/Linux/x86_64/[^/]+[.]so")
                        || name.matches("META-INF/native/[^/]+_linux_x86_64[.]so"));
    }

    private static boolean isSignature(String name) {
        return name.matches("META-INF/[^/]+[.](SF|DSA|RSA|EC)");
    }

    /** Its main part alone. */
    private static byte[] withoutDigests(byte[] content) {
        try {
            Manifest manifest = new Manifest(new ByteArrayInputStream(content));
            manifest.getEntries().clear();
            ByteArrayOutputStream written = new ByteArrayOutputStream();
            manifest.write(written);
            return written.toByteArray();
        } catch (IOException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static boolean isOld(String name, byte[] content) {
        return name.endsWith(".class") && content.length > 7 && ((content[6] & 0xFF) << 8 | content[7] & 0xFF) <= JAVA_5;
    }

    /** To make stack maps one must know which class extends which. */
    private static ClassFile knowing(Map<String, byte[]> entries) {
        return ClassFile.of(
                StackMapsOption.GENERATE_STACK_MAPS,
                ClassHierarchyResolverOption.of(
                        ClassHierarchyResolver.ofResourceParsing(
                                        type -> {
                                            String name = type.descriptorString();
                                            byte[] found = entries.get(name.substring(1, name.length() - 1) + ".class");
                                            return found == null ? null : new ByteArrayInputStream(found);
                                        })
                                .orElse(ClassHierarchyResolver.defaultResolver())));
    }

    /** As Java 8 would have it; as it was, if it has what Java 8 no longer has. */
    private static byte[] renewed(ClassFile classes, byte[] content) {
        try {
            ClassModel old = classes.parse(content);
            return classes.transformClass(
                    old,
                    ClassTransform.transformingMethodBodies((code, element) -> code.with(element))
                            .andThen(
                                    (type, element) -> {
                                        if (element instanceof ClassFileVersion) {
                                            type.withVersion(ClassFile.JAVA_8_VERSION, 0);
                                        } else {
                                            type.with(element);
                                        }
                                    }));
        } catch (IllegalArgumentException | IllegalStateException e) {
            return content;
        }
    }
}
