/** The project of tests that run inside workerd. */
export const worker = { test: { name: "worker", include: ["test/worker/**/*.test.ts"] } };
