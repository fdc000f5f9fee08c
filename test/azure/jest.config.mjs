import root from "../../jest.config.mjs";

/** The emulator is large and has an installation of its own, so its tests are apart: `npm run azure`. */
// biome-ignore lint/style/noDefaultExport: Jest reads it.
export default {
  ...root,
  rootDir: "../..",
  testMatch: ["<rootDir>/test/azure/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/"],
  modulePathIgnorePatterns: ["<rootDir>/dist/"],
  testTimeout: 120_000, // thousands of HTTP calls to an emulator
  maxWorkers: 1,
};
