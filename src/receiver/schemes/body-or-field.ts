import { valuesAt } from "../source.ts";
import { unverifiedData, unverifiedKind } from "../unverified-body.ts";
import { failed } from "../verification.ts";
import type { SignedReader } from "./signed-message.ts";

/**
 * The body, or of a form the decoded text of one of its fields: for providers that sign a payload and then put it into either. A
 * receiver that uses it has the same field as `jsonField` of its body rule, so that handlers see what was signed and nothing else.
 */
export function bodyOrField(field: string): SignedReader {
  return {
    coversBody: true,
    coversUrl: false,
    read(request) {
      if (unverifiedKind(request) !== "form") return { alternatives: [[request.body]] };
      const [text] = valuesAt(unverifiedData(request), field);
      if (typeof text !== "string") return failed("signed_part_missing", `The form has no field ${field}, or more than one.`);
      return { alternatives: [[text]] };
    },
  };
}
