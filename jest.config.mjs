const compiler = {
  jsc: {
    parser: { syntax: "typescript", decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, verbatimModuleSyntax: true },
    target: "es2023",
    keepClassNames: true,
  },
  module: { type: "es6" },
  sourceMaps: "inline",
};

// Tests import the package by the names its users write; each name leads to the source instead of dist.
const publicNames = {
  "^hookwright$": "<rootDir>/src/index.ts",
  "^hookwright/testing$": "<rootDir>/src/testing/index.ts",
  "^hookwright/receivers$": "<rootDir>/receivers/index.ts",
  "^hookwright/receivers/(.*)$": "<rootDir>/receivers/$1.ts",
  "^hookwright/handlers/(.*)$": "<rootDir>/handlers/$1.ts",
  "^hookwright/(queue|store)/(.*)$": "<rootDir>/src/$1/drivers/$2.ts",
};

export default {
  testEnvironment: "node",
  extensionsToTreatAsEsm: [".ts"],
  transform: { "\\.ts$": ["@swc/jest", compiler] },
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/", "<rootDir>/test/oracles/", "<rootDir>/test/azure/"], // `npm run oracles`, `npm run azure`
  moduleNameMapper: publicNames,
  modulePathIgnorePatterns: [
    "<rootDir>/dist/",
    "<rootDir>/test/oracles/node_modules/",
    "<rootDir>/test/azure/node_modules/",
    "<rootDir>/bench/peers/node_modules/",
  ],
  testTimeout: 30_000,
  maxWorkers: 2,
  reporters: ["default", "<rootDir>/test/reporter.mjs"],
};
