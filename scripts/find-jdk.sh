#!/bin/sh
# Finds a JDK that is new enough for this project: 25 or later.
#
# Sourced, it defines find_jdk; run, it calls it. find_jdk prints the JDK's home, or
# says on standard error what to install and returns 1. In this order:
#   VFIO_USER_JAVA   a JDK's home or its java command; if set, it must do
#   JAVA_HOME, /usr/lib/jvm, the java on PATH, SDKMAN, ~/.jdks, /opt
#                    the first that does; older ones are passed over

vfio_user_jdk_minimum=25

# The feature release of the JDK in directory $1 ("25"), or nothing if there is no JDK.
jdk_release() {
    [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] || return 0
    jdk_version=
    if [ -r "$1/release" ]; then
        while IFS='=' read -r jdk_key jdk_value; do
            [ "$jdk_key" = JAVA_VERSION ] && jdk_version=${jdk_value#\"} && break
        done < "$1/release"
    fi
    if [ -z "$jdk_version" ]; then
        jdk_version=$("$1/bin/java" -version 2>&1 | sed -n 's/.* version "\([^"]*\)".*/\1/p' | head -n 1)
    fi
    # 25.0.1, 25, 26-ea: what comes before the first character that is no digit.
    printf '%s\n' "${jdk_version%%[!0-9]*}"
}

# Whether directory $1 holds a JDK that is new enough.
jdk_does() {
    jdk_found=$(jdk_release "$1")
    [ -n "$jdk_found" ] && [ "$jdk_found" -ge "$vfio_user_jdk_minimum" ]
}

# The home of the java command $1, through all links.
jdk_home_of() {
    jdk_command=$(readlink -f "$1" 2>/dev/null) || return 0
    if [ -x "$jdk_command" ]; then printf '%s\n' "${jdk_command%/bin/java}"; fi
}

find_jdk() {
    if [ -n "${VFIO_USER_JAVA:-}" ]; then
        jdk_candidate=$VFIO_USER_JAVA
        [ -d "$jdk_candidate" ] || jdk_candidate=$(jdk_home_of "$jdk_candidate")
        if [ -n "$jdk_candidate" ] && jdk_does "$jdk_candidate"; then
            printf '%s\n' "$jdk_candidate"
            return 0
        fi
        echo "VFIO_USER_JAVA: $VFIO_USER_JAVA (expected: the home or the java command of a JDK $vfio_user_jdk_minimum or later)" >&2
        return 1
    fi
    jdk_on_path=$(jdk_home_of "$(command -v java)")
    for jdk_candidate in "${JAVA_HOME:-}" /usr/lib/jvm/* "$jdk_on_path" \
            "${SDKMAN_DIR:-${HOME:-}/.sdkman}"/candidates/java/* "${HOME:-}"/.jdks/* /opt/*; do
        if [ -n "$jdk_candidate" ] && jdk_does "$jdk_candidate"; then
            printf '%s\n' "$jdk_candidate"
            return 0
        fi
    done
    {
        echo "java: no JDK $vfio_user_jdk_minimum or later found (looked at JAVA_HOME, /usr/lib/jvm, PATH, SDKMAN, ~/.jdks, /opt)"
        echo "Install one, for example: apt-get install openjdk-$vfio_user_jdk_minimum-jdk, or https://adoptium.net;"
        echo "or name one that is elsewhere: VFIO_USER_JAVA=/path/to/jdk"
    } >&2
    return 1
}

case ${0##*/} in
    find-jdk.sh) find_jdk ;;
esac
