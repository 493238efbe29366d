import { AppError } from "../../errors.ts";
import { type FoundEvents, searchEvents } from "../../services/audit/search.ts";
import { Frame } from "../layout/frame.tsx";
import { PageHead } from "../layout/head.tsx";
import { Pagination } from "../layout/lists.tsx";
import { Empty, Moment } from "../layout/parts.tsx";
import { type DashboardContext, newPages } from "../route.ts";
import { Events } from "./events.tsx";
import {
  type Asked,
  auditAddress,
  FilterForm,
  isAnything,
  type Mistakes,
  readAsked,
  toFilter,
} from "./filter.tsx";
import { Verify } from "./verify.tsx";

const PAGE = 50;
const NOTHING: FoundEvents = {
  events: [],
  actors: new Map(),
  instances: new Map(),
  nextCursor: null,
  searchedTo: null,
};

export const auditPages = newPages().get("/dashboard/audit", async (c) => {
  const asked = readAsked(c.req.query());
  const { filter, mistakes } = toFilter(asked);
  if (Object.keys(mistakes).length > 0) {
    return page(c, { asked, mistakes, found: NOTHING, status: 400 });
  }
  try {
    const cursor = c.req.query("cursor");
    const found = await searchEvents(c.var.ctx, filter, { limit: PAGE, cursor });
    return await page(c, { asked, mistakes, found, status: 200 });
  } catch (error) {
    if (error instanceof AppError && filter.instance !== undefined && error.status < 500) {
      return page(c, { asked, mistakes: { instance: error.message }, found: NOTHING, status: error.status });
    }
    throw error;
  }
});

interface Shown {
  asked: Asked;
  mistakes: Mistakes;
  found: FoundEvents;
  status: number;
}

function page(c: DashboardContext, { asked, mistakes, found, status }: Shown) {
  const { nextCursor, searchedTo } = found;
  const isLater = c.req.query("cursor") !== undefined;
  return c.html(
    <Frame
      session={c.var.session}
      title="Audit"
      place="Audit"
      styles={["records.css"]}
      scripts={["audit.js"]}
    >
      <PageHead
        title="Audit"
        about="Everything that was changed in this account, and by whom. Nothing here is ever edited or deleted."
      />
      <FilterForm asked={asked} mistakes={mistakes} />
      {found.events.length > 0 ? <Events found={found} /> : null}
      {found.events.length === 0 && nextCursor === null && status === 200 ? <Nothing asked={asked} /> : null}
      {searchedTo === null ? null : (
        <p class="quiet">
          Looked through everything that is newer than <Moment at={searchedTo} />; older may match, too.
        </p>
      )}
      {status === 200 ? (
        <Pagination
          shown={`${found.events.length} ${found.events.length === 1 ? "event" : "events"}, newest first`}
          first={isLater ? auditAddress(asked) : undefined}
          next={nextCursor === null ? undefined : auditAddress(asked, nextCursor)}
        />
      ) : null}
      <Verify />
    </Frame>,
    status as 200,
  );
}

function Nothing({ asked }: { asked: Asked }) {
  return isAnything(asked) ? (
    <Empty title="No event is like this">
      <p>
        <a href="/dashboard/audit">Show all</a>
      </p>
    </Empty>
  ) : (
    <Empty title="Nothing was changed yet">
      <p>Creating an instance, minting a token, running a command: it will stand here.</p>
    </Empty>
  );
}
