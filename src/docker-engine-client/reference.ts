/** An image reference, taken apart: `registry/path/name:tag@sha256:…`. */
export interface Reference {
  repository: string;
  tag?: string;
  digest?: string;
}

export function parseReference(ref: string): Reference {
  const [named = "", digest] = ref.split("@", 2);
  // A colon before the last slash is a registry's port.
  const colon = named.lastIndexOf(":");
  const hasTag = colon > named.lastIndexOf("/");
  return {
    repository: hasTag ? named.slice(0, colon) : named,
    ...(hasTag && { tag: named.slice(colon + 1) }),
    ...(digest !== undefined && { digest }),
  };
}

/** The version a tag names, or nothing for a tag that moves, like `latest`. */
export function exactVersion({ tag = "" }: Reference): string | undefined {
  return /^v?(\d+\.\d+\.\d+(?:-[\w.]+)?)$/.exec(tag)?.[1];
}
