import type { AuditReport, ChainReport } from "../../../sdk/index.ts";
import type { Context } from "../../context.ts";
import { EXIT } from "../../exit-codes.ts";
import type { Output } from "../../output.ts";
import { startProgress } from "../../progress.ts";
import { plain } from "../../text.ts";

/** Recomputes every chain. @returns 1 when anything is not as it was. */
export async function verify({ client, out, signal }: Context): Promise<number> {
  const { audit } = await client();
  const progress = startProgress(out, "Reading the audit events");
  const onProgress = (events: number) => progress.update(`Reading the audit events: ${events}`);
  const report = await audit.verify({ signal, onProgress }).catch((error: unknown) => {
    progress.fail();
    throw error;
  });
  progress.done();
  if (out.json) out.document({ ok: isWhole(report), ...report });
  else print(out, report);
  return isWhole(report) ? EXIT.ok : EXIT.failure;
}

function isWhole({ chains }: AuditReport): boolean {
  return chains.every(({ finding }) => finding === null);
}

function print(out: Output, report: AuditReport): void {
  for (const chain of report.chains) out.line(chainLine(out, chain));
  const events = report.chains.reduce((sum, chain) => sum + chain.events, 0);
  const bad = report.chains.filter(({ finding }) => finding !== null).length;
  const { green, red, yellow } = out.noteStyle;
  if (!report.signed) {
    out.note(
      `${yellow("!")} Nothing is signed: the operator has set no signing key. The end of a chain may be missing.`,
    );
  }
  out.note(
    bad === 0
      ? `${green("✓")} ${events} events in ${report.chains.length} chains are as they were written.`
      : `${red("✗")} ${bad} of ${report.chains.length} chains are not as they were written.`,
  );
}

function chainLine(out: Output, { chain, events, signedSeq, finding }: ChainReport): string {
  const { green, red } = out.style;
  const signed = signedSeq > 0 ? `signed up to event ${signedSeq}` : "not signed yet";
  return finding
    ? `${red("✗")} ${chain}  ${finding.kind}: ${plain(finding.message)}`
    : `${green("✓")} ${chain}  ok: ${events} events, ${signed}`;
}
