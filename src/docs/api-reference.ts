import { fieldsOf, type Schema, typeOf } from "./api-schemas.ts";

/** As much of an OpenAPI document as is written about. */
export interface ApiDocument {
  paths?: object;
  components?: { schemas?: object };
}

interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  schema?: Schema;
}
interface Content {
  content?: Record<string, { schema?: Schema }>;
}
interface Operation {
  operationId: string;
  summary?: string;
  description?: string;
  tags?: string[];
  security?: Record<string, unknown>[];
  parameters?: Parameter[];
  requestBody?: Content;
  responses?: Record<string, Content & { description?: string }>;
}
interface Endpoint extends Operation {
  method: string;
  path: string;
}

/** The reference of the REST API as Markdown, made from the description that is made from the schemas that validate. */
export function writeApiReference(document: ApiDocument): string {
  const endpoints = endpointsOf(document);
  const tags = [...new Set(endpoints.map(tagOf))];
  const schemas = Object.entries((document.components?.schemas ?? {}) as Record<string, Schema>);
  return [
    ...tags.map((tag) => writeTag(tag, endpoints)),
    "## Schemas",
    ...schemas.map(([name, schema]) => writeSchema(name, schema)),
  ].join("\n\n");
}

export function endpointsOf(document: ApiDocument): Endpoint[] {
  return Object.entries((document.paths ?? {}) as Record<string, Record<string, Operation>>).flatMap(
    ([path, operations]) =>
      Object.entries(operations).map(([method, operation]) => ({
        ...operation,
        method: method.toUpperCase(),
        path,
      })),
  );
}

const tagOf = ({ tags }: Operation) => tags?.[0] ?? "other";

function writeTag(tag: string, endpoints: readonly Endpoint[]): string {
  const own = endpoints.filter((endpoint) => tagOf(endpoint) === tag);
  return [`## ${tag[0]?.toUpperCase()}${tag.slice(1)}`, ...own.map(writeEndpoint)].join("\n\n");
}

function writeEndpoint(endpoint: Endpoint): string {
  const { method, path, operationId, summary, description, parameters = [] } = endpoint;
  const text = [summary && `${summary.replace(/[.]$/, "")}.`, description, credentialOf(endpoint)];
  const body = bodyOf(endpoint.requestBody);
  return [
    `### \`${method} ${path}\` {#${operationId}}`,
    text.filter(Boolean).join(" "),
    parameters.length > 0 &&
      table(
        ["parameter", "in", "type", ""],
        parameters.map((each) => [
          code(each.name),
          each.required ? `${each.in}, required` : each.in,
          typeOf(each.schema),
          each.description ?? each.schema?.description ?? "",
        ]),
      ),
    body && (body.$ref ? `Body: ${typeOf(body)}.` : `Body:\n\n${writeFields(body)}`),
    writeAnswers(endpoint),
    writeErrorCodes(endpoint),
  ]
    .filter(Boolean)
    .join("\n\n");
}

const isFailure = ([status]: [string, unknown]) => Number(status) >= 400;

function writeAnswers({ responses = {} }: Endpoint): string {
  const answers = Object.entries(responses).filter((answer) => !isFailure(answer));
  const rows = answers.map(([status, answer]) => [status, answer.description ?? "", describeContent(answer)]);
  return rows.length > 0 ? table(["status", "", "body"], rows) : "";
}

/** Every failure has the same body; which codes there may be is in its description. */
function writeErrorCodes({ responses = {} }: Endpoint): string {
  const codes = Object.entries(responses)
    .filter(isFailure)
    .map(
      ([status, { description = "" }]) =>
        `${status} ${[...description.matchAll(/`(\w+)`:/g)].map(([, name]) => code(name ?? "")).join(", ")}`,
    );
  return codes.length > 0 ? `[Errors](errors.md): ${codes.join("; ")}.` : "";
}

function credentialOf({ security = [] }: Operation): string {
  const names = security.flatMap((each) => Object.keys(each));
  if (names.includes("operator")) return "Needs the operator's secret.";
  return names.length === 0 ? "Needs no token." : "";
}

function bodyOf(request: Content | undefined): Schema | undefined {
  return request?.content?.["application/json"]?.schema;
}

function describeContent({ content = {} }: Content): string {
  return Object.entries(content)
    .map(([type, { schema }]) =>
      type === "application/json" ? inline(schema) : type.startsWith("text/") ? code(type) : type,
    )
    .join(", ");
}

/** What an answer holds, in a line. */
function inline(schema: Schema | undefined): string {
  const fields = Object.entries(schema?.properties ?? {});
  if (fields.length === 0) return typeOf(schema);
  return fields.map(([name, field]) => `${code(name)}: ${typeOf(field)}`).join("; ");
}

function writeSchema(name: string, schema: Schema): string {
  return [`### ${name} {#schema-${name}}`, schema.description, writeFields(schema)]
    .filter(Boolean)
    .join("\n\n");
}

function writeFields(schema: Schema): string {
  const fields = fieldsOf(schema);
  if (fields.length === 0) return `${typeOf(schema)}.`;
  return table(
    ["field", "type", ""],
    fields.map(({ name, type, isRequired, description }) => [
      code(name),
      isRequired ? type : `${type}, optional`,
      description,
    ]),
  );
}

const code = (text: string) => `\`${text}\``;

/** A table, with what would end a cell early escaped. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
  return [line(head), `|${head.map(() => "---").join("|")}|`, ...rows.map(line)].join("\n");
}
