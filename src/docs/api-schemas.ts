/** As much of JSON Schema as the API uses. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  required?: string[];
  description?: string;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  format?: string;
}

/** In words, with a link where it has a name. */
export function typeOf(schema: Schema | undefined): string {
  if (!schema) return "";
  const reference = schema.$ref?.split("/").at(-1);
  if (reference) return `[${reference}](#schema-${reference})`;
  const several = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (several) return several.map(typeOf).join(schema.allOf ? " and " : " or ");
  if (schema.const !== undefined) return literal(schema.const);
  if (schema.enum) return schema.enum.map(literal).join(", ");
  const types = [schema.type ?? "any"].flat();
  return types.map((type) => (type === "null" ? "null" : nameOf(type, schema))).join(" or ");
}

function nameOf(type: string, schema: Schema): string {
  if (type === "array") return `list of ${typeOf(schema.items) || "any"}`;
  if (type === "object") {
    const values = schema.additionalProperties;
    if (typeof values === "object" && !schema.properties) return `map of ${typeOf(values) || "any"}`;
    const names = Object.keys(schema.properties ?? {});
    return names.length > 0 ? `object (${names.map((name) => `\`${name}\``).join(", ")})` : "object";
  }
  const { minimum, maximum } = schema;
  // What is merely the widest that fits is no bound to tell of.
  const isBound = (bound: number | undefined) =>
    bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER;
  const bounds = [
    isBound(minimum) ? `from ${minimum}` : "",
    isBound(maximum) ? `to ${maximum}` : "",
    schema.default === undefined ? "" : `default ${literal(schema.default)}`,
  ];
  const told = bounds.filter(Boolean).join(" ");
  const name = schema.format === "date-time" ? "time" : type;
  return told === "" ? name : `${name} (${told})`;
}

const literal = (value: unknown) => `\`${JSON.stringify(value)}\``;

export interface Field {
  name: string;
  type: string;
  isRequired: boolean;
  description: string;
}

/** The fields of an object; those of objects in it and in its lists follow under dotted names. */
export function fieldsOf(schema: Schema, prefix = ""): Field[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, each]) => {
    const name = prefix + key;
    const isRequired = schema.required?.includes(key) ?? false;
    const own: Field = { name, type: shortType(each), isRequired, description: each.description ?? "" };
    const inner = objectIn(each);
    return inner ? [own, ...fieldsOf(inner.schema, `${name}${inner.mark}.`)] : [own];
  });
}

function objectIn(schema: Schema): { schema: Schema; mark: string } | undefined {
  if (schema.$ref) return undefined;
  if (schema.properties) return { schema, mark: "" };
  if (schema.items?.properties) return { schema: schema.items, mark: "[]" };
  const inner = (schema.anyOf ?? schema.oneOf)?.find((each) => each.properties);
  return inner && { schema: inner, mark: "" };
}

/** Its fields are told below it. */
function shortType(schema: Schema): string {
  return objectIn(schema) ? typeOf(schema).replaceAll(/object \([^)]*\)/g, "object") : typeOf(schema);
}
