import manifest from "../../package.json" with { type: "json" };

/** The release this command belongs to. */
export const VERSION: string = manifest.version;

export const USER_AGENT = `gentity-cli/${VERSION}`;
