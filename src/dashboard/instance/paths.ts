/** The address of an instance's page, or of a page or an action below it. */
export function instancePath(id: string, under = ""): string {
  return `/dashboard/instances/${id}${under === "" ? "" : `/${under}`}`;
}
