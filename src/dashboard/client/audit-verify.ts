/** Recomputes every audit chain in this browser, with the very code that the command line does it with. */
import type { ChainReport } from "../../sdk/audit/verify.ts";
import { Audit, type AuditReport } from "../../sdk/resources/audit.ts";
import { Transport } from "../../sdk/transport.ts";

/** Reads everything with the session of this page, checks it, and writes into the dialog what was found. */
export async function verifyHere(dialog: HTMLDialogElement): Promise<void> {
  const progress = find(dialog, "#verify-progress");
  const result = find(dialog, "#verify-result");
  result.replaceChildren();
  progress.textContent = "Reading the signed heads and the published keys…";
  const audit = new Audit(new Transport({ baseUrl: location.origin }));
  const startedAt = performance.now();
  const report = await audit.verify({
    onProgress: (events) => {
      progress.textContent = `Read ${count(events, "event")}; recomputing their hashes…`;
    },
  });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const broken = report.chains.filter(({ finding }) => finding !== null);
  progress.textContent =
    broken.length === 0
      ? `✓ Everything is as it was written. Checked here in ${seconds} s.`
      : `✗ ${broken.length} of ${count(report.chains.length, "chain")} ${broken.length === 1 ? "is" : "are"} not as written.`;
  progress.className = broken.length === 0 ? "verdict good" : "verdict bad";
  result.append(...broken.map(describeFinding), describeWork(report), chainTable(report.chains));
}

function describeFinding({ chain, finding }: ChainReport): HTMLElement {
  const item = element("div", { className: "note bad" });
  const where = element("code", { textContent: chain });
  item.append(
    "In the chain ",
    where,
    `: ${finding?.message ?? ""} (${(finding?.kind ?? "").replaceAll("_", " ")}).`,
  );
  if (finding?.eventId) {
    const link = element("a", { textContent: "The event", href: `#${finding.eventId}` });
    item.append(" ", link, " stands on this page if it is among the newest.");
  }
  return item;
}

/** What was done, so that nobody has to guess what "verified" means. */
function describeWork({ chains, signed, heads, keys }: AuditReport): HTMLElement {
  const events = chains.reduce((sum, chain) => sum + chain.events, 0);
  const list = element("ul", {});
  const lines = [
    `${count(events, "event")} in ${count(chains.length, "chain")}: each is what its SHA-256 says, and follows from the one before it; none is missing in between.`,
    signed
      ? describeHeads(chains, heads, keys)
      : "Nothing is signed: the operator has set no signing key. The end of a chain could be missing without being noticed.",
  ];
  list.append(...lines.map((textContent) => element("li", { textContent })));
  return list;
}

function describeHeads(chains: readonly ChainReport[], heads: number, keys: number): string {
  if (heads === 0) {
    return "Nothing is signed yet: the ends of the chains are signed every night, and the first night is still to come.";
  }
  const held = chains.filter(({ signedSeq }) => signedSeq > 0).length;
  return `${count(heads, "signed head")}: each signature checked with ${count(keys, "published key")}, and what was signed still stands in its place. So ${held} of ${count(chains.length, "chain")} ${held === 1 ? "is" : "are"} held by a signature; what is newer is signed in the coming night.`;
}

function chainTable(chains: readonly ChainReport[]): HTMLElement {
  const details = element("details", {});
  const table = element("table", {});
  const head = table.createTHead().insertRow();
  for (const name of ["Chain", "Events", "Signed up to", "Found"]) {
    head.append(element("th", { textContent: name, scope: "col" }));
  }
  const body = table.createTBody();
  for (const { chain, events, signedSeq, finding } of chains) {
    const row = body.insertRow();
    const cells = [
      chain,
      String(events),
      signedSeq > 0 ? `event ${signedSeq}` : "not yet",
      finding?.kind ?? "nothing",
    ];
    for (const text of cells) {
      row.insertCell().textContent = text;
    }
  }
  details.append(element("summary", { textContent: "Chain by chain" }), table);
  return details;
}

function count(amount: number, what: string): string {
  return `${amount.toLocaleString("en")} ${what}${amount === 1 ? "" : "s"}`;
}

function find(root: ParentNode, selector: string): HTMLElement {
  const found = root.querySelector<HTMLElement>(selector);
  if (!found) throw new Error(`the page has no ${selector}`);
  return found;
}

function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  values: Partial<HTMLElementTagNameMap[K]>,
): HTMLElementTagNameMap[K] {
  return Object.assign(document.createElement(name), values);
}
