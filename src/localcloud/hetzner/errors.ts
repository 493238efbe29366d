/** Every refusal the API can give, with the vendor's status and code. Marked [?] where the vendor's own is not known. */
export class HetznerError extends Error {
  readonly http: number;
  readonly code: string;
  readonly details: object | null;

  constructor(http: number, code: string, message: string, details: object | null = null) {
    super(message);
    this.http = http;
    this.code = code;
    this.details = details;
  }

  get body() {
    return { error: { code: this.code, message: this.message, details: this.details } };
  }
}

export const tokenRequired = () => new HetznerError(401, "unauthorized", "token is required");
export const tokenInvalid = () =>
  new HetznerError(401, "unauthorized", "the token you have provided is invalid");
export const noRoute = () => new HetznerError(404, "not_found", "api route not found");
export const notFound = (what: string, id: string | number) =>
  new HetznerError(404, "not_found", `${what} with ID '${id}' not found`);
export const jsonError = () => new HetznerError(400, "json_error", "invalid JSON in request");
export const invalidInput = (name: string, message: string) =>
  new HetznerError(422, "invalid_input", `invalid input in field '${name}'`, {
    fields: [{ name, messages: [message] }],
  });
export const nameTaken = (what: string) =>
  new HetznerError(409, "uniqueness_error", `${what} name is already used`, { fields: [{ name: "name" }] });
export const locked = (what: string) => new HetznerError(423, "locked", `${what} is locked`);
export const rateLimited = () => new HetznerError(429, "rate_limit_exceeded", "rate limit exceeded");
export const limitExceeded = (name: string) =>
  new HetznerError(403, "resource_limit_exceeded", `${name} limit exceeded`, { limits: [{ name }] });
export const unavailable = () =>
  new HetznerError(412, "resource_unavailable", "error during placement: resource is currently unavailable");
export const alreadyAttached = (id: number) =>
  new HetznerError(422, "volume_already_attached", `volume with ID '${id}' is already attached to a server`);
export const stillAttached = (id: number) =>
  new HetznerError(422, "service_error", `volume with ID '${id}' is still attached to a server`);
export const notAttached = (id: number) =>
  new HetznerError(422, "service_error", `volume with ID '${id}' is not attached to a server`);
export const firewallInUse = (id: number) =>
  new HetznerError(422, "resource_in_use", `firewall with ID '${id}' is still in use`);
export const alreadyProtected = (id: number) =>
  new HetznerError(422, "server_already_added", `firewall is already applied to server with ID '${id}'`);
export const notProtected = () =>
  new HetznerError(422, "firewall_resource_not_found", "firewall is not applied to this resource");
/** [?] Listing all actions was taken away in January 2025. */
export const noActionList = () =>
  new HetznerError(410, "deprecated_api_endpoint", "listing all actions is not available; name them by id");
export const datacentersGone = () =>
  new HetznerError(410, "deprecated_api_endpoint", "datacenters are not available any more");
