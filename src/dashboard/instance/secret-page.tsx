import type { InstanceRow } from "../../instance/projection.ts";
import type { Session } from "../../services/sessions/authenticate.ts";
import { Copyable } from "../layout/actions.tsx";
import { Frame } from "../layout/frame.tsx";
import { Moment } from "../layout/parts.tsx";
import { instancePath } from "./paths.ts";

interface SecretPageProps {
  session: Session;
  row: Pick<InstanceRow, "id" | "name" | "access">;
  kind: "address" | "link";
  url: string;
  expiresAt?: number;
}

/** One credential, because somebody asked for it. The page's own address does not hold it, and nothing keeps the page. */
export function SecretPage({ session, row, kind, url, expiresAt }: SecretPageProps) {
  const title = kind === "address" ? `Address of ${row.name}` : `Signed link to ${row.name}`;
  return (
    <Frame session={session} title={title} place="Instances">
      <div class="narrow">
        <h1>{title}</h1>
        <Copyable text={url} what={kind === "address" ? "the address" : "the link"} block />
        {expiresAt === undefined ? null : (
          <p>
            It opens the instance for whoever has it until <Moment at={expiresAt} />, and is shown this once.
            Another access, or another address, ends it earlier.
          </p>
        )}
        {kind === "address" && row.access === "link" ? (
          <p class="quiet">Whoever has it can open the instance.</p>
        ) : null}
        <p>
          {row.access === "token" ? null : (
            <>
              <a class="button" href={url} target="_blank" rel="noreferrer">
                Open in a new tab
              </a>{" "}
            </>
          )}
          <a class="button" href={instancePath(row.id)}>
            Hide it
          </a>
        </p>
      </div>
    </Frame>
  );
}
