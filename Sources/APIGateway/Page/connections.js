// Connections to accounts elsewhere: what can be connected, how each connection is, and the way back from a provider.

import { call } from "./api.js";
import { askDialog } from "./ask-dialog.js";
import { askToConnect, visit } from "./connect-dialog.js";
import { connectionRow } from "./connection-row.js";
import { byID, element, icon, isFinished, setText } from "./elements.js";
import { Listing } from "./listing.js";
import { Problem, words } from "./problem.js";
import { session } from "./session.js";
import { toast, toastError } from "./toast.js";

const path = "/api/v1/integrations";
/** A job that needs longer goes on without being watched. */
const followMilliseconds = 120_000;

/** Why nothing was connected, by the code that comes back in the address. */
const errorWords = {
  access_denied: "Nothing was connected: access was denied at the provider.",
  authorization_over: "This was done already, or took longer than 15 minutes. Connect the account again.",
  wrong_issuer: "The answer came from another server than the one that was asked. Nothing was connected.",
  not_permitted: "You may not connect accounts in this workspace any more.",
  invalid_grant: "The provider did not accept its own answer any more. Connect the account again.",
  exchange_unknown: "The provider's answer got lost. Connect the account again.",
  account_missing: "The provider did not say whose account it is. Nothing was connected.",
  too_many_connections: "There are as many connections as there can be. Disconnect one first.",
  provider_misconfigured: "This server is not set up correctly at the provider. Its operator has to look at that.",
};
const wordsFor = (code) => errorWords[code] ?? "The provider reported a problem. Nothing was connected. Try again.";

export function connectionsPage() {
  const view = new Connections();
  return {
    title: "Connections",
    about: `Accounts elsewhere that ${session.company ? `the company ${session.company.name}` : "you"} let Errand use. `
      + "Passwords stay where they are, and you can end each connection at any time.",
    nodes: view.nodes,
    opened: () => view.open(),
  };
}

class Connections {
  #providers = [];
  #outcome = element("div", { class: "outcome", role: "status" });
  #connect = element("ul", { class: "rows", "aria-label": "Accounts you can connect" });
  #connectPart = element("section", { class: "group", hidden: true },
    element("h2", { text: "Connect an account" }), this.#connect);
  #listing = new Listing({
    label: "Connections", empty: "No account is connected yet.", row: (connection) => connectionRow(connection, this),
    load: async () => ({ items: (await call(path)).connections }),
  });
  #off = element("p", { class: "empty-note", hidden: true });

  get nodes() { return [this.#outcome, this.#off, this.#listing.node, this.#connectPart]; }
  get mayWrite() { return session.may("connections:write"); }
  providerOf(connection) { return this.#providers.find(({ name }) => name === connection.provider); }

  async open() {
    try {
      this.#providers = (await call(`${path}/available`)).providers;
    } catch (error) {
      if (!(error instanceof Problem && error.code === "connections_off")) return toastError(error);
    }
    if (this.#providers.length === 0) return this.#sayOff();
    this.#connect.replaceChildren(...this.#providers.map((provider) => this.#offer(provider)));
    this.#connectPart.hidden = !this.mayWrite;
    await this.#listing.reload();
    await this.#comeBack();
  }

  #sayOff() {
    this.#listing.node.hidden = true;
    this.#off.hidden = false;
    setText(this.#off, "This server connects no accounts. Whoever runs it finds in its README what to set.");
  }

  #offer(provider) {
    const button = element("button", { type: "button", class: "button plain small", text: "Connect",
      "aria-label": `Connect ${provider.title}`, onclick: () => askToConnect(provider) });
    return element("li", { class: "row" }, icon("link"), element("div", { class: "row-text" },
      element("p", { class: "row-title", text: provider.title }),
      element("p", { class: "row-note", text: provider.features.map(({ title }) => title).join(" · ") })), button);
  }

  /** After a visit to a provider: the address says which job completes it, or why there is none. */
  async #comeBack() {
    const parameters = new URLSearchParams(location.search);
    const [job, error] = [parameters.get("job"), parameters.get("error")];
    if (job === null && error === null) return;
    history.replaceState(history.state, "", "/?view=connections");
    if (error !== null) return this.#tell(wordsFor(error), "error");
    this.#tell("Connecting the account…", "busy");
    try {
      const ended = await outcome(job);
      if (ended?.state === "succeeded") this.#tell("The account is connected.", "good");
      else if (ended?.state === "failed") this.#tell(wordsFor(ended.failure?.code), "error");
      else this.#tell("This takes longer than usual. It goes on by itself; look again later.", "later");
    } catch (problem) {
      this.#tell(words(problem), "error");
    }
    await this.#listing.reload();
  }

  #tell(text, kind) {
    const picture = { good: icon("succeeded"), busy: icon("running", true), later: icon("waiting") }[kind];
    this.#outcome.replaceChildren(
      element("div", { class: `notice ${kind}` }, picture ?? icon("alert"), element("p", { text })));
  }

  // What a row asks for.

  /** Good as it is: for more. Otherwise at once, for what it was for. */
  async reconnect(connection) {
    const provider = this.providerOf(connection);
    if (connection.state === "active" && provider.features.length > 1) return askToConnect(provider, connection);
    try {
      await visit(provider, { connection_id: connection.id });
    } catch (error) {
      toastError(error);
    }
  }

  async check(connection, button) {
    button.setAttribute("aria-disabled", "true");
    button.classList.add("busy");
    try {
      const job = await outcome((await call(`${pathOf(connection)}/check`, { method: "POST" })).id);
      const text = { succeeded: "There is a valid access token.", waiting: "The account has to be connected again." };
      toast(text[job?.state] ?? "It cannot be told yet. Try again later.", null, job?.state !== "succeeded");
    } catch (error) {
      toastError(error);
    }
    await this.#listing.reload();
    byID(`check-${connection.id}`)?.focus();
  }

  disconnect(connection) {
    const title = this.providerOf(connection)?.title ?? connection.provider;
    askDialog({
      title: `Disconnect ${title}?`, button: "Disconnect", kind: "danger",
      about: `Errand gives back its access to ${connection.account_name || "the account"} and forgets it. Work that `
        + "needs the account stops.",
      run: async () => {
        const job = await call(pathOf(connection), { method: "DELETE" });
        await this.#listing.reload();
        this.#follow(job.id, title);
      },
      done: () => byID("settings-title").focus(),
      after: () => byID("settings-title").focus(),
    });
  }

  async #follow(job, title) {
    try {
      const ended = await outcome(job);
      if (ended?.state === "succeeded") toast(`${title} is disconnected.`);
    } catch (error) {
      toastError(error);
    }
    await this.#listing.reload();
  }
}

const pathOf = (connection) => `${path}/${encodeURIComponent(connection.id)}`;

/** The job when it has ended or waits for a person; null when it takes too long to be watched. */
async function outcome(id) {
  const end = Date.now() + followMilliseconds;
  while (Date.now() < end) {
    const job = await call(`/api/v1/jobs/${encodeURIComponent(id)}?wait=3`);
    if (isFinished(job.state) || job.state === "waiting") return job;
  }
  return null;
}
