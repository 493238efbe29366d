/** As much of OpenAPI 3.0 as is needed to hold recorded calls against a document. */
import { Ajv, type ValidateFunction } from "ajv";
import type { Exchange } from "./record.ts";

interface Schema {
  [key: string]: unknown;
}

interface Content {
  content?: Record<string, { schema?: Schema }>;
}

interface Operation {
  parameters?: { name: string; in: string }[];
  requestBody?: Content;
  responses: Record<string, Content>;
}

export interface OpenApiDocument {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

interface Found {
  template: string;
  operation: Operation;
}

export class OpenApi {
  private readonly document: OpenApiDocument;
  private readonly validators = new Map<string, ValidateFunction>();
  /** Requests must not say what the document does not know; answers may. */
  private readonly ajv = { request: newAjv(), response: newAjv() };

  constructor(document: OpenApiDocument) {
    this.document = document;
    const { schemas } = document.components;
    const open = { isClosed: false, schemas };
    const closed = { isClosed: true, schemas };
    this.ajv.response.addSchema({ $id: "api", components: { schemas: prepare(schemas, open) } });
    this.ajv.request.addSchema({ $id: "api", components: { schemas: prepare(schemas, closed) } });
  }

  readonly nameOf = (exchange: Exchange): string => {
    const found = this.find(exchange);
    return `${exchange.method.toUpperCase()} ${found?.template ?? exchange.path}`;
  };

  /** What of a call the document does not allow, one line each. */
  check(exchange: Exchange): string[] {
    const found = this.find(exchange);
    const name = this.nameOf(exchange);
    if (found === undefined) return [`${name}: no such operation`];
    const { operation } = found;
    const parameters = operation.parameters ?? [];
    const problems = exchange.query
      .filter((key) => !parameters.some((parameter) => parameter.in === "query" && parameter.name === key))
      .map((key) => `${name}: query ${key} is not known`);
    const body = schemaOf(operation.requestBody);
    if (exchange.request !== undefined) {
      problems.push(
        ...(body === undefined
          ? [`${name}: takes no body`]
          : this.validate("request", body, exchange.request).map((problem) => `${name}: request ${problem}`)),
      );
    }
    return [...problems, ...this.checkResponse(name, operation, exchange)];
  }

  private checkResponse(name: string, operation: Operation, { status, response }: Exchange): string[] {
    // Some documents declare a whole class at once.
    const declared =
      operation.responses[String(status)] ?? operation.responses[`${Math.floor(status / 100)}XX`];
    if (declared === undefined && status < 400) return [`${name}: answers ${status}, which is not declared`];
    // Some documents say nothing of refusals.
    const hasFallback = "ErrorResponse" in this.document.components.schemas;
    if (declared === undefined && !hasFallback) return [];
    const fallback: Schema = { $ref: "#/components/schemas/ErrorResponse" };
    const schema = schemaOf(declared) ?? (status >= 400 && hasFallback ? fallback : undefined);
    if (schema === undefined) {
      return response === undefined ? [] : [`${name}: answers ${status} with a body that is not declared`];
    }
    return this.validate("response", schema, response).map((problem) => `${name}: ${status} ${problem}`);
  }

  private find({ method, path }: Exchange): Found | undefined {
    for (const [template, operations] of Object.entries(this.document.paths)) {
      const pattern = new RegExp(`^${template.replace(/\{[^}]+\}/g, "[^/]+")}$`);
      const operation = operations[method];
      if (operation !== undefined && pattern.test(path)) return { template, operation };
    }
    return undefined;
  }

  private validate(kind: "request" | "response", schema: Schema, value: unknown): string[] {
    const key = `${kind} ${JSON.stringify(schema)}`;
    let validator = this.validators.get(key);
    if (validator === undefined) {
      validator = this.ajv[kind].compile(
        prepare(schema, { isClosed: kind === "request", schemas: this.document.components.schemas }),
      );
      this.validators.set(key, validator);
    }
    if (validator(value)) return [];
    return (validator.errors ?? []).map(({ instancePath, message, params }) => {
      const extra = "additionalProperty" in params ? ` (${String(params.additionalProperty)})` : "";
      return `${instancePath.replace(/\/\d+/g, "/#")} ${message}${extra}`;
    });
  }
}

function newAjv(): Ajv {
  // Documents carry words of their own ("example", "x-…") that a strict reading would refuse.
  return new Ajv({ strict: false, allErrors: true, validateFormats: false });
}

function schemaOf(holder: Content | undefined): Schema | undefined {
  const { content } = holder ?? {};
  return (content?.["application/json"] ?? content?.["*/*"])?.schema;
}

interface Preparing {
  isClosed: boolean;
  schemas: Record<string, Schema>;
}

/** References point into the added document; an `allOf` of one is that one; closed where nothing unknown may be said. */
function prepare<T>(schema: T, context: Preparing): T {
  if (Array.isArray(schema)) return schema.map((part) => prepare(part, context)) as T;
  if (typeof schema !== "object" || schema === null) return schema;
  const { allOf, ...rest } = schema as Schema;
  if (Array.isArray(allOf) && allOf.length === 1) {
    const only = prepare(allOf[0], context);
    return (rest.nullable === true ? { anyOf: [only, { type: "null" }] } : only) as T;
  }
  const merged = context.isClosed ? mergeAll(schema as Schema, context.schemas) : schema;
  const prepared = Object.fromEntries(
    Object.entries(merged).map(([key, value]) => [key, prepare(value, context)]),
  );
  if (typeof prepared.$ref === "string") return { $ref: prepared.$ref.replace(/^#/, "api#") } as T;
  const isObject = typeof prepared.properties === "object" && rest.additionalProperties === undefined;
  const closed = isObject && context.isClosed ? { ...prepared, additionalProperties: false } : prepared;
  return asNullable(closed) as T;
}

/** Parts that were each closed would refuse each other's properties: together they are one object. */
function mergeAll(schema: Schema, schemas: Record<string, Schema>): Schema {
  const { allOf, ...rest } = schema;
  if (!Array.isArray(allOf)) return schema;
  const parts = [...allOf, rest].map((part: Schema) => {
    const name = typeof part.$ref === "string" ? part.$ref.split("/").pop() : undefined;
    return mergeAll(name === undefined ? part : (schemas[name] ?? {}), schemas);
  });
  return {
    ...Object.assign({}, ...parts),
    properties: Object.assign({}, ...parts.map(({ properties }) => properties)),
    required: parts.flatMap(({ required }) => (Array.isArray(required) ? required : [])),
  };
}

/** The validator knows the word only beside a type. */
function asNullable({ nullable, ...schema }: Schema): Schema {
  if (nullable !== true) return schema;
  return "type" in schema ? { ...schema, nullable } : { anyOf: [schema, { type: "null" }] };
}
