/** Which delivery a job is of: what its head says. */
export function deliveryIdIn(head: string): string {
  return (JSON.parse(head) as { readonly deliveryId: string }).deliveryId;
}
