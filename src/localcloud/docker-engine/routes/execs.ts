import type { ServerResponse } from "node:http";
import type { Attachment, Exec } from "../execs.ts";
import { MULTIPLEXED, RAW } from "../frames.ts";
import { attachmentOf, DETACHED, takeOver } from "../hijacked.ts";
import { badRequest } from "../refusal.ts";
import { execRequest, execStartRequest } from "../requests.ts";
import { type Hijack, jsonOf, parseJson, type Route, send } from "./route.ts";

function inspectView({ id, container, request, state, exitCode }: Exec) {
  const [entrypoint = "", ...args] = request.Cmd;
  return {
    ID: id,
    ContainerID: container.record.id,
    Running: state === "running",
    ExitCode: exitCode,
    OpenStdin: request.AttachStdin === true,
    OpenStdout: request.AttachStdout === true,
    OpenStderr: request.AttachStderr === true,
    CanRemove: state === "ended",
    DetachKeys: "",
    Pid: 0,
    ProcessConfig: {
      entrypoint,
      arguments: args,
      tty: request.Tty === true,
      user: request.User ?? "",
      privileged: false,
    },
  };
}

const contentType = ({ request }: Exec) => (request.Tty ? RAW : MULTIPLEXED);

/** For a caller that did not ask for the connection: outputs only. */
function answerAttachment(response: ServerResponse): Attachment {
  return {
    write: (data) => {
      response.write(data);
    },
    end: () => {
      response.end();
    },
    onInput: () => {},
    onInputEnd: (listener) => listener(),
  };
}

export const execRoutes: readonly Route[] = [
  {
    method: "POST",
    path: /^\/containers\/([^/]+)\/exec$/,
    run: async ({ engine, id, request, response }) => {
      const wanted = await jsonOf(request, execRequest);
      send(response, 201, { Id: engine.execs.create(engine.find(id), wanted).id });
    },
  },
  {
    method: "POST",
    path: /^\/exec\/([^/]+)\/start$/,
    run: async ({ engine, id, request, response }) => {
      const { Detach } = await jsonOf(request, execStartRequest);
      const exec = engine.execs.find(id);
      if (Detach) {
        engine.execs.start(exec, DETACHED);
        send(response, 200);
        return;
      }
      engine.execs.check(exec);
      response.writeHead(200, { "content-type": contentType(exec), connection: "close" });
      response.flushHeaders();
      engine.execs.start(exec, answerAttachment(response));
    },
  },
  {
    method: "GET",
    path: /^\/exec\/([^/]+)\/json$/,
    run: ({ engine, id, response }) => send(response, 200, inspectView(engine.execs.find(id))),
  },
  {
    method: "POST",
    path: /^\/exec\/([^/]+)\/resize$/,
    run: ({ engine, id, query, response }) => {
      const [rows, cols] = [Number(query.get("h")), Number(query.get("w"))];
      if (!(rows > 0 && cols > 0)) throw badRequest("h and w must be positive numbers");
      engine.execs.resize(engine.execs.find(id), cols, rows);
      send(response, 200);
    },
  },
];

export const execStartRoute: Hijack = {
  path: /^\/exec\/([^/]+)\/start$/,
  run({ engine, id, body, socket }) {
    parseJson(body, execStartRequest);
    const exec = engine.execs.find(id);
    engine.execs.check(exec);
    takeOver(socket, contentType(exec));
    engine.execs.start(exec, attachmentOf(socket));
    // Without a listener for it, input is read and dropped.
    socket.resume();
  },
};
