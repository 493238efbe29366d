/** Every refusal the API can give, with the vendor's status, code and wording. Marked [?] where the vendor's own is not known. */
export class CloudflareError extends Error {
  readonly http: number;
  readonly code: number;

  constructor(http: number, code: number, message: string) {
    super(message);
    this.http = http;
    this.code = code;
  }
}

export interface FailureEnvelope {
  success: false;
  errors: { code: number; message: string }[];
  messages: never[];
  result: null;
}

export const failure = (code: number, message: string): FailureEnvelope => ({
  success: false,
  errors: [{ code, message }],
  messages: [],
  result: null,
});

export const unauthorized = () => new CloudflareError(401, 10000, "Authentication error");
export const noRoute = (path: string) =>
  new CloudflareError(404, 7003, `Could not route to ${path}, perhaps your object identifier is invalid?`);
/** [?] */
export const badRequest = (message: string) => new CloudflareError(400, 1003, message);
export const rateLimited = () =>
  new CloudflareError(429, 10100, "Rate limited. Please wait and consider throttling your request speed");

/** [?] all of it */
export const badQuery = (message: string) => new CloudflareError(422, 10400, message);

/** [?] the code */
export const tunnelNotFound = () => new CloudflareError(404, 1003, "Tunnel not found");
export const tunnelExists = () => new CloudflareError(409, 1013, "You already have a tunnel with this name");
/** [?] the status */
export const tunnelConnected = () =>
  new CloudflareError(400, 1022, "Cannot delete tunnel because it has active connections");
/** [?] */
export const tooManyTunnels = () =>
  new CloudflareError(403, 1055, "You have reached the maximum number of tunnels for this account");
/** [?] the code */
export const badConfiguration = (message: string) =>
  new CloudflareError(400, 1056, `Bad Configuration: ${message}`);

export const recordNotFound = () => new CloudflareError(404, 81044, "Record does not exist.");
export const hostExists = () =>
  new CloudflareError(400, 81053, "An A, AAAA, or CNAME record with that host already exists.");
export const identicalRecord = () => new CloudflareError(400, 81058, "An identical record already exists.");
export const recordQuota = () => new CloudflareError(400, 81045, "Record quota exceeded.");
export const invalidRecord = (message: string) =>
  new CloudflareError(400, 1004, `DNS Validation Error: ${message}`);
