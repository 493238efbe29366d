import { AppError } from "../../../errors.ts";
import { createInstance } from "../../../services/instances/create.ts";
import { getInstance } from "../../../services/instances/read.ts";
import { makeOnce } from "../../../services/once.ts";
import { Frame } from "../../layout/frame.tsx";
import { PageHead } from "../../layout/head.tsx";
import { type DashboardContext, newPages } from "../../route.ts";
import { CreateForm } from "./form.tsx";
import { type Options, readOptions } from "./options.ts";
import { RoomNotes } from "./room.tsx";
import {
  type Mistakes,
  mistakeOf,
  newValues,
  readValues,
  toWish,
  type Values,
  valuesLike,
} from "./values.ts";

const PATH = "/dashboard/instances/new";
/** Another's key is never met: they are kept by account, and those of the API are made by its callers. */
const KEY = /^[0-9a-f-]{36}$/;

/** One instance in one form, which works without JavaScript: everything that can be chosen is in it. */
export const createPage = newPages()
  .get(PATH, async (c) => {
    const options = await readOptions(c.var.ctx);
    const like = c.req.query("like");
    const values =
      like === undefined
        ? newValues(options, c.req.query("agent"))
        : valuesLike(await getInstance(c.var.ctx, like), options);
    return show(c, { options, values, mistakes: {} });
  })
  .post(PATH, async (c) => {
    const { ctx } = c.var;
    const options = await readOptions(ctx);
    const form = await c.req.parseBody();
    const values = readValues(form, newValues(options, undefined));
    const apiKey = typeof form.apiKey === "string" ? form.apiKey.trim() : "";
    const { wish, mistakes } = toWish(values, apiKey);
    if (Object.keys(mistakes).length > 0) {
      return show(c, { options, values, mistakes }, 400);
    }
    const once = typeof form.once === "string" && KEY.test(form.once) ? form.once : crypto.randomUUID();
    try {
      const id = await makeOnce(ctx, { form: once, values: wish }, (reserved) =>
        createInstance(ctx, { ...wish, id: reserved, waitSeconds: 0 }),
      );
      return c.redirect(`/dashboard/instances/${id}`, 303);
    } catch (error) {
      if (!(error instanceof AppError)) {
        throw error;
      }
      return show(c, { options, values, mistakes: mistakeOf(error, values) }, error.status);
    }
  });

function show(
  c: DashboardContext,
  { options, values, mistakes }: { options: Options; values: Values; mistakes: Mistakes },
  status = 200,
): Response | Promise<Response> {
  const { session } = c.var;
  c.status(status as 200);
  return c.html(
    <Frame
      session={session}
      title="Create an instance"
      place="Instances"
      scripts={["create.js"]}
      styles={["create.css"]}
    >
      <PageHead
        title="Create an instance"
        up={{ name: "Instances", path: "/dashboard" }}
        about="One agent on a machine of its own, with its own disk and its own secret URL."
      />
      <RoomNotes options={options} />
      <CreateForm session={session} action={PATH} options={options} values={values} mistakes={mistakes} />
    </Frame>,
  );
}
