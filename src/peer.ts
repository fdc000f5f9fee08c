import { ConfigurationError } from "./errors.ts";

/**
 * Loads an optional package when it is first needed.
 *
 * @throws ConfigurationError `package_missing`, naming the package to install.
 * @example const { Pool } = await loadPeer("pg", () => import("pg"));
 */
export async function loadPeer<Module>(name: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (cause) {
    if (!isMissing(cause, name)) throw cause;
    throw new ConfigurationError("package_missing", `The package "${name}" is not installed. Run: npm install ${name}`, { cause });
  }
}

/** Only the package itself: one of its own dependencies that is missing is another fault, and keeps its own message. */
function isMissing(thrown: unknown, name: string): boolean {
  const { code, message } = thrown as { readonly code?: unknown; readonly message?: unknown };
  return code === "ERR_MODULE_NOT_FOUND" && typeof message === "string" && message.includes(`'${name}'`);
}
