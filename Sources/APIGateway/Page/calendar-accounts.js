// The connected accounts, as far as the calendar needs them: is there one, and may it be read?

import { call } from "./api.js";
import { Problem } from "./problem.js";

const freshMilliseconds = 5_000;
const oldMilliseconds = 60_000;
const provider = "google";
const feature = "calendar";

export class CalendarAccounts {
  /** By their ids. */
  all = new Map();
  /** off, none, unallowed, broken or good; "" while it is not known. */
  state = "";
  #lastRead = 0;
  #isStale = false;
  #reading = null;

  /** Reads them, unless that was done a moment ago. `isChanged`: something has happened that may concern them. */
  async refresh(isChanged) {
    this.#isStale ||= isChanged;
    if (Date.now() - this.#lastRead < (this.#isStale ? freshMilliseconds : oldMilliseconds)) return;
    await (this.#reading ??= this.#read());
    this.#reading = null;
  }

  async #read() {
    this.#lastRead = Date.now();
    this.#isStale = false;
    try {
      const { connections } = await call("/api/v1/integrations");
      const ours = connections.filter((connection) => connection.provider === provider);
      this.all = new Map(ours.map((connection) => [connection.id, connection]));
      this.state = stateOf(ours);
    } catch (error) {
      if (error instanceof Problem && error.code === "connections_off") this.state = "off";
      else if (error instanceof Problem && error.status === 403) this.state ||= "none";
    }
  }
}

function stateOf(connections) {
  const active = connections.filter(({ state }) => state === "active");
  if (active.some(({ features }) => features.includes(feature))) return "good";
  if (active.length > 0) return "unallowed";
  return connections.some(({ state }) => state === "needs_reconnect") ? "broken" : "none";
}
