import { z } from "zod";
import { NameSchema } from "../../api/instances/create.ts";
import { newTransferId } from "../../ids.ts";
import { cloneInstance } from "../../services/instances/clone.ts";
import { findForPage } from "../../services/instances/inspect.ts";
import { makeOnce } from "../../services/once.ts";
import { decideTransfer } from "../../services/transfers/decide.ts";
import { offerTransfer } from "../../services/transfers/offer.ts";
import { newPages } from "../route.ts";
import { handleForm, nameOf, seeDone } from "./handle.ts";
import { readForm } from "./refusal.ts";

const CloneFields = z.object({
  form: z.string().min(1),
  cloneName: NameSchema,
  apiKey: z
    .string()
    .trim()
    .max(1_024, "is too long")
    .optional()
    .transform((key) => (key === "" ? undefined : key)),
  copyData: z
    .string()
    .optional()
    .transform((value) => value === "yes"),
});

const TransferFields = z.object({
  to: z.string().trim().min(3, "must be an e-mail, or an account's id").max(320, "is too long"),
});

/** Another one like it, or this one for somebody else. */
export const handOnPages = newPages()
  .post(
    "/dashboard/instances/:id/clone",
    handleForm("clone", async (c, sent) => {
      const { form, ...fields } = readForm(CloneFields, sent);
      const { ctx } = c.var;
      const source = await findForPage(ctx, nameOf(c));
      const { cloneName: name, apiKey, copyData } = fields;
      const once = { form, values: [source.id, fields] };
      const id = await makeOnce(ctx, once, async (reserved) => {
        const clone = await cloneInstance(ctx, source.id, { id: reserved, name, apiKey, copyData });
        return clone.id;
      });
      return seeDone(c, id, "cloned");
    }),
  )
  .post(
    "/dashboard/instances/:id/transfer",
    handleForm("transfer", async (c, sent) => {
      const { to } = readForm(TransferFields, sent);
      const { instanceId } = await offerTransfer(c.var.ctx, nameOf(c), { id: newTransferId(), to });
      return seeDone(c, instanceId, "offered");
    }),
  )
  .post(
    "/dashboard/instances/:id/withdraw",
    handleForm("transfer", async (c, sent) => {
      const { instanceId } = await decideTransfer(c.var.ctx, sent.transfer ?? "", "cancel");
      return seeDone(c, instanceId, "withdrawn");
    }),
  );
