import { Frame } from "../layout/frame.tsx";
import { PageHead } from "../layout/head.tsx";
import { Facts } from "../layout/lists.tsx";
import { newPages } from "../route.ts";
import { SETTINGS, SettingsNav } from "./nav.tsx";

export const settingsIndexPage = newPages().get("/dashboard/settings", (c) => {
  const { session } = c.var;
  const { account, person, role } = session;
  return c.html(
    <Frame session={session} title="Settings" place="Settings">
      <PageHead title="Settings" />
      <SettingsNav />
      <Facts
        rows={[
          ["You", person.name === null ? person.email : `${person.name} (${person.email})`],
          ["Account", account.name ?? account.email],
          ["Account's id", <code>{account.id}</code>],
          ["Your role", role],
        ]}
      />
      <ul>
        {SETTINGS.map(({ name, path, about }) => (
          <li>
            <a href={path}>{name}</a>: {about}
          </li>
        ))}
        <li>
          <a href="/dashboard/transfers">Transfers</a>: instances that were offered to you, and by you.
        </li>
      </ul>
    </Frame>,
  );
});
