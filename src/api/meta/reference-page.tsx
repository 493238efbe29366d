import type { OpenAPIHono } from "@hono/zod-openapi";
import { raw } from "hono/html";
import type { ApiEnv } from "../route.ts";

type Document = ReturnType<OpenAPIHono<ApiEnv>["getOpenAPI31Document"]>;

interface Operation {
  method: string;
  path: string;
  operationId: string;
  summary?: string;
  description?: string;
  tag: string;
  isPublic: boolean;
  parameters: { name: string; in: string; required?: boolean; description?: string; schema?: unknown }[];
  body?: unknown;
  responses: [status: string, { description?: string; content?: Record<string, { schema?: unknown }> }][];
}

const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#ddd, #333); --soft: light-dark(#f6f6f4, #1b1b1d); --mark: light-dark(#0b6bcb, #7cc0ff); }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1.5rem; }
nav { columns: 16rem; font-size: .9rem; padding: 1rem; background: var(--soft); border-radius: .5rem; }
nav a { display: block; } a { color: var(--mark); }
article { border-top: 1px solid var(--line); padding: 1rem 0; }
h3 code { font-size: 1rem; } h3 code, th + td, p, nav a { overflow-wrap: anywhere; } code, pre { font-family: ui-monospace, monospace; font-size: .85rem; }
pre { background: var(--soft); padding: .75rem; border-radius: .5rem; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line); }
.method { display: inline-block; min-width: 4.5rem; font-weight: 700; }
`;

/** The reference, rendered on the server: it needs no JavaScript and nothing from elsewhere. */
export function ReferencePage({ document }: { document: Document }) {
  const operations = listOperations(document);
  const tags = [...new Set(operations.map((operation) => operation.tag))];
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{document.info.title} API</title>
        <link rel="icon" href="data:," />
        <style>{raw(STYLE)}</style>
      </head>
      <body>
        <header>
          <h1>{document.info.title} API</h1>
          <p>
            {document.info.description} Version {document.info.version}. The same as data:{" "}
            <a href="/openapi.json">openapi.json</a>. Send your token as{" "}
            <code>Authorization: Bearer gn_live_…</code>.
          </p>
        </header>
        <nav aria-label="Endpoints">
          {operations.map((operation) => (
            <a href={`#${operation.operationId}`}>
              <code>{operation.method}</code> {operation.path.replace("/api", "")}
            </a>
          ))}
        </nav>
        <main>
          {tags.map((tag) => (
            <section>
              <h2>{tag}</h2>
              {operations
                .filter((operation) => operation.tag === tag)
                .map((operation) => OperationArticle({ operation }))}
            </section>
          ))}
          <h2>schemas</h2>
          {Object.entries(document.components?.schemas ?? {}).map(([name, schema]) => (
            <article id={`schema-${name}`}>
              <h3>{name}</h3>
              <pre tabindex={0}>{JSON.stringify(schema, null, 2)}</pre>
            </article>
          ))}
        </main>
      </body>
    </html>
  );
}

function OperationArticle({ operation }: { operation: Operation }) {
  return (
    <article id={operation.operationId}>
      <h3>
        <span class="method">{operation.method}</span> <code>{operation.path}</code>
      </h3>
      <p>
        {operation.summary}
        {operation.isPublic ? " (needs no token)" : ""}
        {operation.description ? `. ${operation.description}` : ""}
      </p>
      {operation.parameters.length > 0 && (
        <table>
          <tbody>
            {operation.parameters.map((parameter) => (
              <tr>
                <th scope="row">
                  <code>{parameter.name}</code>
                </th>
                <td>
                  {parameter.in}
                  {parameter.required ? ", required" : ""}
                </td>
                <td>{parameter.description}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {operation.body !== undefined && (
        <p>
          Body: <SchemaName schema={operation.body} />
        </p>
      )}
      <table>
        <tbody>
          {operation.responses.map(([status, response]) => (
            <tr>
              <th scope="row">{status}</th>
              <td>{response.description}</td>
              <td>
                <SchemaName schema={Object.values(response.content ?? {})[0]?.schema} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </article>
  );
}

function SchemaName({ schema }: { schema: unknown }) {
  const reference = (schema as { $ref?: string } | undefined)?.$ref?.split("/").at(-1);
  if (reference) {
    return <a href={`#schema-${reference}`}>{reference}</a>;
  }
  const properties = Object.keys((schema as { properties?: object } | undefined)?.properties ?? {});
  return <code>{properties.length > 0 ? `{ ${properties.join(", ")} }` : ""}</code>;
}

function listOperations(document: Document): Operation[] {
  return Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    Object.entries(item as Record<string, Record<string, never>>).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      operationId: operation.operationId ?? `${method}-${path}`,
      summary: operation.summary,
      description: operation.description,
      tag: (operation.tags as string[] | undefined)?.[0] ?? "other",
      isPublic: ((operation.security as unknown[] | undefined)?.length ?? 0) === 0,
      parameters: operation.parameters ?? [],
      body: (operation.requestBody as { content?: Record<string, { schema?: unknown }> } | undefined)
        ?.content?.["application/json"]?.schema,
      responses: Object.entries(operation.responses ?? {}),
    })),
  );
}
