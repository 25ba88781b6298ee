# Sourced by ./mvnw, ./usher and .ci/run: exports JAVA_HOME of a JDK 25, wherever it usually lives, also when
# the `java` on the PATH is older. Without one it says what to install and returns 1.

usher_jdk_major() { # prints the major version of the JDK in directory $1, from its `release` file
    sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null
}

usher_find_jdk() {
    _path_java=$(command -v java 2>/dev/null || true)
    [ -z "$_path_java" ] || _path_java=$(dirname "$(dirname "$(readlink -f "$_path_java" 2>/dev/null || echo "$_path_java")")")
    for _jdk in "${JAVA_HOME:-}" "$_path_java" \
        /usr/lib/jvm/* /usr/java/* /opt/*jdk* /opt/java/* /usr/local/*jdk* \
        "${HOME:-/}"/.sdkman/candidates/java/* "${HOME:-/}"/.jdks/* "${HOME:-/}"/.local/share/mise/installs/java/* \
        /Library/Java/JavaVirtualMachines/*/Contents/Home /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
        if [ -x "$_jdk/bin/javac" ] && [ "$(usher_jdk_major "$_jdk")" = 25 ]; then
            JAVA_HOME=$_jdk
            export JAVA_HOME
            return 0
        fi
    done
    echo "Usher needs a JDK 25 and found none: install one (Eclipse Temurin 25 is known to work; on macOS" \
        "'brew install openjdk@25', with SDKMAN 'sdk install java 25-tem'), or set JAVA_HOME to where it is." >&2
    return 1
}

usher_find_jdk
