// The people of the workspace, to whom tasks can be given.

import { readMembers } from "./members.js";
import { session } from "./session.js";

let known = null;

/** [{ id, name }]: oneself first. Read once for each workspace, again after forgetPeople(). */
export async function people() {
  if (session.user === null) return [];
  known ??= session.company ? await readMembers(session.company).catch(() => []) : [];
  const others = known.filter(({ user_id: id }) => id !== session.user.id)
    .map(({ user_id: id, name, email }) => ({ id, name: name || email }));
  return [{ id: session.user.id, name: "Me" }, ...others];
}

export const forgetPeople = () => { known = null; };
