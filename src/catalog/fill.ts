import type { TemplateValue } from "./agent.ts";

export type Values = Readonly<Record<string, string | readonly string[]>>;

const PLACEHOLDER = /\{\{([\w.]+)\}\}/g;

function lookUp(values: Values, name: string): string | readonly string[] {
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  if (value === undefined) {
    throw new Error(`The recipe uses {{${name}}}, which does not exist`);
  }
  return value;
}

/** Replaces each placeholder once: what a value holds is never looked at again, so values cannot name placeholders. */
export function fillText(template: string, values: Values): string {
  return template.replace(PLACEHOLDER, (_, name: string) => {
    const value = lookUp(values, name);
    if (typeof value !== "string") {
      throw new Error(`{{${name}}} is a list and cannot stand inside a text`);
    }
    return value;
  });
}

export function fillRecord(template: Record<string, string>, values: Values): Record<string, string> {
  return Object.fromEntries(Object.entries(template).map(([key, text]) => [key, fillText(text, values)]));
}

/** Keys are left alone; they are the agent's own config names. */
export function fillValue(template: TemplateValue, values: Values): TemplateValue {
  if (typeof template === "string") {
    const whole = /^\{\{([\w.]+)\}\}$/.exec(template)?.[1];
    const value = whole === undefined ? fillText(template, values) : lookUp(values, whole);
    return typeof value === "string" ? value : [...value];
  }
  if (Array.isArray(template)) {
    return template.map((item) => fillValue(item, values));
  }
  if (typeof template === "object") {
    return Object.fromEntries(Object.entries(template).map(([key, item]) => [key, fillValue(item, values)]));
  }
  return template;
}

/**
 * Block mappings for people to edit, everything below them as JSON, which is YAML too. Quoting is JSON's, so that no
 * value can end its string.
 */
export function toYaml(value: TemplateValue, indent = ""): string {
  if (typeof value !== "object" || Array.isArray(value)) {
    return `${JSON.stringify(value)}\n`;
  }
  return Object.entries(value)
    .map(([key, item]) => {
      const isBlock = typeof item === "object" && !Array.isArray(item);
      return isBlock
        ? `${indent}${key}:\n${toYaml(item, `${indent}  `)}`
        : `${indent}${key}: ${toYaml(item)}`;
    })
    .join("");
}
