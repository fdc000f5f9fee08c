import type { LogFields, Logger } from "../../src/logger.ts";

/** One line that was logged. */
export interface LogLine {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly fields: LogFields;
  readonly message: string;
}

/** A logger that keeps what it is told. */
export class RecordingLogger implements Logger {
  readonly lines: LogLine[] = [];

  debug(fields: LogFields, message: string): void {
    this.lines.push({ level: "debug", fields, message });
  }
  info(fields: LogFields, message: string): void {
    this.lines.push({ level: "info", fields, message });
  }
  warn(fields: LogFields, message: string): void {
    this.lines.push({ level: "warn", fields, message });
  }
  error(fields: LogFields, message: string): void {
    this.lines.push({ level: "error", fields, message });
  }

  /** Lines that a person would look at. */
  get complaints(): readonly LogLine[] {
    return this.lines.filter(({ level }) => level === "warn" || level === "error");
  }

  /** The codes of all lines that have one, in order. */
  get codes(): readonly unknown[] {
    return this.lines.map(({ fields }) => fields["code"]).filter((code) => code !== undefined);
  }
}
