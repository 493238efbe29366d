import type { TransferView } from "../../services/transfers/internal.ts";
import { Scroll } from "../layout/lists.tsx";
import { Moment } from "../layout/parts.tsx";

/** What became of offers, in both directions. */
export function History({ decided, accountId }: { decided: readonly TransferView[]; accountId: string }) {
  return (
    <Scroll label="Transfers of the past">
      <table class="cards">
        <caption>Newest first</caption>
        <thead>
          <tr>
            <th scope="col">Instance</th>
            <th scope="col">Direction</th>
            <th scope="col">With whom</th>
            <th scope="col">What became of it</th>
            <th scope="col">When</th>
          </tr>
        </thead>
        <tbody>
          {decided.map((transfer) => {
            const isMine = transfer.toAccount === accountId && transfer.state === "accepted";
            const isOut = transfer.fromAccount === accountId;
            return (
              <tr>
                <th scope="row">
                  {isMine ? (
                    <a href={`/dashboard/instances/${transfer.instanceId}`}>{transfer.instanceName}</a>
                  ) : (
                    transfer.instanceName
                  )}
                  <span class="under">{transfer.agentType}</span>
                </th>
                <td data-label="Direction">{isOut ? "by you" : "to you"}</td>
                <td data-label="With whom">{isOut ? transfer.receiver : transfer.fromEmail}</td>
                <td data-label="What became of it">
                  <span class={transfer.state === "accepted" ? "badge good" : "badge"}>{transfer.state}</span>
                </td>
                <td data-label="When">
                  <Moment at={transfer.decidedAt ?? transfer.expiresAt} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Scroll>
  );
}
