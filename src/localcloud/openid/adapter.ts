/** What is under way: sign-ins, codes, tokens. In memory, and it outlives the provider object, which is made anew for new keys. */
import type { Adapter, AdapterFactory, AdapterPayload } from "oidc-provider";

interface Kept {
  payload: AdapterPayload;
  until: number;
}

export function memoryAdapters(): AdapterFactory {
  const kept = new Map<string, Kept>();
  const forgetOld = () => {
    for (const [key, { until }] of kept) if (until < Date.now()) kept.delete(key);
  };

  return (model: string): Adapter => {
    const keyOf = (id: string) => `${model}:${id}`;
    const read = (key: string) => {
      const found = kept.get(key);
      return found && found.until > Date.now() ? found.payload : undefined;
    };
    const findBy = (matches: (payload: AdapterPayload) => boolean) => {
      const ours = [...kept.keys()].filter((key) => key.startsWith(`${model}:`));
      return ours.map(read).find((payload) => payload && matches(payload));
    };
    return {
      async upsert(id, payload, expiresIn) {
        forgetOld();
        kept.set(keyOf(id), { payload, until: expiresIn ? Date.now() + expiresIn * 1000 : Infinity });
      },
      find: async (id) => read(keyOf(id)),
      findByUid: async (uid) => findBy((payload) => payload.uid === uid),
      findByUserCode: async (code) => findBy((payload) => payload.userCode === code),
      async consume(id) {
        const payload = read(keyOf(id));
        if (payload) payload.consumed = Math.floor(Date.now() / 1000);
      },
      async destroy(id) {
        kept.delete(keyOf(id));
      },
      async revokeByGrantId(grantId) {
        for (const [key, { payload }] of kept) if (payload.grantId === grantId) kept.delete(key);
      },
    };
  };
}
