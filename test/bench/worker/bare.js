/** The least a Worker in front of an origin can do; what ours is measured against. */
export default {
  fetch(request, env) {
    const url = new URL(request.url);
    return fetch(env.FLY_APP_URL + url.pathname + url.search, request);
  },
};
