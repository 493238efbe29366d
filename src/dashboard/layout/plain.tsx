import type { Child } from "hono/jsx";
import { PublicFrame } from "./public-frame.tsx";

interface PlainProps {
  title: string;
  children?: Child;
}

/** A page of anybody that says or asks one thing: sign-in, an invitation, an error. It is a column that is read in one go. */
export function Plain({ title, children }: PlainProps) {
  return (
    <PublicFrame title={title}>
      <main id="content" class="narrow" tabindex={-1}>
        {children}
      </main>
    </PublicFrame>
  );
}
