import { pino } from "pino";

/** Fields of one log line. Only what Hookwright's allow-list names is ever passed: no secret, signature, header or payload. */
export type LogFields = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** The part of a pino logger that Hookwright uses; any object of this shape will do. */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /** Whether lines of a level are written at all; what nobody reads is then not made. Default: they are. */
  isLevelEnabled?(level: "debug" | "info" | "warn" | "error"): boolean;
}

/** The default logger: pino, one JSON object a line on standard output, level `info`. */
export function createLogger(level: "debug" | "info" | "warn" | "error" | "silent" = "info"): Logger {
  return pino({ name: "hookwright", level });
}

/** A logger that does not throw. */
export type UnfailingLogger = Pick<Logger, "info" | "warn" | "error">;

/** The same logger, whose failure stops nobody's work: there is nowhere left to tell of it. */
export function unfailing(logger: Logger): UnfailingLogger {
  const log = (level: keyof UnfailingLogger) => (fields: LogFields, message: string) => {
    try {
      logger[level](fields, message);
    } catch {
      // what failed is what would tell of it
    }
  };
  return { info: log("info"), warn: log("warn"), error: log("error") };
}

/** A logger that writes nothing. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {}, isLevelEnabled: () => false };
