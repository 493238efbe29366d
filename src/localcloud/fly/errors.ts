/** Every refusal the API can give, with the vendor's status and wording. Marked [?] where the vendor's own is not known. */
export type ErrorStatus = "unknown" | "insufficient_capacity" | "name_taken" | "volume_placement_capacity";

export class FlyError extends Error {
  readonly http: number;
  readonly status: ErrorStatus;

  constructor(http: number, message: string, status: ErrorStatus = "unknown") {
    super(message);
    this.http = http;
    this.status = status;
  }

  get body(): { error: string; status: ErrorStatus } {
    return { error: this.message, status: this.status };
  }
}

export const unauthorized = () => new FlyError(401, "Authenticate: token validation error");
export const appNotFound = () => new FlyError(404, "Could not find App");
export const machineNotFound = () => new FlyError(404, "not_found: machine not found");
export const volumeNotFound = () => new FlyError(404, "not_found: volume not found");
export const leaseNotFound = () => new FlyError(404, "not_found: lease not found");
export const notFound = (what: string) => new FlyError(404, `not_found: ${what} not found`);
export const invalid = (message: string) => new FlyError(400, `invalid_argument: ${message}`);
export const precondition = (message: string) => new FlyError(412, `failed_precondition: ${message}`);
export const nameTaken = () =>
  new FlyError(422, "Validation failed: Name has already been taken", "name_taken");

export const machineNameTaken = (id: string, name: string) =>
  new FlyError(
    409,
    `already_exists: unique machine name violation, machine ID ${id} already exists with name "${name}"`,
  );

export const leaseHeld = (id: string, owner: string, expiresAt: number) =>
  new FlyError(
    409,
    `machine ID ${id} lease currently held by ${owner}, expires at ${new Date(expiresAt * 1000).toISOString()}`,
  );

export const rateLimited = () => new FlyError(429, "rate limit exceeded");
export const deadlineExceeded = (what: string) => new FlyError(408, `deadline_exceeded: ${what}`);
/** [?] A request was under way when its machine went down: whether it had its effect is not known. */
export const machineLost = () => new FlyError(500, "unknown: connection to machine lost");

/** The three ways in which a full host or region shows itself. */
export const noCandidateHost = () =>
  new FlyError(
    422,
    "insufficient resources available to fulfill request: could not find a candidate host",
    "insufficient_capacity",
  );
export const volumeHostFull = (volume: string) =>
  new FlyError(
    412,
    `insufficient resources to create new machine with existing volume id '${volume}'`,
    "volume_placement_capacity",
  );
export const couldNotReserve = () =>
  new FlyError(
    409,
    "aborted: could not reserve resource for machine: insufficient memory available to fulfill request",
  );
