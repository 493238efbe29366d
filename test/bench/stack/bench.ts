import type { Child } from "../child.ts";
import type { Section } from "../report.ts";
import { benchCreate, createInstance, deleteInstance } from "./create.ts";
import { benchExec } from "./exec.ts";
import { benchResume } from "./resume.ts";
import { startStack } from "./stack.ts";
import { benchWake } from "./wake.ts";

const STACK_END_MS = 30_000;

export interface StackOptions {
  parts: ("create" | "exec" | "wake")[];
  rounds: { create: number; exec: number; wake: number };
  tempDir: string;
  own: (child: Child) => Child;
}

/** What needs the whole local stack, which ends with it. */
export async function benchStack({ parts, rounds, tempDir, own }: StackOptions): Promise<Section[]> {
  const children: Child[] = [];
  const stack = await startStack(tempDir, (child) => {
    children.push(child);
    return own(child);
  });
  // Warms everything up, is what direct creates copy, and what commands run in.
  const instance = await createInstance(stack);
  const sections: Section[] = [];
  if (parts.includes("create")) {
    sections.push(await benchCreate(stack, instance, rounds.create));
  }
  if (parts.includes("exec")) {
    sections.push(await benchExec(stack, instance, rounds.exec));
  }
  if (parts.includes("wake")) {
    sections.push(await benchWake(stack, rounds.wake));
    sections.push(await benchResume(stack, rounds.wake));
  }
  await deleteInstance(stack, instance);
  // It would take part in what is measured next.
  await Promise.all(children.map((child) => child.end(STACK_END_MS)));
  return sections;
}
