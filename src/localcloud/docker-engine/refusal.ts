/** What the engine answers instead: `{ "message": … }` with its status. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export const badRequest = (message: string) => new Refusal(400, message);
export const noSuchContainer = (name: string) => new Refusal(404, `No such container: ${name}`);
export const noSuchImage = (name: string) => new Refusal(404, `No such image: ${name}`);
export const noSuchExec = (id: string) => new Refusal(404, `No such exec instance: ${id}`);
export const notRunning = (id: string) => new Refusal(409, `container ${id} is not running`);
export const unsupported = (what: string) => new Refusal(501, `${what} is not supported by this engine`);
