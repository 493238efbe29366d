import type { Notice } from "./pages.ts";
import type { Route } from "./route.ts";

/** The same words for a name that never existed and for one that was deleted. */
export const NOT_FOUND: Notice = {
  status: 404,
  title: "Nothing here",
  message: "There is no instance at this address.",
  hint: "Check the address, or ask whoever gave it to you.",
};

export const TOO_MANY_MISSES: Notice = {
  status: 429,
  title: "Too many wrong addresses",
  message: "Requests from your network asked for too many addresses that do not exist.",
  retryAfterSeconds: 60,
};

/** The same words whatever was shown, or not, and whatever there is. */
export const UNAUTHORISED: Notice = {
  status: 401,
  title: "Not open to everybody",
  message: "This address asks for more than its name.",
  hint: "Ask its owner for a link that opens it. The owner makes one with: gentity compute link",
};

export const UNREACHABLE: Notice = {
  status: 502,
  title: "The agent does not answer",
  message: "The machine runs, but nothing answers on its port.",
  hint: "It may still be starting. If it goes on, read its logs with: gentity compute logs",
};

export const LOOKUP_FAILED: Notice = {
  status: 503,
  title: "One moment",
  message: "The address could not be looked up.",
  retryAfterSeconds: 5,
};

const WAKING: Notice = {
  status: 503,
  title: "Waking up",
  message: "This agent's computer is waking. It will be here in a moment.",
  retryAfterSeconds: 1,
  isUnderWay: true,
};

/** Whoever visits is not the owner, so it is not said what does not allow it. */
export const CANNOT_WAKE: Notice = {
  status: 503,
  title: "Asleep",
  message: "This agent's computer sleeps, with its memory kept, and cannot be woken at the moment.",
  hint: "Its owner learns why with: gentity compute resume",
  retryAfterSeconds: 60,
};

/** What the edge answers for an instance whose machine gets no traffic. */
export function noticeFor(route: Route): Notice {
  switch (route.state) {
    case "creating":
      return {
        status: 503,
        title: "Starting",
        message: "This agent's computer is being made.",
        retryAfterSeconds: 2,
        isUnderWay: true,
      };
    case "starting":
    case "suspending":
    case "suspended":
      return WAKING;
    case "stopping":
    case "stopped":
      return {
        status: 502,
        title: "Stopped",
        message: "This agent's computer is stopped. Its disk is kept.",
        hint: "Its owner can start it with: gentity compute start",
      };
    case "error":
      return {
        status: 502,
        title: "Something is wrong",
        message: route.problem?.message ?? "This agent's computer has failed.",
        hint: route.problem?.hint,
      };
    case "running":
      return UNREACHABLE;
    default:
      return NOT_FOUND;
  }
}
