/** Receivers that are not in the catalogue yet. Each goes from this list when it comes; in the end the list is empty. */
export const pending: readonly string[] = ["mercury", "whop"];
