import root from "../../jest.config.mjs";

/** The oracles have packages of their own, so they are tested apart: `npm run oracles`. */
// biome-ignore lint/style/noDefaultExport: Jest reads it.
export default {
  ...root,
  rootDir: "../..",
  testMatch: ["<rootDir>/test/oracles/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/"],
  modulePathIgnorePatterns: ["<rootDir>/dist/"],
  maxWorkers: 1,
};
