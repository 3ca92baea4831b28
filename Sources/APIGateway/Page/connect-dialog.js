// Before a visit to a provider: what the account is connected for, and where, when there are several places.

import { call } from "./api.js";
import { askDialog } from "./ask-dialog.js";
import { element, setText } from "./elements.js";
import { Field } from "./fields.js";
import { toastError } from "./toast.js";

/** Leaves this page for the provider's; it comes back to the connections. Throws Problem, Unreachable. */
export async function visit(provider, body) {
  const answer = await call(`/api/v1/integrations/${encodeURIComponent(provider.name)}/connect`,
    { method: "POST", body: { ...body, return_to: "/?view=connections" } });
  location.assign(answer.authorization_url);
}

/** Asks what there is to ask, then goes. `connection`: one that is to be connected again, for as much or for more. */
export function askToConnect(provider, connection = null) {
  const asksHost = provider.needs_host && connection === null;
  if (provider.features.length === 1 && !asksHost) return visit(provider, own(connection)).catch(toastError);
  const host = new Field({ name: "host", label: `Address of your ${provider.title}`, required: true,
    placeholder: "school.instructure.com", autocomplete: "off", autocapitalize: "off", spellcheck: "false",
    inputmode: "url", maxlength: "253" });
  const features = new FeatureChoice(provider, connection);
  askDialog({
    title: `Connect ${provider.title}`, button: `Go on to ${provider.title}`,
    about: `${provider.title} asks you to sign in and to agree. You can allow less there than you choose here.`,
    fields: [asksHost ? host : null, provider.features.length > 1 ? features : null].filter(Boolean),
    run: (values) => visit(provider, { ...own(connection), features: values.features ?? [],
      ...(asksHost ? { host: hostName(values.host) } : {}) }),
  });
}

const own = (connection) => (connection === null ? {} : { connection_id: connection.id });

/** People copy the whole address. */
const hostName = (text) => text.replace(/^https?:\/\//i, "").replace(/\/.*$/, "").toLowerCase();

/** A field of a Form: its value is the list of the features that are ticked. */
class FeatureChoice {
  name = "features";

  constructor(provider, connection) {
    const first = connection ? connection.features : [provider.features[0].name];
    this.boxes = provider.features.map(({ name }) => {
      const box = element("input", { type: "checkbox", value: name });
      box.checked = first.includes(name);
      return box;
    });
    this.error = element("p", { class: "field-error", id: "features-error", hidden: true });
    this.node = element("fieldset", { class: "scopes", "aria-describedby": "features-error" },
      element("legend", { text: "What is it for?" }),
      ...provider.features.map(({ title }, place) =>
        element("label", { class: "check feature" }, this.boxes[place], title)), this.error);
    [this.input] = this.boxes;
    this.node.addEventListener("change", () => this.say(""));
  }

  get value() { return this.boxes.filter((box) => box.checked).map((box) => box.value); }

  say(text) {
    this.error.hidden = text === "";
    setText(this.error, text);
    for (const box of this.boxes) box.toggleAttribute("aria-invalid", text !== "");
  }

  check() { return this.value.length === 0 ? "Choose at least one." : ""; }
  cover() {}
}
