import { relative } from "node:path";

/** Ends a test run with one line, `N passed, N failed, N skipped`, and before it names every suite that was skipped. */
export default class CountsReporter {
  #rootDir;

  constructor(globalConfig) {
    this.#rootDir = globalConfig.rootDir;
  }

  onRunComplete(_contexts, results) {
    const skipped = results.testResults.filter((suite) => suite.skipped || isWhollyPending(suite));
    const lines = skipped.map((suite) => `skipped suite: ${relative(this.#rootDir, suite.testFilePath)}`);
    lines.push(counts(results));
    // Jest may still print after this call, to stdout or stderr. On "exit" nothing can follow.
    process.once("exit", () => process.stdout.write(`${lines.join("\n")}\n`));
  }
}

function isWhollyPending(suite) {
  return suite.testResults.length > 0 && suite.testResults.every(({ status }) => status === "pending" || status === "todo");
}

/** A suite that could not run counts as one failure, so that a syntax error is never reported as "0 failed". */
function counts(results) {
  const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
  const skipped = results.numPendingTests + results.numTodoTests;
  return `${results.numPassedTests} passed, ${failed} failed, ${skipped} skipped`;
}
