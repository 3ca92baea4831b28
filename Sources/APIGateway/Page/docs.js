// The API browser at /docs. Keys that are typed in stay in this tab, and are gone with it.
/* global SwaggerUIBundle */

const csrfCookie = "__Host-errand-csrf=";

/** What a browser's session has to send along with everything that changes something. */
function withCSRFToken(request) {
  const cookie = document.cookie.split("; ").find((pair) => pair.startsWith(csrfCookie));
  const isOwn = new URL(request.url, location.href).origin === location.origin;
  if (cookie && isOwn) request.headers["X-CSRF-Token"] = cookie.slice(csrfCookie.length);
  return request;
}

SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  filter: true,
  persistAuthorization: false,
  requestInterceptor: withCSRFToken,
  validatorUrl: null,
});
