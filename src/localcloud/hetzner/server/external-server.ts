/**
 * A server that something outside plays, say a virtual machine: it asks `GET /_control/servers/:id` for what it was given. Here
 * it is on when it was switched on, and off when its power went.
 */
import type { LocalServer } from "./local-server.ts";

export type Server = Pick<
  LocalServer,
  "isUp" | "sweep" | "powerOn" | "attach" | "detach" | "shutDown" | "powerOff" | "remove"
>;

export class ExternalServer implements Server {
  isUp = false;
  private off: () => void = () => {};
  private whenOff: Promise<void> = Promise.resolve();

  async powerOn(): Promise<void> {
    if (this.isUp) return;
    this.isUp = true;
    this.whenOff = new Promise((resolve) => {
      this.off = resolve;
    });
  }

  async powerOff(): Promise<void> {
    this.isUp = false;
    this.off();
  }

  /** It is asked to end, and tells that it has by a failure of its power (`POST /_control/machines/:id/crash`). */
  shutDown(): Promise<void> {
    return this.whenOff;
  }

  remove(): Promise<void> {
    return this.powerOff();
  }

  // Its disks are its own matter.
  async attach(): Promise<void> {}
  async detach(): Promise<void> {}
  async sweep(): Promise<void> {}
}
