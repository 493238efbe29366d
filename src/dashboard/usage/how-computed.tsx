import type { UsageOverview } from "../../services/usage/overview.ts";
import { Copyable } from "../layout/actions.tsx";
import { Scroll } from "../layout/lists.tsx";
import type { Range } from "./range.ts";

/** Where the numbers come from, and how nobody needs to believe them. */
export function HowComputed({ usage: { cards }, range }: { usage: UsageOverview; range: Range }) {
  return (
    <section>
      <h2>How this is computed</h2>
      <p>
        Usage is summed up from the periods of your instances and from nothing else, to the millisecond:
        running while the machine was started, paused while only its volume was held. The cost is an estimate
        by the vendors' list prices, and nothing is debited. Deleted instances, and those you have handed on,
        keep what they used while they were yours.
      </p>
      <p>Recompute it yourself, from the public periods, with the command line:</p>
      <Copyable
        text={`gentity usage --verify --from ${range.from} --to ${range.to}`}
        what="the command"
        block
      />
      <Scroll label="Rate cards">
        <table>
          <caption>The rate cards in force</caption>
          <thead>
            <tr>
              <th scope="col">Provider</th>
              <th scope="col">Rate card</th>
              <th scope="col">Prices read on</th>
              <th scope="col">Source</th>
            </tr>
          </thead>
          <tbody>
            {cards.map(({ provider, version, retrieved, source }) => (
              <tr>
                <th scope="row">{provider}</th>
                <td>{version}</td>
                <td>{retrieved}</td>
                <td>{source}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}
