# shellcheck shell=bash
# Sources everything the scripts share.

library=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=output.sh
. "$library/output.sh"
# shellcheck source=state.sh
. "$library/state.sh"
# shellcheck source=ports.sh
. "$library/ports.sh"
# shellcheck source=processes.sh
. "$library/processes.sh"
# shellcheck source=packages.sh
. "$library/packages.sh"
# shellcheck source=servers.sh
. "$library/servers.sh"
# shellcheck source=postgres.sh
. "$library/postgres.sh"
# shellcheck source=redis.sh
. "$library/redis.sh"
# shellcheck source=python.sh
. "$library/python.sh"
# shellcheck source=model.sh
. "$library/model.sh"
# shellcheck source=toolchain.sh
. "$library/toolchain.sh"
# shellcheck source=accounts.sh
. "$library/accounts.sh"
# shellcheck source=connections.sh
. "$library/connections.sh"
# shellcheck source=services.sh
. "$library/services.sh"
# shellcheck source=checks.sh
. "$library/checks.sh"
# shellcheck source=openapi.sh
. "$library/openapi.sh"
