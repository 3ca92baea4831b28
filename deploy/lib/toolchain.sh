# shellcheck shell=bash disable=SC2034,SC2154 # names shared with the scripts that source this
# Swift: the toolchain and the two products. Sourced. Sets programs, the folder of the built executables.

# require_swift: 6.2 or newer.
require_swift() {
    local advice='install Swift 6.2 or newer (https://www.swift.org/install/linux) and put it on PATH' said version
    command -v swift >/dev/null || fail "Swift was not found: $advice"
    said=$(timeout 60 swift --version 2>&1) || true
    version=$(sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' <<<"$said" | head -n 1)
    [[ -n $version ]] || fail "'swift --version' says '${said:0:150}': $advice"
    [[ $(printf '6.2\n%s\n' "$version" | sort -V | head -n 1) == 6.2 ]] || fail "Swift $version is too old: $advice"
}

# build_programs CONFIGURATION [PRODUCT…]: gateway, worker and others, unless ERRAND_PROGRAMS names a folder that holds
# them built.
build_programs() {
    programs=${ERRAND_PROGRAMS:-$checkout/.build/$1}
    [[ -z ${ERRAND_PROGRAMS:-} ]] || return 0
    local product
    for product in gateway worker "${@:2}"; do
        require_step "building $product ($1)" 3600 "build-$product" \
            swift build --package-path "$checkout" -c "$1" --product "$product"
    done
}
