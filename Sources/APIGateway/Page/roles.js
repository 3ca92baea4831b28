// The roles of a company's members, in words, and where a company is found.

import { session } from "./session.js";

export const companyPath = (company) => `/api/v1/companies/${encodeURIComponent(company.id)}`;

export const roles = [
  ["viewer", "Viewer", "reads everything"],
  ["member", "Member", "also writes: tasks, chat, jobs"],
  ["admin", "Admin", "also manages members, keys and invitations"],
  ["owner", "Owner", "also makes owners, and can delete the company"],
];
export const roleName = (role) => roles.find(([name]) => name === role)?.[1] ?? role;

/** The roles somebody may give: only owners make owners. */
export const givenRoles = () => roles.filter(([name]) => name !== "owner" || session.company.role === "owner");
