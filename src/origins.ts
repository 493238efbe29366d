/** Where machines are reached, by the template of their provider; `{app}` and `{host}` are the place's name. */
export interface OriginTemplates {
  /** `https://{app}.fly.dev` */
  flyAppUrl: string;
  /** `https://{host}`; a local cloud has the name in the path instead. */
  tunnelOriginUrl: string;
}

/** The origin that an agent behind a tunnel is asked under, whatever way its requests take. */
export function tunnelOrigin(host: string): string {
  return `https://${host}`;
}
