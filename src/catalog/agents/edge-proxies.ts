/**
 * From where forwarded requests reach an agent: loopback, and the private ranges in which a machine at Fly sees Fly's own
 * proxy (172.16.0.0/12 over IPv4, fdaa::/16 for the private network). Doubtful: the address was not measured at Fly;
 * an agent that answers `proxy_attribution_required` logs the address it saw, which then belongs here.
 */
export const EDGE_PROXIES = ["127.0.0.1", "::1", "172.16.0.0/12", "fdaa::/16"];
